"""A process that dies at any step loses nothing and counts nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from pipeline.ingest import plan
from tests.ingest.crash import BATCH_BYTES
from tests.ingest.records import record, records_file, run, table, write

CHECKOUT = Path(__file__).parents[2]
KILLS = [
    ("tables made", 1),
    ("one day written", 2),
    ("events written", 2),
    ("ledger written", 1),
    ("ledger written", 4),
    ("table committed", 1),
    ("table committed", 2),
    ("table committed", 3),
    ("table committed", 4),
    ("table committed", 6),
    ("batch committed", 2),
    ("keys written", 1),
    ("index saved", 1),
]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "BATCH_BYTES", BATCH_BYTES)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Batches with repeats of earlier batches, one of nothing but repeats, rejects in some."""
    folder = tmp_path_factory.mktemp("source")
    for number in range(12):
        items = [
            record(n, eventTime=f"2026-11-{20 + n % 2}T10:00:00Z")
            for n in range(number * 3, number * 3 + 5)
        ]
        if number in (4, 5, 6):
            items = [record(1), record(2), record(3)]
        if number in (1, 2, 9):
            items.append(record(0, eventTime=...))
        write(folder / f"{number:02}.json", records_file(*items))
    write(folder / "README", b"no log")
    return folder


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("undisturbed") / "lake"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "BATCH_BYTES", BATCH_BYTES)
        run(lake, source)
    return lake


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(("step", "times"), KILLS)
def test_a_run_after_a_kill_ends_as_if_nothing_had_been(
    step: str, times: int, source: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """Events, ledger and rejects, counts included, equal those of an undisturbed run."""
    lake = tmp_path / "lake"
    command = [sys.executable, "-m", "tests.ingest.crash", str(lake), str(source), step]
    killed = subprocess.run([*command, str(times)], cwd=CHECKOUT, check=False)
    assert killed.returncode == -signal.SIGKILL
    run(lake, source)
    for name in ("events", "files", "rejects"):
        assert_frame_equal(table(lake, name), table(undisturbed, name))
    assert run(lake, source).files_new == 0
