"""Builds of a real lake: night after night, killed half-way, read meanwhile."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from pipeline import attribution
from pipeline.attribution import build
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.lake.models import ModelTables
from pipeline.warehouse import Warehouse
from pipeline.warehouse.stored import FIRST_SEEN, PARTITIONS, PARTS
from tests.attribution.crowd import crowd
from tests.attribution.nights import Row, in_order
from tests.conftest import CHECKOUT, in_soak
from tests.world.model import Record

NIGHTS = 3
KILLS = [
    ("older build undone", 4),
    ("table written", 9),
    ("snapshot written", 1),
    pytest.param(("table written", 1), marks=in_soak),
    pytest.param(("table written", len(PARTS) + len(PARTITIONS)), marks=in_soak),
]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A file of records for each night; the records of every other scenario, shuffled."""
    folder = tmp_path_factory.mktemp("nights")
    dice = Random(7)
    split: list[list[Record]] = [[] for _ in range(NIGHTS)]
    for played in list(crowd().values())[::2]:
        for record in played.records:
            dice.choice(split).append(record)
    files = []
    for number, records in enumerate(split):
        files.append(folder / f"night-{number}.json")
        files[-1].write_text(json.dumps({"Records": records}))
    return files


def models(lake: Lake) -> dict[str, list[Row]]:
    """The rows of all models as a reader sees them, and the facts that stand."""
    with Warehouse.open(lake) as warehouse:
        facts = in_order(warehouse.table(FIRST_SEEN).drop_columns("learned_at"))
        return {relation: in_order(warehouse.table(relation)) for relation in PARTITIONS} | {
            FIRST_SEEN: [row for row in facts if row["retracted_at"] is None]
        }


def lake_with(folder: Path, *files: Path) -> Lake:
    """A lake of these files, ingested and not built."""
    lake = Lake.create_or_open(str(folder))
    ingest([str(file) for file in files], lake, workers=1)
    return lake


@pytest.fixture(scope="module")
def at_once(nights: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Row]]:
    """The models of all nights, built at once."""
    lake = lake_with(tmp_path_factory.mktemp("once") / "lake", *nights)
    assert build(lake).is_full
    return models(lake)


@pytest.fixture(scope="module")
def before_last_build(nights: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with all nights but the last built, and the last one ingested."""
    folder = tmp_path_factory.mktemp("before") / "lake"
    for night in nights[:-1]:
        build(lake_with(folder, night))
    lake_with(folder, nights[-1])
    return folder


@pytest.fixture(scope="module")
def old(before_last_build: Path) -> dict[str, list[Row]]:
    """Its models, before the last night is built."""
    return models(Lake.open(str(before_last_build)))


def test_night_after_night_is_as_at_once(
    before_last_build: Path, at_once: dict[str, list[Row]], tmp_path: Path
) -> None:
    """The last build adds to the others, and a build without news does nothing."""
    lake = Lake.open(str(shutil.copytree(before_last_build, tmp_path / "lake")))
    assert not build(lake).is_full
    assert models(lake) == at_once
    assert build(lake).sessions_built == 0
    assert models(lake) == at_once


@pytest.mark.parametrize("kill", KILLS)
def test_a_build_after_a_kill_is_as_if_nothing_had_been(
    kill: tuple[str, int],
    before_last_build: Path,
    old: dict[str, list[Row]],
    at_once: dict[str, list[Row]],
    tmp_path: Path,
) -> None:
    """Whatever was written, a reader sees the old models, and the next build mends all."""
    lake = Lake.open(str(shutil.copytree(before_last_build, tmp_path / "lake")))
    step, times = kill
    command = [sys.executable, "-m", "tests.attribution.crash", lake.location, step, str(times)]
    killed = subprocess.run(command, cwd=CHECKOUT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert models(lake) == (at_once if step == "snapshot written" else old)
    build(lake)
    assert models(lake) == at_once


def test_the_first_build_killed(
    nights: list[Path], at_once: dict[str, list[Row]], tmp_path: Path
) -> None:
    """Half a first build is no attribution, and does not stand in the way of the next."""
    lake = lake_with(tmp_path / "lake", *nights)
    command = [sys.executable, "-m", "tests.attribution.crash", lake.location, "table written", "6"]
    assert subprocess.run(command, cwd=CHECKOUT, check=False).returncode == -signal.SIGKILL
    build(lake)
    assert models(lake) == at_once


def test_other_sql_builds_all_again(
    before_last_build: Path,
    at_once: dict[str, list[Row]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Models that other SQL made are never added to."""
    lake = Lake.open(str(shutil.copytree(before_last_build, tmp_path / "lake")))
    monkeypatch.setattr(attribution, "models_code", lambda: "another")
    assert build(lake).is_full
    assert models(lake) == at_once


def test_a_reader_sees_the_old_models_until_the_new_ones_are_there(
    before_last_build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened after each table that a build writes, the lake is as it was before the build."""
    lake = Lake.open(str(shutil.copytree(before_last_build, tmp_path / "lake")))
    counts: list[tuple[int, int]] = []
    write = ModelTables._write

    def count() -> tuple[int, int]:
        with Warehouse.open(lake) as warehouse:
            events, sessions = (
                int(warehouse.sql(f"select count(*) as n from {relation}")["n"][0])
                for relation in ("attributed_events", "sessions")
            )
        return events, sessions

    def watched(self: ModelTables, *arguments: object, **options: object) -> None:
        write(self, *arguments, **options)  # type: ignore[arg-type]
        counts.append(count())

    before = count()
    monkeypatch.setattr(ModelTables, "_write", watched)
    build(lake)
    assert counts
    assert set(counts) == {before}
    after = count()
    assert after[0] > before[0]
    assert after[1] > before[1]
