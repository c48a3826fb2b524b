"""The files of events as DuckDB reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.attribution import build
from pipeline.lake import Lake
from pipeline.warehouse import Warehouse
from tests.ingest.records import record, records_file, run, table, write

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize("is_merged", [False, True])
def test_nulls_are_found(tmp_path: Path, *, is_merged: bool) -> None:
    """NULLs are counted rightly by a filter, also beside the only value of a column."""
    issued = {"credentials": {"accessKeyId": "ASIA1"}}
    issuing = record(1, responseElements=issued, apiVersion="1")
    run(tmp_path / "lake", write(tmp_path / "1.json", records_file(issuing, record(2))))
    run(tmp_path / "lake", write(tmp_path / "2.json", records_file(record(3), record(4))))
    lake = Lake.open(str(tmp_path / "lake"))
    build(lake)
    if is_merged:
        lake.compact(NOW, retention_hours=0)
        assert len(lake.parquet_files("events")) == 1
    stored = table(tmp_path / "lake", "events")
    with Warehouse.open(lake) as warehouse:
        found = {
            name: warehouse.sql(f"select count(*) as n from events where {name} is null")["n"][0]
            for name in stored.columns
        }
    assert found == {name: stored[name].null_count() for name in stored.columns}
