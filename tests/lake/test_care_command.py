"""The command `compact`: what it says is what it did."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.attribution import build
from pipeline.cli import app
from pipeline.lake import Lake
from tests.ingest.records import record, records_file, run, table, write


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of an old day; the second one is not built."""
    folder = tmp_path_factory.mktemp("nights")
    for night in (1, 2):
        item = record(night, eventTime="2020-02-03T10:00:00Z")
        run(folder / "lake", write(folder / f"{night}.json", records_file(item)))
        if night == 1:
            build(Lake.open(str(folder / "lake")))
    return folder / "lake"


@pytest.fixture
def lake(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "lake")


def said(lake: Path, *options: str) -> list[str]:
    result = CliRunner().invoke(app, ["compact", "--lake", str(lake), *options])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_it_says_what_it_merged_and_deleted(lake: Path) -> None:
    """Events that are not built are built first; files go after the retention."""
    first = said(lake)
    assert first[-1] == "no old files to delete yet"
    assert first[0].startswith("merged ")
    assert len(Lake.open(str(lake)).parquet_files("events")) == 1
    second = said(lake, "--retention-hours", "0")
    assert second[0] == "nothing to merge"
    assert second[1].startswith("deleted ")
    assert len(table(lake, "events")) == 2


def test_days_beyond_every_calendar_are_a_wrong_command_line(lake: Path) -> None:
    """Exit code 2, no traceback."""
    words = ["compact", "--lake", str(lake), "--keep-days", "36501"]
    assert CliRunner().invoke(app, words).exit_code == 2


def test_it_names_the_days_that_it_removed(lake: Path) -> None:
    """A day, the number of its events, their bytes."""
    lines = said(lake, "--keep-days", "400")
    assert lines[0].startswith("removed 2020-02-03: 2 events, ")
    assert table(lake, "events").is_empty()
