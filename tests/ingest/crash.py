"""Ingest that kills itself: python -m tests.ingest.crash LAKE SOURCE STEP TIMES

Wraps one step of the ingest so that the process dies (SIGKILL) right after the step was taken
for the given number of times. The code under test knows nothing of it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from pipeline.ingest import ingest, plan
from pipeline.lake import Lake, batches, keys, parquet, tables

BATCH_BYTES = 6_000
STEPS: dict[str, tuple[Any, str]] = {
    "tables made": (batches.RecordTables, "__init__"),
    "events written": (parquet.EventWriter, "write"),
    "one day written": (parquet.EventWriter, "_write_day"),
    "ledger written": (batches, "write_table"),
    "table committed": (tables.Table, "commit"),
    "batch committed": (batches.RecordTables, "commit"),
    "keys written": (keys.KeyIndex, "_spilled"),
    "index saved": (keys.KeyIndex, "save"),
}
"""Step -> where its function is. `table committed` goes events, rejects, files in each batch."""


def dying(function: Callable[..., Any], times: int) -> Callable[..., Any]:
    calls = 0

    def wrapped(*args: Any, **options: Any) -> Any:
        nonlocal calls
        result = function(*args, **options)
        calls += 1
        if calls == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def main(lake: str, source: str, step: str, times: str) -> None:
    plan.BATCH_BYTES, plan.COMMIT_BATCHES = BATCH_BYTES, 2
    owner, name = STEPS[step]
    setattr(owner, name, dying(getattr(owner, name), int(times)))
    ingest([source], Lake.create_or_open(lake), workers=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
