"""The lake: Delta tables in a folder or in S3. The only room that knows format and layout.

<lake>/rolecall.json          marks the folder as a lake and says its version
<lake>/ingest.lock            held (flock) by the one process that writes
<lake>/events/event_date=…/   the events; event_date is in the path, not in the files
<lake>/files, rejects, …      one Delta table each
<lake>/keys/                  an index of the stored keys; only a cache, see `lake.keys`
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pipeline.lake.parquet import DataFile, EventWriter, event_order

if TYPE_CHECKING:
    from pipeline.lake.batches import Batch
    from pipeline.lake.care import MOST_DAYS, Care
    from pipeline.lake.lake import Lake, LakeWriter
    from pipeline.lake.ledger import gave_cloudtrail, known, outdated
    from pipeline.lake.listed import read_listed, write_listed

__all__ = [
    "MOST_DAYS",
    "Batch",
    "Care",
    "DataFile",
    "EventWriter",
    "Lake",
    "LakeWriter",
    "event_order",
    "gave_cloudtrail",
    "known",
    "outdated",
    "read_listed",
    "write_listed",
]

_MODULES = {
    "MOST_DAYS": "care",
    "Batch": "batches",
    "Care": "care",
    "Lake": "lake",
    "LakeWriter": "lake",
    "gave_cloudtrail": "ledger",
    "known": "ledger",
    "outdated": "ledger",
    "read_listed": "listed",
    "write_listed": "listed",
}


def __getattr__(name: str) -> object:
    """A name of `__all__` that the worker processes of an ingest do not need (PEP 562).

    They write files of events and are not to spend their first quarter of a second on Polars.
    """
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
