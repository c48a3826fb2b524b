"""A run that is held up for longer than its lease, right before a write, loses to its follower."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from deltalake import write_deltalake

from pipeline.errors import LakeError
from pipeline.lake import Lake, lease, tables
from pipeline.lake.place import S3Folder
from tests.conftest import in_soak
from tests.lake_s3.filling import answers, night_files, run

NOW = datetime.now(UTC)


@pytest.fixture
def stall(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], None]], list[str]]:
    """Hold the first writer up, after it has seen that the lake is still its own.

    Its lease is not renewed meanwhile. What is written stands for the table: the write goes on
    when the follower is done.
    """
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.5)
    monkeypatch.setattr(lease._Lease, "renew_until", lambda *_: None)

    def hold(table: str, follower: Callable[[], None]) -> list[str]:
        stalled: list[str] = []

        def wrapped(function: Callable[..., Any], name_of: Callable[[Any], str]) -> Any:
            def late(target: Any, *args: Any, **options: Any) -> Any:
                if name_of(target) == table and not stalled:
                    stalled.append(table)
                    follower()
                return function(target, *args, **options)

            return late

        monkeypatch.setattr(tables.Table, "_commit", wrapped(tables.Table._commit, _of_records))
        monkeypatch.setattr(tables, "write_deltalake", wrapped(write_deltalake, _of_models))
        return stalled

    return hold


def _of_records(table: tables.Table) -> str:
    return table.folder.name


def _of_models(target: Any) -> str:
    location = target if isinstance(target, str) else target.table_uri
    return location.rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize(
    ("table", "nights_before"),
    [
        ("events", 1),
        pytest.param("files", 0, marks=in_soak),
        pytest.param("session_key_parts", 1, marks=in_soak),
        pytest.param("sessions", 1, marks=in_soak),
        pytest.param("snapshot", 0, marks=in_soak),
        pytest.param("snapshot", 1, marks=in_soak),
    ],
)
def test_the_stalled_run_loses_and_the_newer_one_loses_nothing(
    table: str,
    nights_before: int,
    lake: str,
    tmp_path: Path,
    stall: Callable[[str, Callable[[], None]], list[str]],
) -> None:
    """Its late write is refused with the reason; the lake is that of an undisturbed run."""
    nights = night_files(tmp_path / "nights", 3)
    for night in nights[:nights_before]:
        run(lake, [night])
    after: list[Any] = []

    def follower() -> None:
        run(lake, nights)
        after.append(answers(lake))

    stalled = stall(table, follower)
    with pytest.raises(LakeError, match="no longer holds the lake: another run took it over"):
        run(lake, nights[: nights_before + 1])
    assert stalled == [table]
    assert answers(lake) == after[0]
    local = str(tmp_path / "lake")
    run(local, nights)
    assert answers(lake) == answers(local)
    assert run(lake, nights).records_stored == 0


@in_soak
def test_the_stalled_run_loses_to_one_that_has_only_begun(
    lake: str, tmp_path: Path, stall: Callable[[str, Callable[[], None]], list[str]]
) -> None:
    """Taking over is enough: it need not have written anything yet."""
    nights = night_files(tmp_path / "nights", 2)
    run(lake, nights[:1])
    before = answers(lake)

    def follower() -> None:
        with Lake.open(lake).locked():
            pass

    stall("snapshot", follower)
    with pytest.raises(LakeError, match="no longer holds the lake"):
        run(lake, nights)
    shown = answers(lake)
    assert shown["sessions"] == before["sessions"]
    assert run(lake, nights).files_skipped == 2
    assert len(answers(lake)["sessions"]) > len(before["sessions"])


@in_soak
def test_care_that_stalls_loses(
    lake: str, tmp_path: Path, stall: Callable[[str, Callable[[], None]], list[str]]
) -> None:
    """It would put merged files in the place of those that the follower has merged."""
    nights = night_files(tmp_path / "nights", 3)
    for night in nights[:2]:
        run(lake, [night])

    def follower() -> None:
        run(lake, nights)
        Lake.open(lake).compact(NOW, retention_hours=0)

    stall("events", follower)
    with pytest.raises(LakeError, match="no longer holds the lake"):
        Lake.open(lake).compact(NOW, retention_hours=0)
    local = str(tmp_path / "lake")
    run(local, nights)
    assert answers(lake) == answers(local)
    target = Lake.open(lake)
    assert isinstance(target.place, S3Folder)
    in_bucket = {f"{lake}/events/{name}" for name in (target.place / "events").sizes()}
    assert set(target.parquet_files("events")) <= in_bucket


def test_two_commits_upon_one_version(lake: str, tmp_path: Path) -> None:
    """Without any lock: the second one is refused by the table itself."""
    nights = night_files(tmp_path / "nights", 1)
    run(lake, nights)
    first, second = Lake.open(lake).models(), Lake.open(lake).models()
    first.commit(first.snapshot.code)
    with pytest.raises(LakeError, match="cannot be written"):
        second.commit(second.snapshot.code)
