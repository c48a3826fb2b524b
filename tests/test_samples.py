"""Facts about data/samples: it is what the generator writes, and it tells its story."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.world.samples import generate

SAMPLES = Path(__file__).parent.parent / "data" / "samples"


def files_of(folder: Path) -> dict[str, Path]:
    """Trail files and truth, by their path in the folder."""
    found = [p for p in folder.rglob("*") if p.is_file() and p.name != "README.md"]
    return {p.relative_to(folder).as_posix(): p for p in found}


def content(path: Path) -> bytes:
    """A file's bytes, unpacked: compressed bytes may differ from one zlib to another."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def delivered() -> list[dict[str, Any]]:
    """Every record in the bundled trail, file by file."""
    paths = sorted((SAMPLES / "org-trail").rglob("*.json.gz"))
    return [r for path in paths for r in json.loads(content(path))["Records"]]


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, Any]]:
    """The truth file by event id."""
    lines = (SAMPLES / "truth.ndjson").read_text().splitlines()
    return {row["event_id"]: row for row in map(json.loads, lines)}


def test_generator_writes_the_bundled_samples(tmp_path: Path) -> None:
    """Regenerating gives the same file names and the same content."""
    generate(tmp_path)
    made, kept = files_of(tmp_path), files_of(SAMPLES)
    assert made.keys() == kept.keys()
    assert [n for n in made if content(made[n]) != content(kept[n])] == []


def test_generator_is_deterministic_to_the_byte(tmp_path: Path) -> None:
    """Two runs on one machine give identical bytes."""
    generate(tmp_path / "a")
    generate(tmp_path / "b")
    first, second = files_of(tmp_path / "a"), files_of(tmp_path / "b")
    assert {n: p.read_bytes() for n, p in first.items()} == {
        n: p.read_bytes() for n, p in second.items()
    }


def test_samples_are_small() -> None:
    """The samples travel in the wheel."""
    assert sum(p.stat().st_size for p in files_of(SAMPLES).values()) < 300_000


def test_truth_covers_every_storable_record(truth: dict[str, dict[str, Any]]) -> None:
    """Each record with an eventTime has a line of truth, and there is no other line."""
    assert {r["eventID"] for r in delivered() if "eventTime" in r} == set(truth)


def test_one_file_comes_twice_and_one_record_is_broken() -> None:
    """The repeats are exactly one file's; one record lacks its eventTime."""
    paths = (SAMPLES / "org-trail").rglob("*.json.gz")
    copies = Counter(content(p) for p in paths)
    assert sorted(copies.values())[-2:] == [1, 2]
    assert sum("eventTime" not in r for r in delivered()) == 1


def test_one_assume_role_is_delivered_after_its_use(truth: dict[str, dict[str, Any]]) -> None:
    """Alice's SecurityResponderRole is used in files older than that of its AssumeRole."""
    seen: dict[str, str] = {}
    for path in sorted((SAMPLES / "org-trail").rglob("*.json.gz")):
        stamp = path.name.split("_")[3]
        for record in json.loads(content(path))["Records"]:
            role = json.dumps(record.get("requestParameters"))
            if record["eventName"] == "AssumeRole" and "SecurityResponderRole" in role:
                seen["issue"] = stamp
            elif truth.get(record["eventID"], {}).get("chain", [""])[-1:] == [
                "arn:aws:iam::400000000004:role/security/SecurityResponderRole"
            ]:
                seen["use"] = stamp
    assert seen["use"] < seen["issue"]


def test_nobody_named_alice_is_alice(truth: dict[str, dict[str, Any]]) -> None:
    """Sessions called `alice` on DataExportRole and SupportRole belong to others or to nobody."""
    framed: Counter[tuple[str, str | None]] = Counter()
    for record in delivered():
        arn = record["userIdentity"].get("arn", "")
        if arn.endswith(("DataExportRole/alice", "SupportRole/alice")):
            row = truth[record["eventID"]]
            framed[row["actor_name"], row["expected_name"]] += 1
    assert set(framed) == {
        ("mallory", "mallory"),
        ("mallory", None),
        ("nina", "900000000009"),
    }


def test_the_contractors_key_is_400_days_old(truth: dict[str, dict[str, Any]]) -> None:
    """CreateAccessKey lies in the trail of 16 October 2025; the key is used in November 2026."""
    made = [r for r in delivered() if r["eventName"] == "CreateAccessKey"]
    assert [r["eventTime"] for r in made] == ["2025-10-16T09:00:00Z"]
    key = made[0]["responseElements"]["accessKey"]["accessKeyId"]
    uses = [r for r in delivered() if r["userIdentity"].get("accessKeyId") == key]
    assert {truth[r["eventID"]]["actor_name"] for r in uses} == {"carl.contractor"}
    assert max(r["eventTime"] for r in uses) > "2026-11-22"
