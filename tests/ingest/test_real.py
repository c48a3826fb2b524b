"""Real records: what is known of them comes out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.normalise import rebuild_record
from pipeline.normalise.response import drop_token_members
from tests.ingest.records import run, table


@pytest.fixture(scope="module")
def lake(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of all the real data."""
    lake = tmp_path_factory.mktemp("real") / "lake"
    summary = run(lake, real_data, workers=None)
    assert summary.unreadable == ()
    assert summary.files_found == summary.files_new
    return lake


def of(lake: Path, folder: str) -> pl.DataFrame:
    return table(lake, "files").filter(pl.col("uri").str.contains(f"/real/{folder}/"))


@pytest.mark.parametrize(
    ("folder", "read", "stored"),
    [("invictus", 2_900, 2_900), ("sans-ransomware-lab", 30_477, 23_981)],
)
def test_known_counts(lake: Path, folder: str, read: int, stored: int) -> None:
    """Records and distinct eventIDs as they were counted by others."""
    files = of(lake, folder)
    assert (files["records_read"].sum(), files["records_stored"].sum()) == (read, stored)


def test_what_is_left_out_is_no_fault_of_ours(lake: Path) -> None:
    """Each file that is not read and each reject was looked at; nothing else is left out.

    Empty arrays; events of EventBridge that are not of CloudTrail, messages of Config and a
    policy; logs of other programs, one of them in a zip archive. Rejects: three samples that
    their authors left without a time, and a file that ends in its only record.
    """
    kinds = dict(table(lake, "files")["kind"].value_counts().rows())
    del kinds["cloudtrail"]
    assert kinds == {
        "JSON without CloudTrail records": 14,
        "empty": 22,
        "in an archive or envelope: macOS metadata (__MACOSX), not JSON": 1,
        "not JSON": 5,
    }
    rejects = table(lake, "rejects").with_columns(pl.col("uri").str.split("/").list.last())
    assert rejects.sort("uri", "record_number").select("uri", "record_number", "reason").rows() == [
        (
            "bad_cloudtrail.json",
            1,
            "The file ends in mid-record, after 0 whole records, at byte 965 of the content.",
        ),
        (
            "event-cloud-trail-bedrock-create-customization-jobs.json",
            1,
            "The record has no eventTime.",
        ),
        ("events.ndjson", 11, "The record has no eventTime."),
        ("events.ndjson", 12, "The record has no eventTime."),
    ]


@pytest.mark.parametrize(
    ("folder", "read", "stored"),
    [
        ("cloud-custodian", 24, 21),
        ("datadog-forwarder", 4, 3),
        ("elastic", 3, 3),
        ("lookup-events", 1, 1),
        ("ocsf", 5, 2),
        ("security-lake-validation", 14, 10),
        ("stratus", 310, 310),
        ("suzaku", 33, 33),
        ("traildiscover", 315, 314),
        ("trailtool", 31, 31),
        ("umccr", 206, 204),
    ],
)
def test_every_container_is_read(lake: Path, folder: str, read: int, stored: int) -> None:
    """Records in their containers, and how many of them no file before holds."""
    files = of(lake, folder)
    assert (files["records_read"].sum(), files["records_stored"].sum()) == (read, stored)


def test_a_second_run_stores_nothing(lake: Path, real_data: Path) -> None:
    """Everything is in the ledger, CloudTrail or not."""
    summary = run(lake, real_data)
    assert (summary.files_new, summary.records_stored) == (0, 0)


def test_the_key_is_unique(lake: Path) -> None:
    """No pair of event id and account occurs twice."""
    events = table(lake, "events")
    assert events.select(pl.struct("event_id", "recipient_account_id").is_unique().all()).item()


def test_real_records_can_be_rebuilt(lake: Path) -> None:
    """Every stored record equals the one in its file, session tokens apart."""
    by_file = table(lake, "events").filter(pl.col("source_file").str.contains("/invictus/|/umccr/"))
    for (source,), rows in by_file.group_by("source_file"):
        data = Path(str(source)).read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        originals = {key(item): item for item in json.loads(data)["Records"]}
        for row in rows.iter_rows(named=True):
            rebuilt = rebuild_record(row)
            original = originals[key(rebuilt)]
            drop_token_members(original.get("responseElements"))
            assert rebuilt == original


def key(item: dict[str, Any]) -> tuple[Any, Any]:
    return item.get("eventID"), item.get("eventTime")
