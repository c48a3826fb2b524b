"""Killed at any moment, again and again, a lake ends as if nothing had been.

`make soak` kills 60 times; in `make test` it is the short form.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from pipeline.lake import Lake
from pipeline.warehouse import Warehouse
from pipeline.warehouse.stored import FIRST_SEEN, PARTITIONS
from tests.attribution.crowd import crowd
from tests.attribution.nights import in_order
from tests.conftest import CHECKOUT
from tests.ingest.records import record, records_file, table, write

KILLS = int(os.environ.get("ROLECALL_SOAK_KILLS", "6"))
SEED = int(os.environ.get("ROLECALL_SOAK_SEED", "1"))
KILLS_A_TEST = 3
PATIENCE = 120

Models = dict[str, list[Any]]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of many scenarios over many files, some of them twice, and some rejects."""
    folder = tmp_path_factory.mktemp("source")
    dice = Random(11)
    records = [item for played in list(crowd().values())[::3] for item in played.records]
    dice.shuffle(records)
    for number in range(24):
        items = records[number::24] + records[number + 1 :: 96]
        if number % 5 == 0:
            items.append(record(number, eventTime=...))
        write(folder / f"{number:02}.json.gz", records_file(*items))
    write(folder / "README", b"no log")
    return folder


def started(lake: Path, source: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.soak.victim", str(lake), str(source)]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    return process


def finish(lake: Path, source: Path) -> float:
    """Let a night end undisturbed; the seconds that it took."""
    with started(lake, source) as process:
        begun = time.monotonic()
        assert process.wait(PATIENCE) == 0
        return time.monotonic() - begun


def models(lake: Path) -> Models:
    with Warehouse.open(Lake.open(str(lake))) as warehouse:
        facts = in_order(warehouse.table(FIRST_SEEN).drop_columns(["learned_at", "retracted_at"]))
        return {relation: in_order(warehouse.table(relation)) for relation in PARTITIONS} | {
            FIRST_SEEN: facts
        }


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A lake that nobody disturbed, and the seconds that its night took."""
    lake = tmp_path_factory.mktemp("undisturbed") / "lake"
    return lake, finish(lake, source)


@pytest.mark.parametrize("number", range(KILLS // KILLS_A_TEST))
def test_killed_at_random_moments(
    number: int, source: Path, undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    """Events, ledger, rejects and models equal those of an undisturbed run."""
    expected, seconds = undisturbed
    dice = Random(json.dumps([SEED, number]))
    lake = tmp_path / "0"
    kills = 0
    while kills < KILLS_A_TEST:
        with started(lake, source) as process:
            begun = time.monotonic()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(dice.uniform(0, seconds))
            process.kill()
        if process.returncode == -signal.SIGKILL:
            kills += 1
        else:  # it was faster, and is done
            assert process.returncode == 0
            seconds = min(seconds, time.monotonic() - begun)
            assert_same(lake, expected)
            lake = lake.with_name(f"after {kills} kills")
    finish(lake, source)
    assert_same(lake, expected)


def assert_same(lake: Path, expected: Path) -> None:
    for name in ("events", "files", "rejects"):
        assert_frame_equal(table(lake, name), table(expected, name))
    assert models(lake) == models(expected)
