"""`rolecall ingest s3://…` as a user meets it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.sources.model import Access
from pipeline.sources.s3 import source
from tests.front.terminal import Ran, rolecall
from tests.s3.proxy import Fault
from tests.s3.trail import ACCOUNT, ORGANISATION, OTHER, REGION, Bucket, in_ledger, key, stored

DAY = f"{datetime.now(UTC):%Y/%m/%d}"


def ingest(bucket: Bucket, lake: Path, *options: str) -> Ran:
    at = ("--endpoint-url", bucket.proxy.url, "--aws-region", "us-east-1")
    return rolecall("ingest", bucket.uri(), "--lake", lake, *at, *options)


def test_a_dry_run_says_what_would_be_read(bucket: Bucket, tmp_path: Path) -> None:
    """By account and region; it makes no lake, and what a lake has does not count."""
    bucket.put(key(DAY), key(DAY, account=OTHER))
    bucket.put(key(DAY, kind="CloudTrail-Digest"))
    ran = ingest(bucket, tmp_path / "lake", "--dry-run")
    lines = ran.stdout.splitlines()
    assert ran.exit_code == 0
    assert "passed over (objects or folders): CloudTrail-Digest 1" in ran.stderr
    assert lines[0].split()[:4] == [ACCOUNT, REGION, "1", "objects"]
    assert lines[1].split()[:4] == [OTHER, REGION, "1", "objects"]
    assert lines[2].startswith("would read 2 objects, ")
    assert not (tmp_path / "lake").exists()
    assert ingest(bucket, tmp_path / "lake", "--account", OTHER).exit_code == 0
    lines = ingest(bucket, tmp_path / "lake", "--dry-run").stdout.splitlines()
    assert lines[-1].startswith("would read 1 objects, ")
    assert lines[-1].endswith("1 listed ones are in the lake already")
    assert len(bucket.proxy.gets()) == 2, "a first look, before a lake is made, and the ingest"


def test_options_narrow_what_is_read(bucket: Bucket, tmp_path: Path) -> None:
    """Account, region and days; a wrong one is a usage error."""
    numbers = bucket.put(key("2026/01/01"), key("2026/01/02"), key("2026/01/03"))
    bucket.put(key("2026/01/02", account=OTHER), key("2026/01/02", region="us-east-1"))
    days = ("--from", "2026-01-02", "--to", "2026-01-03")
    where = ("--account", ACCOUNT, "--region", REGION)
    assert ingest(bucket, tmp_path / "lake", *days, *where).exit_code == 0
    assert stored(tmp_path / "lake") == [numbers[1]]
    for wrong in (("--account", "12"), ("--region", "Ireland"), ("--org-id", "x"), ("--to", "x")):
        ran = ingest(bucket, tmp_path / "lake", *wrong)
        assert ran.exit_code == 2
        assert wrong[1] in ran.stderr


def test_a_source_that_stays_unreadable_ends_with_exit_code_4(
    bucket: Bucket, tmp_path: Path
) -> None:
    """It is named; the rest is stored; the next run is whole."""
    keys = [key(DAY, name) for name in ("0900Z_a", "0905Z_b")]
    bucket.put(*keys)
    bucket.proxy.faults.append(
        Fault(lambda asked: asked.is_get and asked.path.endswith(keys[0]), "slow-down", 99)
    )
    ran = ingest(bucket, tmp_path / "lake")
    assert ran.exit_code == 4
    assert f"could not be read: {bucket.uri(keys[0])}: S3 did not answer well" in ran.stderr
    assert in_ledger(tmp_path / "lake") == keys[1:]
    bucket.proxy.clear()
    assert ingest(bucket, tmp_path / "lake").exit_code == 0
    assert in_ledger(tmp_path / "lake") == keys


def test_a_bucket_that_is_not_there_fails_before_a_lake_is_made(
    bucket: Bucket, tmp_path: Path
) -> None:
    """One line, exit code 1."""
    ran = rolecall(
        "ingest", "s3://not-here-at-all", "--endpoint-url", bucket.proxy.url, "--lake",
        tmp_path / "lake",
    )  # fmt: skip
    assert ran.exit_code == 1
    assert ran.stderr == (
        "rolecall: There is no such bucket: check its name. (s3://not-here-at-all/)\n"
    )
    assert not (tmp_path / "lake").exists()


def test_a_role_is_assumed_and_the_reader_pays(
    bucket: Bucket, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests are signed with the role's credentials, not with the profile's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server)
    access = Access(
        role_arn="arn:aws:iam::123456789012:role/Reader",
        endpoint_url=bucket.proxy.url,
        region="us-east-1",
        requester_pays=True,
    )
    source.check(bucket.uri(), access)
    (asked,) = bucket.proxy.listings()
    assert asked.headers["x-amz-request-payer"] == "requester"
    assert "Credential=ASIA" in asked.headers["authorization"]


def test_a_prefix_without_any_object_is_named(bucket: Bucket, tmp_path: Path) -> None:
    """Exit code 4 and no lake; the same beside a lake that is there; what is known is no fault."""
    bucket.put(key("2026/01/01"))
    at = ("--endpoint-url", bucket.proxy.url, "--aws-region", "us-east-1")
    for made in (False, True):
        ran = rolecall("ingest", bucket.uri("typo"), "--lake", tmp_path / "lake", *at)
        assert ran.exit_code == 4
        assert f"could not be read: {bucket.uri('typo')}: There is no object" in ran.stderr
        assert (tmp_path / "lake").exists() == made
        for _ in range(2):
            assert ingest(bucket, tmp_path / "lake").exit_code == 0


@pytest.mark.parametrize(
    ("path", "options", "said"),
    [
        (
            "",
            ("--account", "999999999999"),
            "There is no CloudTrail folder of account 999999999999; "
            f"there are folders of {ACCOUNT}, {ORGANISATION}/{OTHER}.",
        ),
        (
            f"AWSLogs/{ACCOUNT}",
            ("--region", "eu-west-2", "--region", "us-east-1"),
            "There is no CloudTrail folder of region eu-west-2 or us-east-1; "
            f"there are folders of {ACCOUNT}/{REGION}.",
        ),
        (
            f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}",
            ("--account", OTHER, "--org-id", ORGANISATION),
            f"There is no CloudTrail folder of organisation {ORGANISATION}, account {OTHER}; "
            f"there are folders of {ACCOUNT}/{REGION}.",
        ),
    ],
)
def test_a_selection_without_a_folder_is_told(
    path: str, options: tuple[str, ...], said: str, bucket: Bucket, tmp_path: Path
) -> None:
    """What was asked for and what there is: exit code 4 and no lake; the same beside one."""
    bucket.put(key(DAY), key(DAY, kind="CloudTrail-Digest"))
    bucket.put(key(DAY, root=f"AWSLogs/{ORGANISATION}", account=OTHER))
    at = ("--endpoint-url", bucket.proxy.url, "--aws-region", "us-east-1")
    for made in (False, True):
        bucket.proxy.clear()
        for dry in ((), ("--dry-run",)):
            ran = rolecall(
                "ingest", bucket.uri(path), "--lake", tmp_path / "lake", *at, *options, *dry
            )
            assert f"could not be read: {bucket.uri(path).rstrip('/')}" in ran.stderr
            assert said in " ".join(ran.stderr.split())
            assert (ran.exit_code, (tmp_path / "lake").exists()) == (4, made)
        assert bucket.proxy.gets() == []
        assert ingest(bucket, tmp_path / "lake").exit_code == 0
