"""The policy allows every use, and no action that was not used."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.least_privilege.asking import members_asked
from pipeline.least_privilege.conditions import Condition
from pipeline.least_privilege.evaluate import allows, listed, statements_of
from pipeline.least_privilege.formats import as_cloudformation, as_json, as_terraform
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.patterns import Patterns, matches
from pipeline.least_privilege.policy import MANAGED, Policy, compact, policy_of
from pipeline.least_privilege.used import Evidence, Grant, UsedFilter, used
from pipeline.least_privilege.validate import faults
from tests.front.facts import (
    ANALYST,
    BREAK_GLASS,
    PRODUCTION,
    REPORTING,
    TRUST,
    Row,
    alice,
    warehouse_of,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
VIA: Condition = ("ForAnyValue:StringEquals", "aws:CalledVia", "cloudformation.amazonaws.com")

ACTIONS = [
    action
    for prefix in ("s3", "dynamodb", "ec2", "iam", "kms")
    for action in ActionIndex.packaged().actions(prefix)
]


def evidence(reason: str = "") -> Evidence:
    return Evidence(1, NOON, NOON, "e1", {"alice": 1}, {"iam-user": 1}, reason)


def arns_of(action: str) -> st.SearchStrategy[str]:
    """ARNs of a few buckets and folders, or of a region's resources; a part of one may be open."""
    names = st.text("ab*?", min_size=1, max_size=2)
    if action.startswith("s3:"):
        return st.builds("arn:aws:s3:::{}/{}/{}".format, names, names, names)
    service = action.partition(":")[0]
    place = f"arn:aws:{service}:eu-west-1:111122223333"
    return st.builds((place + ":thing/{}").format, names)


GRANTS = st.sampled_from(ACTIONS).flatmap(
    lambda action: st.builds(
        Grant, st.just(action), arns_of(action) | st.just("*"), st.sampled_from([None, VIA])
    )
)


@given(st.lists(GRANTS, min_size=1, max_size=60, unique=True), st.integers(1, 25))
def test_every_use_is_allowed_and_no_other_action(grants: list[Grant], most: int) -> None:
    """However much is collapsed; what is wider than its use is told, and no document too long."""
    policy = policy_of({grant: evidence() for grant in grants}, most_arns=most)
    statements = statements_of(policy.documents)
    assert all(allows(statements, grant) for grant in grants)
    assert {a for s in statements for a in listed(s["Action"])} == {g.action for g in grants}
    told = {(w.action, w.resource) for w in policy.widenings}
    exact = {(grant.action, grant.resource) for grant in grants}
    allowed = {
        (a, r) for s in statements for a in listed(s["Action"]) for r in listed(s["Resource"])
    }
    assert allowed <= told | exact
    assert all(len(compact(document)) <= MANAGED for document in policy.documents)
    assert policy == policy_of({grant: evidence() for grant in reversed(grants)}, most_arns=most)


@pytest.mark.parametrize("other", ["**", "?*"])
def test_two_resources_that_take_in_each_other_do_not_both_go(other: str) -> None:
    grants = [Grant("s3:GetObject", f"arn:aws:s3:::b/{end}") for end in ("*", other)]
    (statement,) = statements_of(policy_of(dict.fromkeys(grants, evidence())).documents)
    assert statement["Resource"] == "arn:aws:s3:::b/*"


SIGNS = st.text("ab/*?:$", max_size=6) | st.sampled_from(["a${*}", "${?}/*", "${*}*", "*${$}b"])


@given(st.lists(SIGNS, max_size=8), SIGNS)
def test_patterns_are_found_by_their_ends(patterns: list[str], text: str) -> None:
    """Looking them up finds exactly those that, tried one by one as the rule says, match."""
    wild = {"*": ".*", "?": "[^*]"}

    def tried(pattern: str) -> bool:
        parts = re.split(r"(\$\{[*?$]\}|\*|\?)", pattern)
        return bool(
            re.fullmatch("".join(wild.get(p, re.escape(p)) for p in parts), text, re.DOTALL)
        )

    assert sorted(Patterns(patterns).taking_in(text)) == sorted(filter(tried, patterns))
    assert [matches(pattern, text) for pattern in patterns] == [tried(p) for p in patterns]


def test_only_what_can_name_a_resource_is_asked_for() -> None:
    """A call that works on no single resource is one shape, whatever ids its requests hold."""
    index = ActionIndex.packaged()

    def asked(source: str, name: str) -> dict[str, object]:
        return members_asked({"event_source": source, "event_name": name}, index)

    reading = asked("ec2.amazonaws.com", "DescribeInstances")
    assert [reading[k] for k in ("paths", "presences", "wants_arns", "wants_ids")] == [
        [],
        [],
        False,
        False,
    ]
    starting = asked("ec2.amazonaws.com", "RunInstances")
    assert (starting["wants_arns"], starting["wants_ids"]) == (True, True)
    put = asked("iam.amazonaws.com", "PutRolePolicy")
    assert put["paths"] == ['$."roleName"']
    assert '$."policyName"' in str(put["arn_paths"])


