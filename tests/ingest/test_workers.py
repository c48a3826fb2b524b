"""Worker processes: a first program and its forks, called early and always ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.errors import RolecallError, SourceError
from pipeline.ingest import ingest
from pipeline.ingest.pool import Crew
from pipeline.ingest.work import Job
from pipeline.lake import Lake
from pipeline.sources import Access, Found, SourceObject, find
from tests.ingest.records import record, records_file, write

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with (
        Lake.create_or_open(str(tmp_path / "lake")).writer() as writer,
        closing(Crew(writer.event_writer(), 3)) as crew,
    ):
        yield crew


def processes() -> list[int]:
    """The workers that run, the first one first."""
    return sorted(
        int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if is_ours(path.parent)
    )


def is_ours(process: Path) -> bool:
    try:
        state, _, group = process.joinpath("stat").read_text().rpartition(")")[2].split()[:3]
        command = process.joinpath("cmdline").read_bytes()
    except OSError:
        return False
    parent_is_us = f"PPid:\t{os.getpid()}" in started(group)
    return state != "Z" and b"pipeline.ingest.serve" in command and parent_is_us


def started(process: str) -> str:
    try:
        return Path("/proc", process, "status").read_text()
    except OSError:
        return ""


def wait_for(number: int) -> list[int]:
    until = time.monotonic() + 30
    while len(found := processes()) != number:
        assert time.monotonic() < until, found
        time.sleep(0.02)
    return found


def jobs() -> list[Job]:
    objects = [item for item in find([str(SAMPLES)]) if isinstance(item, SourceObject)]
    return [
        Job(n, (item,), Access()) for n, item in enumerate(sorted(objects, key=lambda o: o.uri))
    ]


def all_new(ids: pa.Array, _: pa.Array) -> pa.Array:
    return pa.array([True] * len(ids))


def run(crew: Crew) -> list[int]:
    return [result.number for result in crew.run(jobs(), all_new, lambda *_: None)]


def test_results_come_in_the_order_of_the_batches_and_no_process_is_left(crew: Crew) -> None:
    crew.call(3)
    crew.call(3)
    wait_for(3)
    assert run(crew) == list(range(len(jobs())))
    crew.close()
    assert processes() == []


def test_processes_that_were_called_and_had_nothing_to_do_end_at_once(crew: Crew) -> None:
    crew.call(3)
    start = time.monotonic()
    crew.close()
    wait_for(0)
    assert time.monotonic() - start < 5


def test_there_are_no_more_than_batches(crew: Crew) -> None:
    """One batch, or two, for three workers: that many are started."""
    results = crew.run(jobs()[:2], all_new, lambda *_: None)
    assert next(results).number == 0
    assert len(processes()) <= 2
    assert [result.number for result in results] == [1]


@pytest.mark.parametrize(
    ("objects", "known", "called"),
    [(1999, False, []), (2000, False, [2]), (6000, False, [2]), (6000, True, [])],
)
def test_they_are_called_early_only_for_batches_that_are_sure(
    objects: int, known: bool, called: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for what the lake may have already."""
    monkeypatch.setattr("pipeline.ingest.plan.BATCH_OBJECTS", 1000)
    source = tmp_path / "source"
    write(source / "a.json", records_file(record(1)))
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    if known:
        ingest([str(source)], lake)
    calls: list[int] = []
    monkeypatch.setattr(Crew, "call", lambda _, batches: calls.append(batches))

    def listed(*_: object, **__: object) -> Iterator[Found]:
        for number in range(objects):
            yield SourceObject(f"{source}/{number}", 1, "x")
        raise SourceError("It ends here.", location="test")

    monkeypatch.setattr("pipeline.sources.find", listed)
    with pytest.raises(SourceError, match="It ends here"):
        ingest([str(source)], lake, workers=2)
    assert calls[:1] == called


@pytest.mark.parametrize("position", [0, -1])
def test_one_that_was_killed_is_told(crew: Crew, position: int) -> None:
    """The first, or a fork of it: neither is waited for without end."""
    crew.call(3)
    os.kill(wait_for(3)[position], signal.SIGKILL)
    with pytest.raises(RolecallError, match="A worker process ended without a word"):
        run(crew)
    crew.close()
    wait_for(0)


def test_none_works_once_the_process_that_called_it_is_gone(crew: Crew) -> None:
    """Its line is closed: it ends without a job."""
    crew.call(3)
    for line in crew._lines:  # as the system does when a process dies
        line.close()
    wait_for(0)
