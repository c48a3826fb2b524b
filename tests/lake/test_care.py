"""Care changes the files of a lake, and no answer."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from pipeline.attribution import build
from pipeline.errors import LakeError
from pipeline.lake import Lake, care, merging
from pipeline.lake.models import ModelTables
from pipeline.lake.tables import Table
from pipeline.warehouse import Warehouse
from pipeline.warehouse.stored import PARTITIONS, PARTS
from tests.attribution.crowd import crowd
from tests.attribution.nights import in_order
from tests.conftest import CHECKOUT, in_soak
from tests.ingest.records import record, records_file, run, table, write

NIGHTS = 4
NOW = datetime(2100, 1, 1, tzinfo=UTC)
"""All days of the records are closed; in its past is all that was ever written."""

Answers = dict[str, list[Any]]


def single(night: int) -> list[dict[str, Any]]:
    """A record on each of two days."""
    return [record(night * 2 + day, eventTime=f"2026-10-2{day}T10:00:00Z") for day in range(2)]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A file of records for each night, and one more."""
    folder = tmp_path_factory.mktemp("nights")
    dice = Random(3)
    records = [item for played in list(crowd().values())[::4] for item in played.records]
    dice.shuffle(records)
    return [
        write(folder / f"{n}.json", records_file(*records[n :: NIGHTS + 1], *single(n)))
        for n in range(NIGHTS + 1)
    ]