def test_a_condition_allows_only_under_it() -> None:
    """Called through a service only, and called directly too."""
    through = Grant("s3:GetObject", "arn:aws:s3:::b/k", VIA)
    directly = Grant("s3:GetObject", "arn:aws:s3:::b/k")
    only = statements_of(policy_of({through: evidence()}).documents)
    assert allows(only, through)
    assert not allows(only, directly)
    both = policy_of({through: evidence(), directly: evidence()})
    assert [s.get("Condition") for s in statements_of(both.documents)] == [None]
    assert allows(statements_of(both.documents), through)


def test_many_arns_become_folders_and_that_is_told() -> None:
    """Objects of one folder, then the bucket; a few are left as they are."""
    keys = {Grant("s3:GetObject", f"arn:aws:s3:::b/day/{n}"): evidence() for n in range(5)}
    few = policy_of(keys, most_arns=5)
    assert few.widenings == ()
    assert len(few.documents[0]["Statement"][0]["Resource"]) == 5
    many = policy_of(keys, most_arns=4)
    assert many.documents[0]["Statement"][0]["Resource"] == "arn:aws:s3:::b/day/*"
    assert [(w.action, w.resource) for w in many.widenings] == [
        ("s3:GetObject", "arn:aws:s3:::b/day/*")
    ]
    assert "more than 4" in many.widenings[0].reason


@pytest.mark.parametrize(
    ("action", "spellings"),
    [
        (
            "iam:GetRole",
            ("arn:aws:iam::111122223333:role/{}", "arn:aws:iam::111122223333:role/*/{}"),
        ),
        (
            "logs:DeleteLogGroup",
            (
                "arn:aws:logs:eu-west-1:111122223333:log-group:{}",
                "arn:aws:logs:eu-west-1:111122223333:log-group:{}:*",
            ),
        ),
    ],
)
def test_two_spellings_are_one_resource(action: str, spellings: tuple[str, ...]) -> None:
    """Names whose path is not told do not fill the number of ARNs twice as fast."""
    names = [f"n{n}" for n in range(5)]
    grants = {Grant(action, s.format(name)): evidence() for name in names for s in spellings}
    assert policy_of(grants, most_arns=5).widenings == ()
    assert policy_of(grants, most_arns=4).widenings != ()


def test_a_long_policy_is_several() -> None:
    """Each within IAM's limit, all of them together the whole."""
    grants = {
        Grant(action, f"arn:aws:s3:::bucket-{n}/folder/{action[3:]}"): evidence()
        for n in range(12)
        for action in ACTIONS[:40]
    }
    policy = policy_of(grants)
    assert len(policy.documents) > 1
    statements = statements_of(policy.documents)
    assert all(allows(statements, grant) for grant in grants)
    assert not [fault for d in policy.documents for fault in faults(d) if "characters" in fault]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Action": "s3:GetThing", "Resource": "*"}, "no such action"),
        ({"Action": "s3:Get*", "Resource": "*"}, "a wildcard among actions"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}, "none of the action's"),
        ({"Action": "s3:GetObject", "Resource": "arn:moon:s3:::b/k"}, "none of the action's"),
        ({"Action": [], "Resource": "*"}, "without action"),
        ({"Action": "s3:GetObject", "Resource": "*" * 7000}, "characters, IAM takes 6144"),
    ],
)
def test_a_wrong_policy_is_found(statement: dict[str, object], fault: str) -> None:
    """The validator has a hit for each thing it says; a right one has none."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    assert any(fault in found for found in faults(document))
    good = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k"}
    assert not list(faults({"Version": "2012-10-17", "Statement": [good]}))


def test_a_role_is_read_from_its_events() -> None:
    """Used, denied, unmapped and free, each where it belongs; the request decides."""
    role = {"request_parameters": json.dumps({"bucketName": "b", "key": "k", "versionId": "1"})}
    warehouse = warehouse_of(
        alice("09:00:00", "s3:GetObject", ANALYST, REPORTING, **role),
        alice("09:01:00", "s3:GetObject", ANALYST, REPORTING, **role),
        alice("09:02:00", "sts:GetCallerIdentity", ANALYST, REPORTING),
        alice("09:03:00", "s3:InventThing", ANALYST, REPORTING),
        alice("09:04:00", "iam:CreateUser", ANALYST, REPORTING, error_code="AccessDenied"),
        alice("09:05:00", "ec2:DescribeInstances", ANALYST),
    )
    uses = {use.subject: use for use in used(warehouse)}
    assert set(uses) == {ANALYST, REPORTING}
    use = uses[REPORTING]
    assert use.actions == {"s3:GetObjectVersion"}
    ((grant, seen),) = use.used.items()
    assert (grant.resource, seen.events, seen.actors) == ("arn:aws:s3:::b/k", 2, {"alice": 2})
    assert {g.action for g in use.denied} == {"iam:CreateUser"}
    assert (list(use.unmapped), use.free, use.events) == (["s3:InventThing"], 1, 5)


def test_two_users_who_name_nobody_mean_each_himself() -> None:
    """The same request, worked out once for each of them; under a role it is nobody's own."""
    ann, ben = (f"arn:aws:iam::{TRUST}:user/{name}" for name in ("team/ann", "ben"))
    warehouse = warehouse_of(
        alice("09:00:00", "iam:CreateAccessKey", user_arn=ann, actor_arn=ann),
        alice("09:01:00", "iam:CreateAccessKey", user_arn=ben, actor_arn=ben),
        alice("09:02:00", "iam:CreateAccessKey", ANALYST),
    )
    found = {use.subject: [grant.resource for grant in use.used] for use in used(warehouse)}
    account = ANALYST.split(":")[4]
    assert found == {ann: [ann], ben: [ben], ANALYST: [f"arn:aws:iam::{account}:user/*"]}


