"""DuckDB without room to spill: said, with what to do; what was ingested stays."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipeline.attribution import build
from pipeline.errors import LakeError
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.warehouse import engine
from tests.conftest import CHECKOUT

SAMPLES = CHECKOUT / "data" / "samples" / "org-trail"


def test_no_room_to_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that no build fits in, and no disk to spill to; then room again, and it is built."""
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    stored = ingest([str(SAMPLES)], lake, workers=1).records_stored
    connect = engine.connect

    def cramped() -> duckdb.DuckDBPyConnection:
        connection = connect()
        connection.execute("set threads = 1")
        connection.execute("set max_temp_directory_size = '0KiB'")
        connection.execute("set memory_limit = '1MiB'")
        return connection

    monkeypatch.setattr(engine, "connect", cramped)
    with pytest.raises(LakeError, match="no room to build") as error:
        build(lake)
    assert "TMPDIR" in str(error.value)
    monkeypatch.setattr(engine, "connect", connect)
    assert build(lake).sessions_built > 0
    assert stored > 200
