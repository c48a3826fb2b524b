"""Runs one of `benchmarks.ways` in a process of its own; measures its time and its memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

WATCH_SECONDS = 0.02
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    rows -- rows written.
    seconds, cpu_seconds -- wall and processor time of the call and its workers.
    peak_bytes -- highest memory of the process and its workers together, shared pages divided
        among those that share them (PSS). 0 unless watched, or where /proc is absent.
    """

    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure(way: str, *paths: Path, watch: bool = False) -> Measured:
    """Run one of the ways.

    watch -- look at its memory all the time, which slows it down.
    """
    command = [sys.executable, "-m", "benchmarks.ways", way, *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak = 0
        while process.poll() is None:
            if watch:
                peak = max(peak, _memory(process.pid))
            time.sleep(WATCH_SECONDS)
        assert process.stdout is not None
        printed = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{way} failed with exit code {process.returncode}")
    result = json.loads(printed.splitlines()[-1])
    return Measured(result["rows"], result["seconds"], result["cpu_seconds"], peak)


def _memory(pid: int) -> int:
    """Bytes (PSS) of a process and all below it (Linux; 0 elsewhere)."""
    process = Path(f"/proc/{pid}")
    try:
        found = _PSS.search((process / "smaps_rollup").read_text())
        children = (process / "task" / str(pid) / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    own = int(found.group(1)) << 10 if found else 0
    return own + sum(_memory(int(child)) for child in children)
