"""ARNs, URLs, accounts and names in a request: whose the resource is, and that none is lost."""

from __future__ import annotations

import pytest

from pipeline.least_privilege import Call, actions_of
from pipeline.least_privilege.actions import Need
from pipeline.least_privilege.filling import Kind, holders
from pipeline.least_privilege.holders import OF_OTHERS
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.naming import Request
from pipeline.least_privilege.resources import TOGETHER, resources_of
from pipeline.least_privilege.templates import closest, filled, variables
from tests.least_privilege.asked import HERE, OTHER, OWN, first


def test_arns_about_something_else_are_not_used() -> None:
    """The function that may call is not the one whose policy was changed; nor is who is simulated
    what is simulated.
    """
    own, other = (f"arn:aws:lambda:{OWN}:function:{name}" for name in ("f", "caller"))
    assert list(first("lambda:AddPermission", {"functionName": "f", "sourceArn": other})) == [own]
    user, role = "arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:role/r"
    asked: dict[str, object] = {"policySourceArn": user, "resourceArns": [role], "callerArn": role}
    assert list(first("iam:SimulatePrincipalPolicy", asked)) == [user]


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        (
            "ssm:GetParameters",
            {"names": [f"arn:aws:ssm:{OTHER}:parameter/shared", "/own", "c:3"]},
            [f"ssm:{OWN}:parameter/c", f"ssm:{OWN}:parameter/own", f"ssm:{OTHER}:parameter/shared"],
        ),
        (
            "ecs:DescribeServices",
            {"cluster": "c", "services": ["a", f"arn:aws:ecs:{OWN}:service/c/b"]},
            [f"ecs:{OWN}:service/c/a", f"ecs:{OWN}:service/c/b"],
        ),
        (
            "logs:StartQuery",
            {"logGroupIdentifiers": [f"arn:aws:logs:{OTHER}:log-group:/x", "/y"]},
            [
                f"logs:{OWN}:log-group:/y",
                f"logs:{OWN}:log-group:/y:*",
                f"logs:{OTHER}:log-group:/x",
                f"logs:{OTHER}:log-group:/x:*",
            ],
        ),
    ],
)
def test_names_beside_arns_count_too(
    call: str, parameters: dict[str, object], expected: list[str]
) -> None:
    """One list may hold both; each is used."""
    assert list(first(call, parameters)) == sorted(f"arn:aws:{arn}" for arn in expected)


def test_names_beside_arns_count_for_the_second_action_too() -> None:
    """Where an exception says which member has them."""
    parameters = {"secretIdList": [f"arn:aws:secretsmanager:{OTHER}:secret:s-AbCdEf", "own"]}
    call = Call("secretsmanager", "BatchGetSecretValue", parameters)
    (need,) = (n for n in actions_of(call).needed if n.action.endswith(":GetSecretValue"))
    assert [resource.arn for resource in resources_of(need, Request(HERE, parameters))] == [
        f"arn:aws:secretsmanager:{OWN}:secret:own-??????",
        f"arn:aws:secretsmanager:{OTHER}:secret:s-AbCdEf",
    ]


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        (
            "rds:CopyDBSnapshot",
            {
                "sourceDBSnapshotIdentifier": f"arn:aws:rds:{OTHER}:snapshot:a",
                "targetDBSnapshotIdentifier": "b",
            },
            [f"rds:{OWN}:snapshot:b", f"rds:{OTHER}:snapshot:a"],
        ),
        (
            "elasticache:CopySnapshot",
            {"sourceSnapshotName": "a", "targetSnapshotName": "b"},
            [f"elasticache:{OWN}:snapshot:a", f"elasticache:{OWN}:snapshot:b"],
        ),
        (
            "dynamodb:RestoreTableToPointInTime",
            {"sourceTableArn": f"arn:aws:dynamodb:{OTHER}:table/a", "targetTableName": "b"},
            [f"dynamodb:{OWN}:table/b", f"dynamodb:{OTHER}:table/a"],
        ),
        (
            "redshift:CopyClusterSnapshot",
            {
                "sourceSnapshotClusterIdentifier": "c",
                "sourceSnapshotIdentifier": "a",
                "targetSnapshotIdentifier": "b",
            },
            [
                f"redshift:{OWN}:cluster:c",
                f"redshift:{OWN}:snapshot:c/a",
                f"redshift:{OWN}:snapshot:c/b",
            ],
        ),
    ],
)
def test_a_copy_needs_what_is_copied_and_what_comes_of_it(
    call: str, parameters: dict[str, object], expected: list[str]
) -> None:
    """Whether the request has their ARNs or their names."""
    assert [arn for arn in first(call, parameters) if "*" not in arn] == [
        f"arn:aws:{arn}" for arn in expected
    ]


def test_names_beside_arns_of_the_record_count_too() -> None:
    """What the record lists is not built a second time, and what it does not list is."""
    listed = f"arn:aws:ssm:{OTHER}:parameter/a"
    assert list(first("ssm:GetParameters", {"names": [listed, "b"]}, listed)) == [
        f"arn:aws:ssm:{OWN}:parameter/b",
        listed,
    ]
    secret = f"arn:aws:secretsmanager:{OWN}:secret:s-AbCdEf"
    assert list(first("secretsmanager:GetSecretValue", {"secretId": "s"}, secret)) == [secret]


