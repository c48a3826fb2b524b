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
