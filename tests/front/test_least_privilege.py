"""`least-privilege` and `iam-actions` as a person runs them, on the samples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.least_privilege.danger import _LISTS
from pipeline.least_privilege.index import ActionIndex
from tests.front.golden import assert_golden
from tests.front.terminal import Ran, rolecall
from tests.ingest.records import record, records_file, write

EXPORT = "arn:aws:iam::300000000003:role/DataExportRole"


def least_privilege(lake: Path, *words: str) -> Ran:
    return rolecall("least-privilege", "--lake", lake, *words)


def test_the_policy_stands_alone_on_stdout(lake: Path) -> None:
    """It pipes; what has to be known of it is on stderr; the same again, byte for byte."""
    ran = least_privilege(lake, "SecurityBreakGlassRole")
    assert ran.exit_code == 0
    assert_golden("least-privilege.json", ran.stdout)
    assert json.loads(ran.stdout)["Version"] == "2012-10-17"
    assert "note: left out, as it was denied: organizations:AttachPolicy" in ran.stderr
    assert "less than 90 days" in ran.stderr
    assert least_privilege(lake, "SecurityBreakGlassRole").stdout == ran.stdout


def test_why_each_action_is_in(lake: Path) -> None:
    """How often, when, by whom, an event."""
    ran = least_privilege(lake, "SecurityBreakGlassRole", "--explain", "--format", "json")
    (first, *_) = json.loads(ran.stdout)["tables"]["used"]
    assert first["by"] == ["alice ×1"]
    assert first["event_id"]


def test_an_action_that_is_in_the_policy_is_not_called_left_out(tmp_path: Path) -> None:
    """It was denied once, and allowed another time."""
    denied = record(2, errorCode="AccessDenied")
    trail = write(tmp_path / "trail.json", records_file(record(1), denied))
    assert rolecall("ingest", trail, "--lake", tmp_path / "lake").exit_code == 0
    ran = least_privilege(tmp_path / "lake", "alice")
    assert "left out" not in ran.stderr
    assert (
        "denied at times, and in the policy as far as it was allowed: s3:ListAllMyBuckets"
        in ran.stderr
    )
    assert "of account 111122223333 in less than a day (2026-" in ran.stderr
    assert "1 region;" in ran.stderr


def test_of_one_person_only(lake: Path) -> None:
    """Somebody who never wore it used nothing of it."""
    assert least_privilege(lake, "DataExportRole", "--person", "mallory").exit_code == 0
    ran = least_privilege(lake, "DataExportRole", "--person", "alice")
    assert ran.exit_code == 1
    assert (
        "Nothing in the lake was done as DataExportRole with --person alice. Without that there is "
        "use of it." in ran.stderr
    )
    assert "Alike" not in ran.stderr


def test_granted_against_used(lake: Path, tmp_path: Path) -> None:
    """One role action by action, then all roles; findings stop a pipeline."""
    statement = {"Effect": "Allow", "Action": ["s3:Get*", "iam:CreateUser"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    bare = tmp_path / "policy.json"
    bare.write_text(json.dumps(policy))
    ran = least_privilege(lake, "DataExportRole", "--granted", str(bare), "--format", "json")
    rows = {row["action"]: row for row in json.loads(ran.stdout)["tables"]["actions"]}
    assert rows["s3:GetObject"]["mark"] == " "
    assert rows["dynamodb:Scan"]["mark"] == "+"
    assert rows["s3:GetBucketPolicy"]["mark"] == "-"
    ran = least_privilege(lake, "--granted", str(bare))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "give ROLE, too" in ran.stderr
    role = {"Arn": EXPORT, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy}]}
    details = tmp_path / "details.json"
    details.write_text(json.dumps({"RoleDetailList": [role]}))
    ran = least_privilege(lake, "--granted", str(details), "--format", "json")
    (first, *_) = json.loads(ran.stdout)["tables"]["roles"]
    assert first["subject"] == EXPORT
    assert first["unused"] > first["used"]
    stopped = least_privilege(lake, "--granted", str(details), "--fail-on", "low")
    assert stopped.exit_code == 3
    other = least_privilege(lake, "SupportRole", "--granted", str(details))
    assert other.exit_code == 1
    assert "do not hold" in other.stderr


def test_all_roles(lake: Path) -> None:
    """Ranked, for people."""
    ran = least_privilege(lake)
    assert_golden("samples-least-privilege.txt", ran.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("NoSuchRole",), "Nothing in the lake was done as NoSuchRole"),
        (("DataExportRol",), "Alike: arn:aws:iam::300000000003:role/DataExportRole"),
        (("--permission-set", "Nothing"), "permission set Nothing"),
    ],
)
def test_a_name_that_is_not_there(lake: Path, words: tuple[str, ...], said: str) -> None:
    """Exit code 1, and what is alike."""
    ran = least_privilege(lake, *words)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("DataExportRole", "--format", "yaml"), "json, terraform, cloudformation"),
        (("DataExportRole", "--min-evidence", "sure"), "direct, proven, matched"),
        (("--fail-on", "urgent"), "critical, high"),
        (("",), "ROLE is empty"),
        (("DataExportRole", "--session", ""), "--session is empty"),
    ],
)
def test_a_wrong_option(lake: Path, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, and what is valid."""
    ran = least_privilege(lake, *words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_iam_actions() -> None:
    """One a line, a list, with the request, none, and unmapped."""
    assert rolecall("iam-actions", "kms.amazonaws.com", "ReEncrypt").stdout.split() == [
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ]
    ran = rolecall("iam-actions", "s3", "PutObject", "--format", "json")
    assert ran.stdout == '["s3:PutObject"]\n'
    assert "also s3:PutObjectAcl" in ran.stderr
    exact = rolecall("iam-actions", "s3", "PutObject", "--parameters", '{"x-amz-acl": "private"}')
    assert exact.stdout.split() == ["s3:PutObject", "s3:PutObjectAcl"]
    free = rolecall("iam-actions", "sts.amazonaws.com", "GetCallerIdentity")
    assert (free.exit_code, free.stdout) == (0, "")
    assert "needs no permission" in free.stderr
    unknown = rolecall("iam-actions", "s3.amazonaws.com", "DescribeBuckets")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "unmapped" in unknown.stderr
    for wrong in ("{", "[1]"):
        assert rolecall("iam-actions", "s3", "PutObject", "--parameters", wrong).exit_code == 2
    assert rolecall("iam-actions", "s3", "PutObject", "--format", "csv").exit_code == 2


def test_dangerous_actions_exist() -> None:
    """The lists hold no spelling that AWS does not know."""
    index = ActionIndex.packaged()
    listed = {action for actions in _LISTS.values() for action in actions}
    assert [a for a in listed if index.spelt(*a.split(":")) != a] == []