@pytest.fixture(scope="module")
def original(nights: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of all nights but the last, built after each."""
    lake = tmp_path_factory.mktemp("original") / "lake"
    for night in nights[:NIGHTS]:
        run(lake, night)
        build(Lake.open(str(lake)))
    return lake


@pytest.fixture(scope="module")
def before(original: Path) -> Answers:
    """What a reader sees of it."""
    return answers(Lake.open(str(original)))


@pytest.fixture(scope="module")
def at_once(nights: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What a reader sees of a lake of all nights that nobody took care of."""
    lake = Lake.create_or_open(str(tmp_path_factory.mktemp("plain") / "lake"))
    run(Path(lake.location), *nights)
    build(lake)
    return answers(lake)


@pytest.fixture
def lake(original: Path, tmp_path: Path) -> Lake:
    return Lake.open(str(shutil.copytree(original, tmp_path / "lake")))


def answers(lake: Lake) -> Answers:
    """All relations as a reader sees them."""
    with Warehouse.open(lake) as warehouse:
        names = ("events", "files", "rejects", *PARTITIONS)
        tables = {name: warehouse.table(name) for name in names}
    tables["files"] = tables["files"].drop_columns("ingested_at")
    return {name: in_order(rows) for name, rows in tables.items()}


def files(lake: Lake, *tables: str) -> int:
    return sum(len(lake.parquet_files(name)) for name in tables)


def test_answers_stay(lake: Lake, before: Answers) -> None:
    """One file a day and a table; the same rows; nothing is built, or merged, again."""
    days = {Path(path).parent for path in lake.parquet_files("events")}
    assert files(lake, "events") > len(days)
    done = lake.compact(NOW, retention_hours=0)
    assert {merged.name for merged in done.merged} >= {*PARTS, "files"}
    assert files(lake, "events") == len(days)
    assert files(lake, "files", *PARTS) == 1 + len(PARTS)
    assert answers(lake) == before
    assert build(lake).sessions_built == 0
    again = lake.compact(NOW, retention_hours=0)
    assert (again.removed, again.merged) == ([], [])


def test_the_next_night_goes_on(lake: Lake, nights: list[Path], tmp_path: Path) -> None:
    """The build adds to the models, the index knows all keys, and all is as without care."""
    plain = Lake.open(str(shutil.copytree(lake.location, tmp_path / "plain")))
    lake.compact(NOW, retention_hours=0)
    for place in (plain, lake):
        summary = run(Path(place.location), *nights)
        assert (summary.files_new, summary.files_skipped) == (1, NIGHTS)
        assert not build(place).is_full
    assert answers(lake) == answers(plain)


def test_the_index_of_keys_survives(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """After care no file of events is read for its keys."""
    lake.compact(NOW)

    def never(path: str) -> None:
        raise AssertionError(path)

    monkeypatch.setattr("pipeline.lake.keys._keys_of", never)
    with lake.writer():
        pass


def test_a_reader_that_opened_before_goes_on_reading(lake: Lake) -> None:
    """Files that were replaced stay for the retention, and go after it."""
    with Warehouse.open(lake) as warehouse:
        done = lake.compact(datetime.now(UTC))
        assert done.deleted.files == 0
        events = warehouse.table("events").num_rows
        assert warehouse.table("session_keys").num_rows > 0
    assert events == len(table(Path(lake.location), "events"))
    on_disk = len(list((Path(lake.location) / "events").rglob("*.parquet")))
    assert on_disk > files(lake, "events")
    assert lake.compact(datetime.now(UTC), retention_hours=0).deleted.files > 0
    on_disk = len(list((Path(lake.location) / "events").glob("*/*.parquet")))
    assert on_disk == files(lake, "events")


def test_orphans_go_when_they_are_old(lake: Lake) -> None:
    """A file that no commit knows is deleted, but not while somebody may still commit it."""
    orphan = Path(lake.location) / "events" / "event_date=2026-11-20" / "part-orphan-0.parquet"
    write(orphan, b"PAR1 half")
    lake.compact(NOW)
    assert orphan.exists()
    lake.compact(NOW, retention_hours=0)
    assert not orphan.exists()


def test_old_days_go(lake: Lake, nights: list[Path], before: Answers) -> None:
    """Their events go, and are named; what was learned from them stays; they do not come back."""
    days = sorted({row["event_date"] for row in before["events"]})
    last = days[-1]
    done = lake.compact(datetime.combine(last, datetime.min.time(), UTC), keep_days=1)
    gone = [day for day in days if day < last - timedelta(days=1)]
    assert [date.fromisoformat(day.day) for day in done.removed] == gone
    kept = [row for row in before["events"] if row["event_date"] not in gone]
    assert sum(day.events for day in done.removed) == len(before["events"]) - len(kept)
    assert answers(lake) == before | {"events": kept}
    shutil.copy(nights[0], nights[0].with_name("again.json"))
    summary = run(Path(lake.location), nights[0].with_name("again.json"))
    assert summary.records_stored == 0
    assert not build(lake).is_full


def test_events_that_are_not_built_wait(lake: Lake, nights: list[Path]) -> None:
    """Care would hide them from the next build, so it asks for one first."""
    run(Path(lake.location), nights[-1])
    with pytest.raises(LakeError, match="not built yet"):
        lake.compact(NOW)
    build(lake)
    lake.compact(NOW)


STEPS = [
    (Table, "swap", 1),
    (care, "keep_index", 1),
    (ModelTables, "moved", 4),
    (care, "checkpoint", 1),
    pytest.param((Table, "swap", 2), marks=in_soak),
    pytest.param((ModelTables, "moved", 1), marks=in_soak),
    pytest.param((care, "merged", 2), marks=in_soak),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_in_the_middle(
    step: tuple[Any, str, int], lake: Lake, nights: list[Path], before: Answers, at_once: Answers
) -> None:
    """Nothing is lost or hidden: a reader and the next night see all."""
    owner, function, times = step
    name = f"{owner.__module__}:{owner.__name__}" if isinstance(owner, type) else owner.__name__
    command = [sys.executable, "-m", "tests.lake.crash", lake.location, name, function, str(times)]
    killed = subprocess.run(command, cwd=CHECKOUT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert answers(lake) == before
    run(Path(lake.location), nights[-1])
    build(lake)
    lake.compact(NOW, retention_hours=0)
    ours = answers(lake)
    assert ours.pop("files")
    assert ours == {name: rows for name, rows in at_once.items() if name != "files"}


def test_merging_in_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many files, in slices and passes and several files: every row once, sorted, with blooms."""
    monkeypatch.setattr(merging, "FAN_IN", 3)
    monkeypatch.setattr(merging, "SLICE_BYTES", 30_000)
    dice = Random(5)
    for number in range(10):
        items = []
        for n in range(number * 100, number * 100 + 100):
            key = dice.choice(["AKIA1", "ASIA2", "ASIA3", "ASIAé", None])
            moment = f"2026-11-20T{dice.randrange(24):02}:00:00Z"
            items.append(record(n, eventTime=moment, userIdentity={"accessKeyId": key}))
        run(tmp_path / "lake", write(tmp_path / f"{number}.json", records_file(*items)))
    lake = Lake.open(str(tmp_path / "lake"))
    build(lake)
    before = table(tmp_path / "lake", "events")
    stored = sum(Path(path).stat().st_size for path in lake.parquet_files("events"))
    monkeypatch.setattr(care, "TARGET_BYTES", stored // 4)
    lake.compact(NOW, retention_hours=0)
    assert_frame_equal(table(tmp_path / "lake", "events"), before)
    paths = sorted(lake.parquet_files("events"))
    assert 1 < len(paths) < 10
    rows = [
        row
        for path in paths
        for row in pq.read_table(path, columns=["user_access_key_id", "event_time"]).to_pylist()
    ]
    ordered = sorted(rows, key=lambda row: (row["user_access_key_id"] or "~", row["event_time"]))
    assert rows == ordered
    group = pq.read_metadata(paths[0]).row_group(0)
    names = [group.column(at).path_in_schema for at in range(group.num_columns)]
    assert group.column(names.index("user_access_key_id")).is_stats_set
    assert not list((tmp_path / "lake" / "events").rglob("*pass*"))
