"""S3 on a bad day: nothing that was not stored is marked as ingested, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.sources import Access, Request, check
from tests.s3.proxy import Asked, Fault
from tests.s3.trail import Bucket, in_ledger, key, stored

OLD = "2026/10/01"
KEYS = [key(OLD, name) for name in ("0900Z_a", "0905Z_b", "0910Z_c")]


def get_of(wanted: str) -> Fault:
    return Fault(lambda asked: asked.is_get and asked.path.endswith(wanted), "none")


def on_get(wanted: str, kind: str, times: int = 1) -> Fault:
    return Fault(lambda asked: asked.is_get and asked.path.endswith(wanted), kind, times)


def on_listing(kind: str, times: int = 1, part: str = "") -> Fault:
    def matches(asked: Asked) -> bool:
        return asked.is_listing and part in asked.prefix

    return Fault(matches, kind, times)


@pytest.mark.parametrize("held", [1 << 20, 0], ids=["held", "put aside"])
@pytest.mark.parametrize("kind", ["slow-down", "error-500", "reset", "truncated"])
def test_passing_faults_of_a_get_are_waited_out(
    kind: str, held: int, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Throttling, a server fault, a reset and an early end in mid-object: fetched again."""
    monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", held)
    numbers = bucket.put(*KEYS, records=20)
    bucket.proxy.faults.append(on_get(KEYS[1], kind, 2))
    summary = bucket.run(tmp_path / "lake")
    assert summary.complete
    assert stored(tmp_path / "lake") == numbers
    assert len(bucket.proxy.gets()) == 5


@pytest.mark.parametrize("kind", ["slow-down", "error-500"])
def test_passing_faults_of_a_listing_are_waited_out(
    kind: str, bucket: Bucket, tmp_path: Path
) -> None:
    """Each listing is asked again."""
    numbers = bucket.put(*KEYS)
    bucket.proxy.faults += [on_listing(kind, 2), on_listing(kind, 2, "eu-west-1")]
    assert bucket.run(tmp_path / "lake").complete
    assert stored(tmp_path / "lake") == numbers


@pytest.mark.parametrize("held", [1 << 20, 0], ids=["held", "put aside"])
@pytest.mark.parametrize("kind", ["slow-down", "reset", "truncated", "denied"])
def test_what_stays_unreadable_is_said_and_tried_again(
    kind: str, held: int, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours are stored; it is not in the ledger; the next night reads it, however old
    its day is and whatever was read after it.
    """
    monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", held)
    numbers = bucket.put(*KEYS)
    bucket.proxy.faults.append(on_get(KEYS[0], kind, 99))
    summary = bucket.run(tmp_path / "lake")
    assert not summary.complete
    assert [item.uri for item in summary.unreadable] == [bucket.uri(KEYS[0])]
    assert in_ledger(tmp_path / "lake") == KEYS[1:]
    assert stored(tmp_path / "lake") == numbers[1:]
    bucket.proxy.clear()
    summary = bucket.run(tmp_path / "lake")
    assert summary.complete
    assert in_ledger(tmp_path / "lake") == KEYS
    assert stored(tmp_path / "lake") == numbers
    bucket.proxy.clear()
    assert bucket.run(tmp_path / "lake").files_found == 0


def test_a_folder_that_cannot_be_listed_is_tried_again(bucket: Bucket, tmp_path: Path) -> None:
    """The other regions are read; the next night lists it."""
    numbers = bucket.put(KEYS[0], key(OLD, region="us-east-1"))
    bucket.proxy.faults.append(on_listing("slow-down", 99, "eu-west-1/"))
    summary = bucket.run(tmp_path / "lake")
    assert [item.uri.rsplit("/", 2)[-2] for item in summary.unreadable] == ["eu-west-1"]
    assert stored(tmp_path / "lake") == numbers[1:]
    bucket.proxy.clear()
    assert bucket.run(tmp_path / "lake").complete
    assert stored(tmp_path / "lake") == numbers


def test_an_object_deleted_after_it_was_listed(bucket: Bucket, tmp_path: Path) -> None:
    """It is said, not in the ledger, and no matter for the next night."""
    numbers = bucket.put(*KEYS)
    fault = get_of(KEYS[1])
    fault.before = lambda: bucket.delete(KEYS[1])
    bucket.proxy.faults.append(fault)
    summary = bucket.run(tmp_path / "lake")
    assert [item.reason for item in summary.unreadable] == ["It was deleted after it was listed."]
    assert in_ledger(tmp_path / "lake") == [KEYS[0], KEYS[2]]
    assert bucket.run(tmp_path / "lake").complete
    assert stored(tmp_path / "lake") == [numbers[0], numbers[2]]


def test_an_object_replaced_after_it_was_listed(bucket: Bucket, tmp_path: Path) -> None:
    """Neither state is taken for the other: this run says so, the next reads the new one."""
    numbers = bucket.put(*KEYS)
    fault = get_of(KEYS[1])
    newer: list[int] = []
    fault.before = lambda: newer.extend(bucket.put(KEYS[1]))
    bucket.proxy.faults.append(fault)
    summary = bucket.run(tmp_path / "lake")
    assert "replaced after it was listed" in summary.unreadable[0].reason
    assert in_ledger(tmp_path / "lake") == [KEYS[0], KEYS[2]]
    assert bucket.run(tmp_path / "lake").complete
    assert stored(tmp_path / "lake") == [numbers[0], numbers[2], *newer]


def reason_of(location: str, access: Access) -> str:
    with pytest.raises(SourceError) as caught:
        check([location], Request(access))
    assert caught.value.exit_code == 1
    return caught.value.message


def test_what_is_wrong_for_good_says_what_to_do(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such bucket, denied, no credentials, no such profile: each with the next step."""
    access = bucket.request().access
    assert "no such bucket" in reason_of("s3://nowhere-at-all/x", access)
    assert "s3://bucket/prefix" in reason_of("s3://", access)
    bucket.proxy.faults.append(on_listing("denied", 1))
    assert f"s3:ListBucket on the bucket {bucket.name}" in reason_of(bucket.uri(), access)
    unknown = Access("no-such-profile", endpoint_url=bucket.proxy.url)
    assert "--profile NAME" in reason_of(bucket.uri(), unknown)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    without = Access(endpoint_url=bucket.proxy.url, region="eu-west-1")
    assert "aws sso login" in reason_of(bucket.uri(), without)


def test_a_denied_object_names_the_permissions(bucket: Bucket, tmp_path: Path) -> None:
    """GetObject on the object, and Decrypt on the key of an encrypted one."""
    bucket.put(*KEYS)
    bucket.proxy.faults.append(on_get(KEYS[2], "denied", 99))
    (item,) = bucket.run(tmp_path / "lake").unreadable
    assert f"s3:GetObject on {bucket.uri(KEYS[2])}" in item.reason
    assert "kms:Decrypt" in item.reason
