"""Runs one way of ingesting in a process of its own; measures its time and its memory.

    python -m benchmarks.measure rolecall|duckdb SOURCE TARGET

prints {"rows": …, "seconds": …} for the call alone, imports left out. `measure` does that from
outside and watches the memory of the process and all its workers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getpagesize, getrusage

CORES = 2
WATCH_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    rows -- rows written.
    seconds -- wall time of the call.
    cpu_seconds -- processor time of the process and its workers, start and imports included.
    peak_bytes -- highest resident memory of the process and its workers together; pages that
        they share count once for each, so this is an upper bound. 0 where /proc is absent.
    """

    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure(way: str, source: Path, target: Path) -> Measured:
    """Run one of `WAYS` and watch it."""
    before = _cpu_seconds_of_children()
    command = [sys.executable, "-m", "benchmarks.measure", way, str(source), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident_bytes(process.pid))
            time.sleep(WATCH_SECONDS)
        assert process.stdout is not None
        printed = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{way} failed with exit code {process.returncode}")
    result = json.loads(printed.splitlines()[-1])
    cpu_seconds = _cpu_seconds_of_children() - before
    return Measured(result["rows"], result["seconds"], cpu_seconds, peak)


def _cpu_seconds_of_children() -> float:
    """Processor time of the children that have ended, and of theirs."""
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _resident_bytes(pid: int) -> int:
    """Resident memory of a process and all below it (Linux; 0 elsewhere)."""
    process = Path(f"/proc/{pid}")
    try:
        resident = int((process / "statm").read_text().split()[1]) * getpagesize()
        children = (process / "task" / str(pid) / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return resident + sum(_resident_bytes(int(child)) for child in children)


def rolecall(source: Path, target: Path) -> tuple[int, float]:
    """Ingest into a new lake with two workers; events stored and seconds."""
    from pipeline.ingest import ingest  # noqa: PLC0415 (the other way must not pay for it)
    from pipeline.lake import Lake  # noqa: PLC0415

    start = time.perf_counter()
    summary = ingest([str(source)], Lake.create_or_open(str(target)), workers=CORES)
    return summary.records_stored, time.perf_counter() - start


def duckdb(source: Path, target: Path) -> tuple[int, float]:
    """One read_json statement with two threads; rows written and seconds."""
    from benchmarks.peer import write_parquet  # noqa: PLC0415

    start = time.perf_counter()
    rows = write_parquet(source, target, threads=CORES)
    return rows, time.perf_counter() - start


WAYS: dict[str, Callable[[Path, Path], tuple[int, float]]] = {
    "rolecall": rolecall,
    "duckdb": duckdb,
}


if __name__ == "__main__":
    way, source, target = sys.argv[1:]
    rows, seconds = WAYS[way](Path(source), Path(target))
    print(json.dumps({"rows": rows, "seconds": seconds}))
