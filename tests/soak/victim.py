"""A night's work that somebody kills: python -m tests.soak.victim LAKE SOURCE

Says `begun` when the work begins. Small batches and worker processes, so that a kill finds
everything half done. The code under test knows nothing of it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from pipeline.attribution import build
from pipeline.ingest import ingest, plan
from pipeline.lake import Lake

BATCH_BYTES = 12_000
NOW = datetime(2100, 1, 1, tzinfo=UTC)
"""All days are closed, and all files that were replaced are old."""


def night(lake: str, source: str) -> None:
    """Ingest in small batches, by two worker processes; build; take care of the lake."""
    plan.BATCH_BYTES, plan.COMMIT_BATCHES = BATCH_BYTES, 2
    plan._SMALL_OBJECTS = 0
    place = Lake.create_or_open(lake)
    ingest([source], place, workers=2)
    build(place)
    place.compact(NOW, retention_hours=0)


if __name__ == "__main__":
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    night(*sys.argv[1:])