def test_a_name_beside_an_arn_that_stands_elsewhere_is_of_something_else() -> None:
    """`name` of StartExecution names the execution, not a second state machine."""
    machine = f"arn:aws:states:{OTHER}:stateMachine:m"
    assert list(first("states:StartExecution", {"stateMachineArn": machine, "name": "x"})) == [
        machine
    ]


def test_of_two_lists_only_what_can_go_together_goes() -> None:
    """ARNs say it themselves; of names all pairs are allowed, and that is told as wider."""
    clusters = [f"arn:aws:ecs:{OWN}:cluster/c1", f"arn:aws:ecs:{OTHER}:cluster/c2"]
    services = [f"arn:aws:ecs:{OWN}:service/c1/a", f"arn:aws:ecs:{OTHER}:service/c2/b"]
    told_apart = first("ecs:DescribeServices", {"clusters": clusters, "services": services})
    assert told_apart == dict.fromkeys(services, "")
    named = first("ecs:DescribeServices", {"clusters": ["c1", "c2"], "services": ["a", "b"]})
    assert named == {
        f"arn:aws:ecs:{OWN}:service/{c}/{s}": TOGETHER for c in ("c1", "c2") for s in "ab"
    }


def test_what_a_request_names_with_its_version_is_asked_for_with_and_without() -> None:
    """Lambda asks IAM for the one or the other, by the operation."""
    qualified = [f"arn:aws:lambda:{OWN}:function:f", f"arn:aws:lambda:{OWN}:function:f:PROD"]
    for parameters in (
        {"functionName": "f:PROD"},
        {"functionName": "f", "qualifier": "PROD"},
        {"functionName": f"arn:aws:lambda:{OWN}:function:f:PROD"},
        {"functionName": f"arn:aws:lambda:{OWN}:function:f", "qualifier": "PROD"},
    ):
        assert list(first("lambda:Invoke", dict(parameters))) == qualified
        assert list(first("lambda:Invoke", dict(parameters), qualified[0])) == qualified


def test_a_launch_template_by_name_is_open() -> None:
    """Its ARN has the id; by id it is exact, and without a template there is none."""

    def templates(parameters: dict[str, object], *ids: str) -> dict[str, str]:
        found = first("ec2:RunInstances", parameters, ids=ids)
        return {arn: why for arn, why in found.items() if ":launch-template/" in arn}

    (open_one,) = templates({"launchTemplate": {"launchTemplateName": "n"}}).items()
    assert open_one[0] == f"arn:aws:ec2:{OWN}:launch-template/*"
    assert "name" in open_one[1]
    by_id: dict[str, object] = {"launchTemplate": {"launchTemplateId": "lt-01234567"}}
    assert list(templates(by_id, "lt-01234567")) == [
        f"arn:aws:ec2:{OWN}:launch-template/lt-01234567"
    ]
    assert templates({}) == {}


def test_a_key_pair_is_a_resource_of_starting_an_instance() -> None:
    """By its name, wherever EC2 writes it."""
    for parameters in ({"keyName": "k"}, {"instancesSet": {"items": [{"keyName": "k"}]}}):
        found = first("ec2:RunInstances", dict(parameters), ids=("ami-01234567",))
        assert f"arn:aws:ec2:{OWN}:key-pair/k" in found


INDEX = ActionIndex.packaged()

OWN_WAYS = {"apigateway", "ec2", "iam", "kms", "lambda", "logs", "secretsmanager", "dataexchange"}
"""Services that ask for another form beside the ARN, or for none of the request's."""


def test_every_arn_in_a_member_for_its_type_is_a_resource() -> None:
    """Of all actions: put into any member that may name the type, it stands as it is, and alone."""
    tried = 0
    for prefix in INDEX.prefixes - OWN_WAYS:
        for action in INDEX.actions(prefix):
            for kind, template in INDEX.templates(action):
                if template == "*":
                    continue
                values = {v: f"{v.lower()}1" for v in variables(template)}
                place = {"Partition": "aws", "Region": "us-east-2", "Account": "222222222222"}
                arn = filled(template, {**place, **values}).replace("*", "any1")
                paths = Kind(action, kind.name, template)
                every = {
                    part
                    for v in variables(template)
                    for path in holders(paths, v, INDEX)
                    for part in path.split("&")
                }
                named = every | {*INDEX.members.get(action, {}).get("", ())}
                for path in named.difference(OF_OTHERS.get(action, ())):
                    request = Request(HERE, {"beside": "", **nested(path, arn)})
                    found = [r.arn for r in resources_of(Need(action), request)]
                    assert arn in found, (action, path, arn, found)
                    of_type = [f for f in found if closest(f, [template]) and "*" not in f]
                    assert of_type == [arn], (action, path, found)
                    tried += 1
    assert tried > 10_000


def nested(path: str, text: str) -> dict[str, object]:
    """A request with a text at a path."""
    name, _, rest = path.partition(".")
    return {name: nested(rest, text) if rest else text}
