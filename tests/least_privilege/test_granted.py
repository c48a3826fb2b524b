"""Granted against used: used, unused, not observable, not granted; and what limits a grant."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.errors import SourceError
from pipeline.least_privilege.compare import Compared, compare, read_last_accessed
from pipeline.least_privilege.coverage import coverage_of
from pipeline.least_privilege.danger import danger_of
from pipeline.least_privilege.granted import NamedPolicy, Principal, granted_actions, read_granted
from pipeline.least_privilege.observable import Coverage, hidden, is_data_action
from pipeline.least_privilege.used import Evidence, Grant, Use
from tests.front.facts import REPORTING, alice, warehouse_of

ROLE = "arn:aws:iam::111122223333:role/app/Worker"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def allow(*actions: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str = "*", **more: object) -> dict[str, object]:
    return allow(*actions, resource=resource, **more) | {"Effect": "Deny"}


def policy(*statements: dict[str, object], name: str = "p") -> NamedPolicy:
    return NamedPolicy(name, {"Version": "2012-10-17", "Statement": list(statements)})


def granted(*statements: dict[str, object], boundary: NamedPolicy | None = None) -> Principal:
    return Principal(ROLE, (policy(*statements),), boundary)


def used(*actions: str) -> Use:
    one = Evidence(3, NOON, NOON, "e1", {"alice": 3}, {"iam-user": 3})
    return Use(ROLE, {Grant(action, "*"): one.copy() for action in actions})


def states(rows: list[Compared]) -> dict[str, str]:
    return {row.action: row.mark for row in rows}


def test_the_four_states() -> None:
    """As CloudTracker's marks: used, unused, not observable, used but not granted."""
    principal = granted(allow("ec2:StartInstances", "ec2:StopInstances", "iam:PassRole"))
    rows = compare(principal, used("ec2:StartInstances", "sqs:SendMessage"), Coverage())
    assert states(rows) == {
        "ec2:StartInstances": " ",
        "ec2:StopInstances": "-",
        "iam:PassRole": "?",
        "sqs:SendMessage": "+",
    }
    start = next(row for row in rows if row.mark == " ")
    assert start.evidence is not None
    assert (start.evidence.events, start.policies) == (3, ("p",))


def test_dangerous_and_unused_comes_first() -> None:
    """Privilege escalation, data, cover, exposure, then the rest."""
    principal = granted(
        allow(
            "ec2:DescribeInstances",
            "cloudtrail:StopLogging",
            "iam:CreateAccessKey",
            "secretsmanager:GetSecretValue",
            "s3:PutBucketAcl",
        )
    )
    rows = compare(principal, None, Coverage())
    assert [row.danger for row in rows] == ["privilege escalation", "data", "cover", "exposure", ""]


@pytest.mark.parametrize(
    ("action", "services", "words"),
    [
        ("s3:GetObject", (), "data events of s3 are not in the lake"),
        ("s3:GetObject", ("s3",), ""),
        ("s3:PutBucketPolicy", (), ""),
        ("s3:PutEncryptionConfiguration", (), ""),
        ("dynamodb:Scan", ("s3",), "data events of dynamodb"),
        ("iam:PassRole", ("s3",), "never an event"),
        ("logs:PutLogEvents", ("logs",), "does not record it"),
        ("kafka-cluster:Connect", (), "permission only"),
        ("apigateway:GET", (), ""),
        ("ec2:StopInstances", (), ""),
    ],
)
def test_what_the_lake_could_not_have_seen(
    action: str, services: tuple[str, ...], words: str
) -> None:
    """Only what would have been seen is called unused."""
    reason = hidden(action, Coverage(data_services=frozenset(services)))
    assert (words in reason) if words else reason == ""


def test_objects_of_s3_do_not_show_those_of_its_relatives() -> None:
    """S3 on Outposts and directory buckets have data events of their own, or none in the lake."""
    row = alice("09:00:00", "s3:GetObject", REPORTING, event_category="Data")
    coverage = coverage_of(warehouse_of(row))
    assert coverage.data_services == {"s3"}


def test_data_actions_are_patterns_of_their_service() -> None:
    """A bucket's settings are management events; its objects are data."""
    assert is_data_action("s3:DeleteObjectVersion")
    assert not is_data_action("s3:GetBucketPolicy")
    assert not is_data_action("ec2:RunInstances")


