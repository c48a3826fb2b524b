"""The ways of ingesting, each in the process that calls it, with two cores.

    python -m benchmarks.ways WAY SOURCE TARGET [LAKE]

prints {"rows": …, "seconds": …, "cpu_seconds": …} for the call alone, imports left out (those
of worker processes counted).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

CORES = 2

Timed = tuple[int, float, float]
"""Rows, wall seconds, processor seconds."""


def rolecall(source: Path, target: Path) -> Timed:
    """Ingest into a lake, new or not, with two workers; events stored."""
    from pipeline.ingest import ingest  # noqa: PLC0415 (the other ways must not pay for it)
    from pipeline.lake import Lake  # noqa: PLC0415

    def call() -> int:
        lake = Lake.create_or_open(str(target))
        return ingest([str(source)], lake, workers=CORES).records_stored

    return _timed(call)


def models(source: Path, target: Path) -> Timed:
    """Bring the attribution models of the lake `target` up to its events; sessions built."""
    from pipeline.attribution import build  # noqa: PLC0415
    from pipeline.lake import Lake  # noqa: PLC0415

    return _timed(lambda: build(Lake.open(str(target))).sessions_built)


def duckdb(source: Path, target: Path) -> Timed:
    """One read_json statement with two threads; rows written."""
    from benchmarks.peer import write_parquet  # noqa: PLC0415

    return _timed(lambda: write_parquet(source, target, threads=CORES))


def loop(source: Path, target: Path) -> Timed:
    """The plain loop, one process; rows written."""
    from benchmarks.loop import write_parquet  # noqa: PLC0415

    return _timed(lambda: write_parquet(source, target))


def limit(source: Path, target: Path, lake: Path) -> Timed:
    """What no way can beat, with two processes; rows written."""
    from benchmarks.limit import run  # noqa: PLC0415

    return run(source, target, lake, CORES)


WAYS: dict[str, Callable[..., Timed]] = {
    way.__name__: way for way in (rolecall, models, duckdb, loop, limit)
}


def _timed(call: Callable[[], int]) -> Timed:
    start, before = time.perf_counter(), _cpu_seconds()
    rows = call()
    return rows, time.perf_counter() - start, _cpu_seconds() - before


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    usages = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    way, *paths = sys.argv[1:]
    rows, seconds, cpu_seconds = WAYS[way](*map(Path, paths))
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu_seconds": cpu_seconds}))