@pytest.mark.parametrize("order", [("e1", "e2", "e3"), ("e3", "e2", "e1"), ("e2", "e3", "e1")])
def test_of_one_moment_the_first_event_is_always_the_same(order: tuple[str, ...]) -> None:
    """Whatever the order in which a lake gives its rows, the least event id stands for them."""
    warehouse = warehouse_of(
        *(alice("09:00:00", "ec2:DescribeInstances", ANALYST, event_id=event) for event in order)
    )
    (use,) = used(warehouse)
    assert [(seen.event_id, seen.events) for seen in use.used.values()] == [("e1", 3)]


def test_a_shared_call_counts_once_and_a_filter_narrows() -> None:
    """Two accounts' copies of one call are one use; of another person's nothing is left."""
    copies = [
        alice("09:00:00", "kms:Encrypt", REPORTING, event_id=f"e{n}", shared_event_id="s1")
        for n in (1, 2)
    ]
    warehouse = warehouse_of(*copies)
    (use,) = used(warehouse)
    assert use.events == 1
    assert used(warehouse, UsedFilter(actor="bob")) == []
    assert used(warehouse, UsedFilter(subject="reporting*", actor="alice"))[0].events == 1
    assert used(warehouse, UsedFilter(least_evidence="direct")) == []


def test_a_service_on_behalf_keeps_the_need_under_a_condition() -> None:
    """Forward access: KMS by the service and region, others by the service."""
    warehouse = warehouse_of(
        alice("09:00:00", "kms:Decrypt", BREAK_GLASS, user_invoked_by="s3.amazonaws.com"),
        alice("09:01:00", "s3:CreateBucket", BREAK_GLASS, user_invoked_by=VIA[2]),
        alice("09:02:00", "iam:ListRoles", BREAK_GLASS, user_invoked_by="AWS Internal"),
        alice(
            "09:03:00", "ec2:RunInstances", BREAK_GLASS, user_invoked_by="autoscaling.amazonaws.com"
        ),
    )
    (use,) = used(warehouse)
    assert {g.action: g.condition for g in use.used} == {
        "kms:Decrypt": ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        "s3:CreateBucket": VIA,
        "iam:ListRoles": None,
        "ec2:RunInstances": None,  # autoscaling sets no aws:CalledVia: it would never hold
    }


def test_many_keys_are_folders_already_in_the_shapes() -> None:
    """A role that reads thousands of objects is a few rows, and the folder is told as wider."""
    events = [
        alice(
            f"09:00:{n:02}",
            "s3:GetObject",
            REPORTING,
            event_id=f"e{n}",
            request_parameters=json.dumps({"bucketName": "b", "key": f"in/{n}.csv"}),
        )
        for n in range(30)
    ]
    (use,) = used(warehouse_of(*events))
    assert {g.resource for g in use.used} == {"arn:aws:s3:::b/in/*"}
    assert policy_of(use.used).widenings[0].reason == "many keys in this folder"
    (exact,) = used(warehouse_of(*events), most_keys=30)
    assert len(exact.used) == 30


def test_formats_hold_the_same_policy() -> None:
    """JSON, Terraform with its own escapes, CloudFormation."""
    grant = Grant("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")
    policy = policy_of({grant: evidence()})
    document = json.loads(as_json(policy, "r"))
    assert document["Statement"][0]["Resource"] == grant.resource
    assert "$${aws:username}" in as_terraform(policy, "my-role")
    assert 'resource "aws_iam_policy" "my_role"' in as_terraform(policy, "my-role")
    template = json.loads(as_cloudformation(policy, "my-role"))
    assert template["Resources"]["MyRole"]["Properties"]["PolicyDocument"] == document
    two = Policy((document, document), ())
    assert len(json.loads(as_json(two, "r"))) == 2
    assert list(json.loads(as_cloudformation(two, "r"))["Resources"]) == ["R1", "R2"]
    assert PRODUCTION not in as_json(policy, "r")