def test_wildcards_are_expanded() -> None:
    """`*`, `?`, NotAction, in any case; what is no action is nobody's."""
    found = granted_actions(granted(allow("SQS:send*", "sns:Publis?", "sqs:NoSuchThing")))
    assert set(found) == {"sqs:SendMessage", "sns:Publish"}
    everything = granted_actions(granted(allow("*")))
    assert {"iam:CreateUser", "s3:GetObject"} <= set(everything)
    all_but = granted_actions(granted({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}))
    assert "iam:CreateUser" not in all_but
    assert len(everything) - len(all_but) > 100


def test_a_deny_takes_away_or_is_noted() -> None:
    """Of all resources without condition: away. In part: noted beside it."""
    principal = granted(
        allow("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        deny("s3:DeleteObject"),
        deny("s3:PutObject", resource="arn:aws:s3:::secret/*"),
    )
    found = granted_actions(principal)
    assert found["s3:DeleteObject"].is_denied
    assert not found["s3:PutObject"].is_denied
    assert found["s3:PutObject"].limits == {"denied in part by p"}
    assert found["s3:GetObject"].limits == set()
    rows = compare(principal, None, Coverage(data_services=frozenset({"s3"})))
    denied = next(row for row in rows if row.action == "s3:DeleteObject")
    assert (denied.mark, denied.reason) == ("-", "denied anyway")


def test_a_boundary_and_a_condition_are_noted() -> None:
    """Outside the boundary is outside; a condition is told in words."""
    boundary = policy(allow("s3:*"), allow("sqs:*", resource="arn:aws:sqs:*:*:q"), name="edge")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    found = granted_actions(
        granted(
            allow("s3:ListAllMyBuckets", "ec2:RunInstances", "sqs:SendMessage", Condition=mfa),
            boundary=boundary,
        )
    )
    assert found["ec2:RunInstances"].is_denied
    assert "outside the boundary edge" in found["ec2:RunInstances"].limits
    assert "in part outside the boundary edge" in found["sqs:SendMessage"].limits
    assert found["s3:ListAllMyBuckets"].limits == {"only if Bool aws:MultiFactorAuthPresent true"}


def test_last_accessed_is_a_second_witness(tmp_path: Path) -> None:
    """AWS saw it tried outside the window: keep it."""
    file = tmp_path / "last.json"
    service = {
        "ServiceNamespace": "ec2",
        "TrackedActionsLastAccessed": [
            {"ActionName": "StopInstances", "LastAccessedTime": "2026-03-01T00:00:00Z"},
            {"ActionName": "RunInstances"},
        ],
    }
    file.write_text(json.dumps({"ServicesLastAccessed": [service]}))
    principal = granted(allow("ec2:StopInstances", "ec2:RunInstances"))
    rows = compare(principal, None, Coverage(), read_last_accessed(file))
    assert states(rows) == {"ec2:StopInstances": " ", "ec2:RunInstances": "-"}
    stop = next(row for row in rows if row.action == "ec2:StopInstances")
    assert "2026-03-01: keep" in stop.reason
    file.write_text("{}")
    with pytest.raises(SourceError, match="ACTION_LEVEL"):
        read_last_accessed(file)


def test_details_of_an_account_are_read(tmp_path: Path) -> None:
    """Inline and attached policies, of groups too, default versions, raw URL-encoded documents.

    A policy whose document is not given is named.
    """
    document = {"Version": "2012-10-17", "Statement": [allow("sqs:SendMessage")]}
    old = {"Version": "2012-10-17", "Statement": [allow("iam:*")]}
    managed = "arn:aws:iam::111122223333:policy/m"
    details = {
        "RoleDetailList": [
            {
                "Arn": ROLE,
                "RoleName": "Worker",
                "RolePolicyList": [
                    {"PolicyName": "in", "PolicyDocument": quote(json.dumps(document))}
                ],
                "AttachedManagedPolicies": [
                    {"PolicyName": "m", "PolicyArn": managed},
                    {"PolicyName": "gone", "PolicyArn": "arn:aws:iam::aws:policy/gone"},
                ],
            }
        ],
        "UserDetailList": [
            {"Arn": "arn:aws:iam::111122223333:user/u", "UserName": "u", "GroupList": ["g"]}
        ],
        "GroupDetailList": [
            {
                "Arn": "arn:aws:iam::111122223333:group/g",
                "GroupName": "g",
                "GroupPolicyList": [{"PolicyName": "gp", "PolicyDocument": document}],
            }
        ],
        "Policies": [
            {
                "Arn": managed,
                "PolicyVersionList": [
                    {"Document": old, "IsDefaultVersion": False},
                    {
                        "Document": {"Statement": allow("sns:Publish")},
                        "IsDefaultVersion": True,
                    },
                ],
            }
        ],
    }
    file = tmp_path / "details.json"
    file.write_text(json.dumps(details))
    role, user = read_granted([file])
    assert set(granted_actions(role)) == {"sqs:SendMessage", "sns:Publish"}
    assert role.unknown == ("gone",)
    assert granted_actions(user)["sqs:SendMessage"].policies == {"group g: gp"}


@pytest.mark.parametrize("text", ["[1]", "{}", "not json", '{"Roles": []}'])
def test_what_is_neither_details_nor_a_policy_is_said(tmp_path: Path, text: str) -> None:
    """With the file's name, and what to give."""
    file = tmp_path / "wrong.json"
    file.write_text(text)
    with pytest.raises(SourceError, match=r"JSON|neither") as error:
        read_granted([file])
    assert "wrong.json" in str(error.value)
    with pytest.raises(SourceError, match="cannot be read"):
        read_granted([tmp_path / "missing.json"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"RoleDetailList": "x"}', "RoleDetailList"),
        ('{"RoleDetailList": [{"RoleName": "a"}]}', "Arn"),
        ('{"Statement": ["x"]}', "Statement"),
        ('{"Statement": {"Effect": "allow", "Action": "s3:*"}}', "allow"),
        (
            '{"RoleDetailList": [{"Arn": "a", "RolePolicyList": [{"PolicyName": "p", '
            '"PolicyDocument": "%7Bnot json"}]}]}',
            "A policy is not as IAM writes it",
        ),
        ('{"RoleDetailList": [], "IsTruncated": true}', "one page of several"),
        ('{"RoleDetailList": [], "NextToken": "x"}', "one page of several"),
    ],
)
def test_what_is_not_as_iam_writes_it_is_said(tmp_path: Path, text: str, said: str) -> None:
    """By its place; half of the policies would make a wrong answer."""
    file = tmp_path / "wrong.json"
    file.write_text(text)
    with pytest.raises(SourceError) as error:
        read_granted([file])
    assert said in str(error.value)


