"""The inventory of roles: what IAM writes, and clear errors for what is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.errors import SourceError
from pipeline.inventory import Trust, read_inventory

ARN = "arn:aws:iam::111111111111:role/team/Reader"


def role(**changes: Any) -> dict[str, Any]:
    """A role as the AWS command line writes it."""
    return {
        "RoleName": "Reader",
        "RoleId": "AROAREADER0000000001",
        "Arn": ARN,
        "Path": "/team/",
        "CreateDate": "2025-01-02T03:04:05+00:00",
        "AssumeRolePolicyDocument": policy({"AWS": "arn:aws:iam::111111111111:root"}),
        "RoleLastUsed": {"LastUsedDate": "2026-11-01T10:00:00+01:00", "Region": "eu-west-1"},
    } | changes


def policy(principal: object, **changes: Any) -> dict[str, Any]:
    """A trust policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | changes
    return {"Version": "2012-10-17", "Statement": [statement]}


def write(folder: Path, *roles: object, name: str = "inventory.json", **more: object) -> Path:
    path = folder / name
    path.write_text(json.dumps({"RoleDetailList": list(roles)} | more), encoding="utf-8")
    return path


def trusts(folder: Path, document: object) -> tuple[Trust, ...]:
    (found,) = read_inventory([write(folder, role(AssumeRolePolicyDocument=document))])
    return found.trusts


def test_a_role_is_read_with_its_times_in_utc(tmp_path: Path) -> None:
    """Name, id, account, path in the ARN; a time with an offset becomes UTC."""
    (found,) = read_inventory([write(tmp_path, role())])
    assert (found.arn, found.name, found.account) == (ARN, "Reader", "111111111111")
    assert found.created_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.last_used_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert found.last_used_region == "eu-west-1"


@pytest.mark.parametrize("used", [None, {}])
def test_a_role_that_aws_never_saw_used(tmp_path: Path, used: object) -> None:
    """`RoleLastUsed` is empty then, or not there."""
    (found,) = read_inventory([write(tmp_path, role(RoleLastUsed=used))])
    assert (found.last_used_at, found.last_used_region) == (None, None)


def test_seconds_since_1970_are_a_time(tmp_path: Path) -> None:
    """The command line writes them so with `cli_timestamp_format = none` of old."""
    (found,) = read_inventory([write(tmp_path, role(CreateDate=1735787045.0))])
    assert found.created_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_several_files_are_one_inventory_and_the_later_counts(tmp_path: Path) -> None:
    """One file an account; a role that comes twice is the later."""
    first = write(tmp_path, role(), role(Arn=ARN + "2"), name="a.json")
    second = write(tmp_path, role(RoleId="AROANEW"), name="b.json")
    assert [(r.arn, r.role_id) for r in read_inventory([first, second])] == [
        (ARN, "AROANEW"),
        (ARN + "2", "AROAREADER0000000001"),
    ]


def test_principals_of_all_spellings(tmp_path: Path) -> None:
    """One or many, of several kinds, with the keys of the conditions."""
    condition = {"StringEquals": {"sts:ExternalId": "x"}, "Bool": {"aws:MultiFactorAuthPresent": 1}}
    document = policy({"AWS": ["1" * 12, "AROAGONE000000000001"], "Service": "ec2.amazonaws.com"})
    document["Statement"][0]["Condition"] = condition
    found = trusts(tmp_path, document)
    assert [(t.kind, t.principal, t.account) for t in found] == [
        ("AWS", "111111111111", "111111111111"),
        ("AWS", "AROAGONE000000000001", None),
        ("Service", "ec2.amazonaws.com", None),
    ]
    assert {t.condition_keys for t in found} == {("aws:MultiFactorAuthPresent", "sts:ExternalId")}


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_anybody_is_anybody_however_it_is_written(tmp_path: Path, principal: object) -> None:
    """`*` alone, and as an AWS principal."""
    (found,) = trusts(tmp_path, policy(principal))
    assert found.is_anybody


def test_all_but_some_is_anybody_too(tmp_path: Path) -> None:
    """NotPrincipal with Allow lets in everybody else."""
    document = policy(None, NotPrincipal={"AWS": "arn:aws:iam::111111111111:user/a"})
    (found,) = trusts(tmp_path, document)
    assert (found.is_exception, found.is_anybody) == (True, True)


def test_one_account_is_not_anybody(tmp_path: Path) -> None:
    """Nor is a service, nor a provider."""
    principal = {"AWS": "1" * 12, "Service": "*.amazonaws.com", "Federated": "*"}
    assert not any(t.is_anybody for t in trusts(tmp_path, policy(principal)))


@pytest.mark.parametrize(
    ("action", "counts"),
    [
        ("sts:AssumeRole", 1),
        (["sts:TagSession", "sts:AssumeRoleWithSAML"], 1),
        ("sts:*", 1),
        ("STS:assume*", 1),
        ("*", 1),
        ("sts:TagSession", 0),
        ("sts:AssumeRoot", 0),
        ("s3:*", 0),
    ],
)
def test_only_statements_that_let_put_the_role_on(
    tmp_path: Path, action: object, counts: int
) -> None:
    """Tagging a session lets nobody in."""
    assert len(trusts(tmp_path, policy({"AWS": "*"}, Action=action))) == counts


def test_a_denied_principal_is_not_trusted(tmp_path: Path) -> None:
    """Only Allow lets in."""
    assert trusts(tmp_path, policy({"AWS": "*"}, Effect="Deny")) == ()


def test_a_policy_encoded_as_the_api_has_it(tmp_path: Path) -> None:
    """Percent-encoded JSON text, and a statement that is no list."""
    document = policy({"Service": "ec2.amazonaws.com"})
    document["Statement"] = document["Statement"][0]
    (found,) = trusts(tmp_path, quote(json.dumps(document)))
    assert found.principal == "ec2.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "no list “RoleDetailList”"),
        ('{"RoleDetailList": 1}', "no list “RoleDetailList”"),
        ('{"RoleDetailList": [], "IsTruncated": true}', "one page of several"),
        ('{"RoleDetailList": [], "NextToken": "x"}', "one page of several"),
        ('{"RoleDetailList": [{"RoleName": "x"}]}', "entry 1 of RoleDetailList"),
        (json.dumps({"RoleDetailList": [role(CreateDate="soon")]}), "'soon' is no time"),
        (
            json.dumps({"RoleDetailList": [role(AssumeRolePolicyDocument="%7B")]}),
            "the trust policy is no JSON",
        ),
    ],
)
def test_what_is_no_inventory_says_so(tmp_path: Path, text: str, message: str) -> None:
    """File, place, and which command writes one."""
    path = tmp_path / "inventory.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_inventory([path])
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The system's own word for it."""
    with pytest.raises(SourceError, match="No such file"):
        read_inventory([tmp_path / "none.json"])
