"""Ingest: for each source object, expand, decode, normalise, append what is new.

Objects are taken in sorted order in batches. Worker processes read the batches and write files
of events; one process decides, batch after batch, which records are new, and commits. So the
result does not depend on which worker is faster, and a crash costs the unfinished batches only.

Worker processes are on their way in a quarter of a second because they import neither Polars nor
the table format: a name is fetched from its module when it is first asked for (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.ingest.first_look import look
    from pipeline.ingest.listing import Survey, survey
    from pipeline.ingest.run import ingest
    from pipeline.ingest.summary import IngestSummary, Progress

__all__ = ["IngestSummary", "Progress", "Survey", "ingest", "look", "survey"]

_MODULES = {
    "IngestSummary": "summary",
    "Progress": "summary",
    "Survey": "listing",
    "ingest": "run",
    "look": "first_look",
    "survey": "listing",
}


def __getattr__(name: str) -> object:
    """A name of `__all__`."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
