"""Writers queue, and a reader sees what was there before or after, never between."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipeline.attribution import build
from pipeline.ingest import plan
from pipeline.lake import Lake
from pipeline.lake.tables import Table
from pipeline.warehouse import Warehouse
from tests.conftest import CHECKOUT
from tests.ingest.crash import BATCH_BYTES
from tests.ingest.records import record, records_file, run, table, write

ROLECALL = [sys.executable, "-c", "from pipeline.cli import main; main()"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Forty records in four batches, and a reject in each."""
    folder = tmp_path / "source"
    for number in range(8):
        items = [record(n) for n in range(number * 5, number * 5 + 5)]
        write(folder / f"{number}.json", records_file(*items, record(0, eventTime=...)))
    return folder


def test_two_ingests_at_once_queue(source: Path, tmp_path: Path) -> None:
    """One reads and stores; the other waits and then finds nothing new. Both end well."""
    command = [*ROLECALL, "ingest", str(source), "--lake", str(tmp_path / "lake")]
    both = [
        subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=120)[0].splitlines()[-1] for process in both)
    assert said == [
        "records read 0 = 0 stored + 0 duplicate + 0 rejected; "
        "files: 0 read, 8 skipped (already in the lake)",
        "records read 48 = 40 stored + 0 duplicate + 8 rejected; "
        "files: 8 read, 0 skipped (already in the lake)",
    ]
    assert sorted(process.returncode for process in both) == [0, 4]
    assert len(table(tmp_path / "lake", "events")) == 40


def test_two_may_make_one_lake_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process makes the lake between our writing the marker and putting it in place."""
    lake = tmp_path / "lake"
    fsync = os.fsync

    def meanwhile(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        code = f"from pipeline.lake import Lake; Lake.create_or_open({str(lake)!r})"
        subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=True)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    Lake.create_or_open(str(lake))
    assert [path.name for path in lake.iterdir()] == ["rolecall.json"]
    assert Lake.open(str(lake)).parquet_files("events") == []


def test_a_lock_may_be_held_over_several_steps(tmp_path: Path) -> None:
    """Whoever holds the lake ingests and builds without another writer between."""
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    with lake.locked():
        with lake.writer() as writer:
            assert writer.ledger().is_empty()
        assert build(lake).is_full


def test_a_reader_during_an_ingest(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every commit of an ingest, events, ledger and rejects are those of the last build."""
    monkeypatch.setattr(plan, "BATCH_BYTES", BATCH_BYTES)
    monkeypatch.setattr(plan, "COMMIT_BATCHES", 1)
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    run(tmp_path / "lake", write(tmp_path / "first.json", records_file(record(99))))
    build(lake)
    counts: list[dict[str, int]] = []
    commit = Table.commit

    def count() -> dict[str, int]:
        with Warehouse.open(lake) as warehouse:
            frame: pl.DataFrame = warehouse.sql(
                "select (select count(*) from events) as events, (select count(*) from files)"
                " as files, (select count(*) from rejects) as rejects"
            )
        return frame.row(0, named=True)

    def watched(self: Table, *arguments: object) -> None:
        commit(self, *arguments)  # type: ignore[arg-type]
        counts.append(count())

    monkeypatch.setattr(Table, "commit", watched)
    run(tmp_path / "lake", source)
    assert len(counts) > 5
    assert counts == [{"events": 1, "files": 1, "rejects": 0}] * len(counts)
    build(lake)
    assert count() == {"events": 41, "files": 9, "rejects": 8}


def test_news_without_events_reaches_readers(tmp_path: Path) -> None:
    """A night that stores no event still shows its ledger and its rejects."""
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    run(tmp_path / "lake", write(tmp_path / "1.json", records_file(record(1))))
    build(lake)
    run(tmp_path / "lake", write(tmp_path / "2.json", records_file(record(2, eventTime=...))))
    assert build(lake).sessions_built == 0
    with Warehouse.open(lake) as warehouse:
        assert warehouse.table("files").num_rows == 2
        assert warehouse.table("rejects").num_rows == 1
