"""The lake: Delta tables in a folder. The only room that knows the table format and layout.

<lake>/rolecall.json          marks the folder as a lake and says its version
<lake>/ingest.lock            held (flock) by the one process that writes
<lake>/events/event_date=…/   the events; event_date is in the path, not in the files
<lake>/files, rejects, …      one Delta table each
<lake>/keys/                  an index of the stored keys; only a cache, see `lake.keys`
"""

from __future__ import annotations

from pipeline.lake.batches import Batch, batch_id
from pipeline.lake.care import Care
from pipeline.lake.lake import Lake
from pipeline.lake.ledger import known
from pipeline.lake.listed import read_listed, write_listed
from pipeline.lake.parquet import DataFile, EventWriter

__all__ = [
    "Batch",
    "Care",
    "DataFile",
    "EventWriter",
    "Lake",
    "batch_id",
    "known",
    "read_listed",
    "write_listed",
]
