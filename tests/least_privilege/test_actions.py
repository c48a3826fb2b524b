"""What a call needs: the known exceptions, ordinary calls, and calls that nobody knows."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from pipeline.least_privilege import Call, actions_of
from pipeline.least_privilege.actions import exceptional_actions
from pipeline.least_privilege.asking import members_asked
from pipeline.least_privilege.index import ActionIndex
from tests.least_privilege.facts import needed, possible

ROLE = "arn:aws:iam::111122223333:role/r"

CASES = Path(__file__).with_name("special_cases.csv")
"""`event_source,event_name,iam_actions,source`; `action{condition}` only under the condition."""

TOLD_LATER = {
    "lambda:GetLayerVersion",
    "lambda:PassCapacityProvider",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "secretsmanager:TagResource",
}
"""What may be needed beside what the cases say, by AWS's tables of API operations."""

CALLS = Path(__file__).with_name("mapped_calls.csv")
"""`event_source,event_name,parameters,actions,why`; actions are separated by blanks, `-` stands for
none, `?` for not known. Without parameters: what every call of the name needs."""


def cases() -> list[tuple[str, str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return [
            (row["event_source"], row["event_name"].split(" ")[0], row["iam_actions"])
            for row in csv.DictReader(file)
        ]


def wanted(text: str) -> tuple[set[str], set[str]]:
    """The actions that are always needed, and those under a condition; `kms:*` is any of kms."""
    always: set[str] = set()
    sometimes: set[str] = set()
    for item in re.findall(r"((?:[^;{]|\{[^}]*\})+)", "" if text == "(none)" else text):
        action = item.split("{")[0].split(" on ")[0].strip()
        (sometimes if "{" in item else always).add(action)
    return always, sometimes


@pytest.mark.parametrize(("event_source", "event_name", "text"), cases())
def test_every_known_exception_is_right(event_source: str, event_name: str, text: str) -> None:
    """All that is always needed is there, and nothing that is neither needed nor possible."""
    always, sometimes = wanted(text)
    needs = actions_of(Call(event_source, event_name))
    assert needs.verdict == ("mapped" if always or sometimes else "no-permission")
    got = {need.action for need in needs.needed}
    maybe = {need.action for need in needs.possible}
    assert always <= got
    assert {action for action in sometimes if not action.endswith("*")} <= got | maybe
    services = {action.split(":")[0] for action in sometimes if action.endswith("*")}
    tags = ActionIndex.packaged().tags
    known = always | sometimes | TOLD_LATER
    known |= {tags[action][0] for action in got if action in tags}
    assert {a for a in got | maybe if a.split(":")[0] not in services} <= known


def calls() -> list[tuple[str, str, str, str]]:
    with CALLS.open(encoding="utf-8", newline="") as file:
        return [
            (row["event_source"], row["event_name"], row["parameters"], row["actions"])
            for row in csv.DictReader(file)
        ]


def test_every_listed_call_needs_exactly_what_is_listed() -> None:
    """Written down from AWS's documentation, not from what the mapper says."""
    found = []
    for event_source, event_name, parameters, _ in calls():
        request = json.loads(parameters) if parameters else None
        needs = actions_of(Call(event_source, event_name, request))
        words = {"no-permission": {"-"}, "unmapped": {"?"}, "mapped": set[str]()}[needs.verdict]
        found.append({need.action for need in needs.needed} or words)
    wrong = [
        (*call, sorted(got))
        for call, got in zip(calls(), found, strict=True)
        if got != set(call[3].split())
    ]
    assert wrong == []
    assert len(found) > 400


def test_what_the_tables_lead_to_is_in_the_list_of_actions() -> None:
    """No exception and no tagging names an action that AWS does not have, in another spelling."""
    index = ActionIndex.packaged()
    actions = exceptional_actions() | {action for action, _ in index.tags.values()}
    assert [a for a in sorted(actions) if index.spelt(*a.split(":")) != a] == []


@pytest.mark.parametrize(
    ("event_source", "event_name", "action"),
    [
        ("ec2.amazonaws.com", "DescribeInstances", "ec2:DescribeInstances"),
        ("iam.amazonaws.com", "ListUsers", "iam:ListUsers"),
        ("ec2", "DescribeInstances", "ec2:DescribeInstances"),
        ("email.amazonaws.com", "SendEmail", "ses:SendEmail"),
        ("kafka.amazonaws.com", "CreateClusterV2", "kafka:CreateClusterV2"),
        ("access-analyzer.amazonaws.com", "GetFindingV2", "access-analyzer:GetFinding"),
        ("sso.amazonaws.com", "UpdateSsoConfiguration", "sso:UpdateSSOConfiguration"),
        ("signin.amazonaws.com", "CreateOAuth2Token", "signin:CreateOAuth2Token"),
        ("runtime.lex.amazonaws.com", "PostText", "lex:PostText"),
        ("lex.amazonaws.com", "CreateSlot", "lex:CreateSlot"),
        ("s3.amazonaws.com", "GetObject", "s3:GetObject"),
        ("iotdata.amazonaws.com", "Publish", "iot:Publish"),
        ("lambda.amazonaws.com", "GetPolicy20150331v2", "lambda:GetPolicy"),
        ("cloudfront.amazonaws.com", "GetDistribution2016_11_25", "cloudfront:GetDistribution"),
        ("monitoring.amazonaws.com.cn", "PutMetricAlarm", "cloudwatch:PutMetricAlarm"),
    ],
)
def test_an_ordinary_call_is_its_own_action(
    event_source: str, event_name: str, action: str
) -> None:
    """Names that end in a digit stay; case is AWS's; a revision is dropped only where it must."""
    assert needed(event_source, event_name) == [action]


@pytest.mark.parametrize(
    ("event_source", "event_name"),
    [
        ("s3.amazonaws.com", "DescribeBuckets"),
        ("nosuchservice.amazonaws.com", "GetThing"),
        ("lambda.amazonaws.com", "InvokeExecution"),
        ("s3.amazonaws.com", ""),
        ("", ""),
    ],
)
def test_what_is_not_known_is_unmapped(event_source: str, event_name: str) -> None:
    """An action is never invented."""
    needs = actions_of(Call(event_source, event_name, {}))
    assert (needs.verdict, needs.needed, needs.possible) == ("unmapped", (), ())


@pytest.mark.parametrize(
    ("event_type", "verdict"),
    [
        ("AwsServiceEvent", "no-permission"),
        ("AwsConsoleSignIn", "no-permission"),
        ("AwsCloudTrailInsight", "no-permission"),
        ("AwsConsoleAction", "unmapped"),
    ],
)
def test_only_calls_need_a_permission(event_type: str, verdict: str) -> None:
    """What a service did by itself is nobody's need; a console's action is one without a name."""
    call = Call("billingconsole.amazonaws.com", "GetBillsForBillingPeriod", {}, event_type)
    assert actions_of(call).verdict == verdict


@pytest.mark.parametrize(
    ("name", "parameters", "actions"),
    [
        ("GetObject", {"key": "a"}, ["s3:GetObject"]),
        ("GetObject", {"key": "a", "versionId": "v"}, ["s3:GetObjectVersion"]),
        ("PutObject", {"key": "a", "x-amz-acl": "private"}, ["s3:PutObject", "s3:PutObjectAcl"]),
        ("PutObject", {"x-amz-grant-read": "id=1"}, ["s3:PutObject", "s3:PutObjectAcl"]),
        ("CopyObject", {"x-amz-copy-source": "b/k"}, ["s3:PutObject", "s3:GetObject"]),
        (
            "CopyObject",
            {"x-amz-copy-source": "b/k?versionId=1", "x-amz-tagging": "a=b"},
            ["s3:PutObject", "s3:GetObjectVersion", "s3:PutObjectTagging"],
        ),
        ("DeleteObjects", {"bucketName": "b"}, ["s3:DeleteObject"]),
        (
            "DeleteObjects",
            {"delete": {"object": [{"key": "a"}, {"key": "b", "versionId": "1"}]}},
            ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        ),
    ],
)
def test_the_parameters_decide(
    name: str, parameters: dict[str, object], actions: list[str]
) -> None:
    """With the request known, exactly what it needed."""
    assert needed("s3.amazonaws.com", name, parameters) == actions


def test_partiql_is_read_by_its_verb() -> None:
    """One statement, or several in one call; without the statement any of the four."""
    one = {"statement": ' select * from "T"'}
    assert needed("dynamodb", "ExecuteStatement", one) == ["dynamodb:PartiQLSelect"]
    two = {"statements": [{"statement": "INSERT INTO T"}, {"statement": "delete from T"}]}
    both = ["dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert"]
    assert needed("dynamodb", "BatchExecuteStatement", two) == both
    assert len(needed("dynamodb", "ExecuteStatement", {})) == 4


def test_api_gateway_asks_for_verbs() -> None:
    """Two versions behind one event source, told apart by `apiId`."""
    v2 = {"apiId": "a1", "tags": {}}
    assert needed("apigateway", "CreateApi") == ["apigateway:POST"]
    assert needed("apigateway", "UpdateStage", v2) == ["apigateway:PATCH"]
    first = actions_of(Call("apigateway", "GetStage", {"restApiId": "r1"})).needed[0].member
    second = actions_of(Call("apigateway", "GetStage", v2)).needed[0].member
    assert (first, second) == (
        "path:/restapis/{restapi_id}/stages/{stage_name}",
        "path:/v2/apis/{apiId}/stages/{stageName}",
    )


def test_a_passed_role_is_needed_with_its_arn() -> None:
    """From the request, with the service that it is passed to."""
    role = "arn:aws:iam::111122223333:role/app"
    needs = actions_of(Call("lambda", "CreateFunction20150331", {"role": role})).needed
    assert [(n.action, n.resource, n.passed_to) for n in needs] == [
        ("lambda:CreateFunction", None, None),
        ("iam:PassRole", role, "lambda.amazonaws.com"),
    ]
    profile = {"iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/p"}}
    run = actions_of(Call("ec2", "RunInstances", profile)).needed
    assert [(n.action, n.resource, n.passed_to) for n in run][-1] == (
        "iam:PassRole",
        None,
        "ec2.amazonaws.com",
    )
    assert needed("ec2", "RunInstances", {"instanceType": "t3.micro"}) == ["ec2:RunInstances"]


@pytest.mark.parametrize(
    ("event_source", "event_name", "parameters", "principals"),
    [
        (
            "config",
            "PutRemediationConfigurations",
            {
                "remediationConfigurations": [
                    {"parameters": {"AutomationAssumeRole": {"staticValue": {"values": [ROLE]}}}}
                ]
            },
            ["ssm.amazonaws.com"],
        ),
        (
            "config",
            "PutConfigurationRecorder",
            {"configurationRecorder": {"roleARN": ROLE}},
            ["config.amazonaws.com"],
        ),
        (
            "backup",
            "CreateRestoreTestingSelection",
            {"restoreTestingSelection": {"iamRoleArn": ROLE}},
            ["restore-testing.backup.amazonaws.com"],
        ),
        (
            "backup",
            "StartScanJob",
            {"iamRoleArn": ROLE, "scannerRoleArn": ROLE},
            ["backup.amazonaws.com", "malware-protection.guardduty.amazonaws.com"],
        ),
    ],
)
def test_a_role_is_passed_to_the_service_that_takes_it(
    event_source: str, event_name: str, parameters: dict[str, object], principals: list[str]
) -> None:
    """Not always the service that is called (service authorization reference, API operations)."""
    needs = actions_of(Call(event_source, event_name, parameters)).needed
    assert [n.passed_to for n in needs if n.action == "iam:PassRole"] == principals


def test_a_value_that_decides_is_asked_for() -> None:
    """Of a policy of CloudWatch Logs its type, not only whether one is there."""
    row = {"event_source": "logs", "event_name": "PutAccountPolicy"}
    asked = members_asked(row, ActionIndex.packaged())
    assert '$."policyType"' in asked["paths"]
    assert '$."policyType"' not in asked["presences"]


def test_a_role_in_a_list_and_an_optional_one() -> None:
    """EC2 wraps lists in `items`; without the role nothing is passed; without a request, maybe."""
    role = "arn:aws:iam::111122223333:role/r"
    targets = {"targets": [{"id": "1"}, {"id": "2", "roleArn": role}]}
    assert needed("events", "PutTargets", targets) == ["events:PutTargets", "iam:PassRole"]
    assert needed("events", "PutTargets", {"targets": [{"id": "1"}]}) == ["events:PutTargets"]
    assert needed("events", "PutTargets") == ["events:PutTargets"]
    assert possible("events", "PutTargets") == ["iam:PassRole"]


def test_the_index_says_its_day_and_knows_its_actions() -> None:
    """What the tables of this package name is in it."""
    index = ActionIndex.packaged()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", index.date)
    assert len(index.prefixes) > 400
    assert index.spelt("s3", "getbucketcors") == "s3:GetBucketCORS"
    assert index.spelt("s3", "DescribeBuckets") is None
    assert index.level("iam:CreateUser") == "Write"
    assert "iam:PassRole" in index.permission_only
    assert "s3:GetObject" not in index.permission_only
    for action in index.pass_role:
        prefix, _, name = action.partition(":")
        assert index.spelt(prefix, name) == action
