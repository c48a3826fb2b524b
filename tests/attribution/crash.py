"""A build that kills itself: python -m tests.attribution.crash LAKE STEP TIMES

Wraps one step of the build so that the process dies (SIGKILL) right after the step was taken
for the given number of times. The code under test knows nothing of it.
"""

from __future__ import annotations

import sys

from pipeline.attribution import build
from pipeline.lake import Lake
from pipeline.lake.models import ModelTables
from tests.ingest.crash import dying

STEPS = {"table written": "_write", "older build undone": "_restore", "snapshot written": "commit"}
"""Step -> the method of ModelTables that takes it."""


def main(lake: str, step: str, times: str) -> None:
    name = STEPS[step]
    setattr(ModelTables, name, dying(getattr(ModelTables, name), int(times)))
    build(Lake.open(lake))


if __name__ == "__main__":
    main(*sys.argv[1:])