def test_the_owners_copy_of_a_call_counts() -> None:
    """Of two copies of one call the resource is that of the account that owns it."""
    parameters = json.dumps({"tableName": "t"})
    shared = {"shared_event_id": "s1", "request_parameters": parameters}
    warehouse = warehouse_of(
        alice("09:00:00", "dynamodb:DescribeTable", ANALYST, event_id="caller", **shared),
        alice(
            "09:00:00",
            "dynamodb:DescribeTable",
            ANALYST,
            event_id="owner",
            user_type="AWSAccount",
            recipient_account_id=PRODUCTION,
            **shared,
        ),
    )
    (use,) = used(warehouse)
    ((grant, seen),) = use.used.items()
    assert grant.resource == f"arn:aws:dynamodb:eu-west-1:{PRODUCTION}:table/t"
    assert (seen.events, use.events) == (1, 1)


@pytest.mark.parametrize(
    ("code", "is_used"),
    [
        ("ExpiredTokenException", False),
        ("InvalidClientTokenId", False),
        ("AllAccessDisabled", False),
        ("Client.OptInRequired", False),
        ("Client.UnauthorizedOperation", False),
        ("InvalidSignatureException", False),
        ("SignatureDoesNotMatch", False),
        ("NoSuchEntityException", True),
        ("KMSInvalidSignatureException", True),
        ("InvalidCodeSignatureException", True),
        ("Client.DryRunOperation", True),
        ("AuthorizationErrorException", False),
        ("InvalidAccessKeyId", False),
        ("Client.RequestExpired", False),
        ("AuthorizationNotFound", True),
        ("InvalidNextTokenException", True),
        ("KMSAccessDeniedException", True),
        ("EC2AccessDeniedException", True),
        ("AccessDeniedForDependencyException", True),
        ("InvalidClientTokenException", True),
    ],
)
def test_what_was_refused_at_the_door_is_not_used(code: str, is_used: bool) -> None:
    """Without valid credentials or permission nothing was used; other failures passed the check."""
    (use,) = used(warehouse_of(alice("09:00:00", "ec2:StopInstances", REPORTING, error_code=code)))
    assert bool(use.used) is is_used
    assert bool(use.denied) is not is_used


@pytest.mark.parametrize(
    ("call", "code", "is_used"),
    [
        ("cognito-idp:AdminInitiateAuth", "NotAuthorizedException", True),
        ("cognito-idp:AdminInitiateAuth", "AccessDeniedException", False),
        ("kinesisvideo:GetDataEndpoint", "NotAuthorizedException", False),
        ("kms:Decrypt", "AccessDeniedException", False),
        ("metering-marketplace:ResolveCustomer", "ExpiredTokenException", True),
        ("ec2:StopInstances", "ExpiredTokenException", False),
    ],
)
def test_what_a_service_refuses_its_own_users_passed_the_check(
    call: str, code: str, is_used: bool
) -> None:
    """A wrong password of a user pool's user is no refusal of IAM's; the same code may be one."""
    (use,) = used(warehouse_of(alice("09:00:00", call, REPORTING, error_code=code)))
    assert bool(use.used) is is_used
    assert bool(use.denied) is not is_used


def test_what_is_in_a_member_of_the_request_decides_too() -> None:
    """The lake is asked for the structure of such members, so that values make no more shapes."""

    def transaction(time: str, *items: str, table: str) -> Row:
        request = {"transactItems": [{item: {"tableName": table}} for item in items]}
        name = "dynamodb:TransactWriteItems"
        return alice(time, name, REPORTING, request_parameters=json.dumps(request))

    (use,) = used(
        warehouse_of(
            transaction("09:00:00", "put", "delete", table="t"),
            transaction("09:00:01", "put", table="u"),
        )
    )
    assert use.actions == {"dynamodb:PutItem", "dynamodb:DeleteItem"}
    tagged = {"CreateFlowLogsRequest": {"TagSpecification": {"ResourceType": "vpc-flow-log"}}}
    without = {"CreateFlowLogsRequest": {"ResourceType": "VPC"}, "tagSpecificationSet": None}
    uses = [
        used(
            warehouse_of(
                alice("09:00:00", "ec2:CreateFlowLogs", REPORTING, request_parameters=parameters)
            )
        )[0].actions
        for parameters in map(json.dumps, (tagged, without))
    ]
    assert uses == [{"ec2:CreateFlowLogs", "ec2:CreateTags"}, {"ec2:CreateFlowLogs"}]
