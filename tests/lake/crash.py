"""Care that kills itself: python -m tests.lake.crash LAKE OWNER STEP TIMES

OWNER is a module, or MODULE:CLASS; the process dies (SIGKILL) right after its function STEP was
called for the given number of times. The code under test knows nothing of it.
"""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime

from pipeline.lake import Lake, care
from tests.ingest.crash import dying


def main(lake: str, owner: str, step: str, times: str) -> None:
    module, _, name = owner.partition(":")
    place = importlib.import_module(module)
    target = getattr(place, name) if name else place
    setattr(target, step, dying(getattr(target, step), int(times)))
    care._LOG_ENTRIES = 2
    Lake.open(lake).compact(datetime(2100, 1, 1, tzinfo=UTC))


if __name__ == "__main__":
    main(*sys.argv[1:])