def test_a_bare_boolean_in_a_condition_is_taken_as_written() -> None:
    """IAM takes `true` and a number for their texts."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": True}, "NumericLessThan": {"k": 5}}
    found = granted_actions(granted(allow("sqs:SendMessage", Condition=condition)))
    assert found["sqs:SendMessage"].limits == {
        "only if Bool aws:MultiFactorAuthPresent true",
        "only if NumericLessThan k 5",
    }


def test_danger_is_told_apart() -> None:
    """By list, then by AWS's own access level."""
    assert danger_of("ec2:DescribeInstances") == ""
    assert danger_of("s3:PutBucketPolicy") == "exposure"
    assert danger_of("iam:PassRole") == "privilege escalation"


@pytest.mark.parametrize(
    ("action", "coverage", "words"),
    [
        ("ec2:StopInstances", Coverage(is_known=False), "trail of its account is not in the lake"),
        ("ec2:DescribeVpcs", Coverage(has_reads=False), "no reading call of this account"),
        ("ec2:StopInstances", Coverage(has_reads=False), ""),
        ("kms:Decrypt", Coverage(silent=frozenset({"kms"})), "trails often leave it out"),
        ("kms:Decrypt", Coverage(), ""),
    ],
)
def test_the_trail_of_the_account_decides(action: str, coverage: Coverage, words: str) -> None:
    """No events, no reads, or a service left out: then nobody can say that it is unused."""
    reason = hidden(action, coverage)
    assert (words in reason) if words else reason == ""
