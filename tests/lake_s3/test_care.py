"""Care for a lake in S3 changes its files, and no answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.attribution import build
from pipeline.errors import LakeError
from pipeline.lake import Lake, deleting, lease, objects
from pipeline.lake.place import S3Folder
from pipeline.warehouse import Warehouse
from pipeline.warehouse.stored import PARTS
from tests.conftest import CHECKOUT, in_soak
from tests.lake_s3.filling import NIGHTS, answers, night_files, run

NOW = datetime.now(UTC)
"""All days of the records are closed; not of another time, for files age by the clock."""


@pytest.fixture
def nights(tmp_path: Path) -> list[Path]:
    """A file for each night, and one more."""
    return night_files(tmp_path / "nights")


@pytest.fixture
def kept(lake: str, nights: list[Path]) -> Lake:
    """A lake of all nights but the last, built after each."""
    for night in nights[:NIGHTS]:
        run(lake, [night])
    return Lake.open(lake)


def stored(lake: Lake) -> set[str]:
    """The data of events that lies in the bucket."""
    assert isinstance(lake.place, S3Folder)
    names = (lake.place / "events").sizes()
    return {f"{lake.location}/events/{name}" for name in names if name.startswith("event_date")}


def test_answers_stay_and_the_next_night_goes_on(
    kept: Lake, nights: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file a day and a table; the index of keys survives; then all is as without care."""
    before = answers(kept.location)
    assert len(kept.parquet_files("events")) == 2 * NIGHTS
    crowded = [name for name in PARTS if len(kept.parquet_files(name)) > 1]
    assert len(crowded) > 1
    done = kept.compact(NOW, retention_hours=0)
    assert {merged.name for merged in done.merged} >= {
        "2020-10-20",
        "2020-10-21",
        "files",
        *crowded,
    }
    assert done.deleted.files >= 2 * NIGHTS
    assert stored(kept) == set(kept.parquet_files("events"))
    assert len(stored(kept)) == 2
    assert answers(kept.location) == before
    assert build(kept).sessions_built == 0
    again = kept.compact(NOW, retention_hours=0)
    assert (again.removed, again.merged) == ([], [])
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.lake.keys._keys_of", None)
        summary = run(kept.location, nights)
    assert (summary.files_new, summary.files_skipped) == (1, NIGHTS)
    local = str(tmp_path / "lake")
    run(local, nights)
    ours, theirs = answers(kept.location), answers(local)
    assert len(ours["events"]) == 4 * len(nights)
    assert ours == theirs


@in_soak
def test_a_reader_that_opened_before_goes_on_reading(kept: Lake) -> None:
    """Files that were replaced stay for the retention, and go after it."""
    before = stored(kept)
    with Warehouse.open(kept) as warehouse:
        assert kept.compact(datetime.now(UTC)).deleted.files == 0
        assert warehouse.table("events").num_rows == 4 * NIGHTS
        assert warehouse.table("session_keys").num_rows > 0
    assert before < stored(kept)
    assert kept.compact(datetime.now(UTC), retention_hours=0).deleted.files >= len(before)
    assert stored(kept) == set(kept.parquet_files("events"))


@in_soak
def test_what_no_commit_knows_goes_when_it_is_old(
    kept: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not within a day, whatever the retention: somebody may still be about to commit it."""
    assert isinstance(kept.place, S3Folder)
    orphan = kept.place / "events" / "event_date=2020-10-20" / "part-orphan-0.parquet"
    orphan.put(b"PAR1 half")
    kept.compact(NOW, retention_hours=0)
    assert orphan.read() is not None
    monkeypatch.setattr(deleting, "UNKNOWN_HOURS", 0)
    done = kept.compact(NOW, retention_hours=0)
    assert orphan.read() is None
    assert (done.deleted.files, done.deleted.bytes) == (1, 9)


@in_soak
def test_old_days_go_and_are_named(kept: Lake, nights: list[Path]) -> None:
    """What was learned from them stays, and they do not come back."""
    before = answers(kept.location)
    done = kept.compact(datetime(2020, 10, 22, tzinfo=UTC), keep_days=1)
    assert [(day.day, day.events) for day in done.removed] == [("2020-10-20", 2 * NIGHTS)]
    last = [row for row in before["events"] if str(row["event_date"]) == "2020-10-21"]
    assert answers(kept.location) == before | {"events": last}
    again = nights[0].with_name("again.json")
    again.write_bytes(nights[0].read_bytes())
    assert run(kept.location, [again]).records_stored == 0


@in_soak
def test_the_command_says_what_it_did(kept: Lake) -> None:
    """As on disk."""
    command = [str(Path(sys.executable).parent / "rolecall"), "compact", "--lake", kept.location]
    days = (datetime.now(UTC) - datetime(2020, 10, 21, tzinfo=UTC)) // timedelta(days=1)
    done = subprocess.run(
        [*command, "--keep-days", str(days)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second, third = done.stdout.splitlines()
    assert first.startswith("removed 2020-10-20: 6 events, ")
    assert second.startswith("merged ")
    assert third == "no old files to delete yet"


STEPS = [
    ("pipeline.lake.place:S3Folder", "upload", "2"),
    ("pipeline.lake.tables:Table", "swap", "1"),
    ("pipeline.lake.models:ModelTables", "moved", "3"),
    ("pipeline.lake.care", "checkpoint", "1"),
]


@in_soak
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_in_the_middle(
    step: tuple[str, str, str],
    kept: Lake,
    nights: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SIGKILL of a real process: a reader, the next night and the next care see all."""
    before = answers(kept.location)
    with Warehouse.open(kept) as reader:
        command = [sys.executable, "-m", "tests.lake.crash", kept.location, *step]
        killed = subprocess.run(command, cwd=CHECKOUT, env=os.environ, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert reader.table("events").num_rows == 4 * NIGHTS
    assert answers(kept.location) == before
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.6)
    run(kept.location, nights)
    kept.compact(NOW, retention_hours=0)
    local = str(tmp_path / "lake")
    run(local, nights)
    ours, theirs = answers(kept.location), answers(local)
    assert ours == theirs


@in_soak
def test_care_waits_for_a_writer(kept: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both hold the same lease."""
    monkeypatch.setattr(lease, "WAIT_SECONDS", 0.5)
    with Lake.open(kept.location).locked(), pytest.raises(LakeError, match="Another rolecall"):
        kept.compact(NOW)


@in_soak
def test_deleting_that_is_refused_is_told(kept: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 answers a request to delete many with a fault for each object."""
    kept.compact(NOW)
    client = objects.client()

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

        def delete_objects(self, **asked: Any) -> Any:
            key = asked["Delete"]["Objects"][0]["Key"]
            fault = {"Key": key, "Code": "AccessDenied", "Message": "Access Denied."}
            return {"Errors": [fault]}

    monkeypatch.setattr(objects, "client", Refusing)
    with pytest.raises(LakeError, match=r"cannot be deleted.*s3:DeleteObject"):
        kept.compact(NOW, retention_hours=0)
