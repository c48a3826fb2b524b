"""From the content of an object to Arrow columns of `events`, or rejects with a reason.

Pure: no clock, no dice, no I/O. Two paths give the same rows for good records: a whole block
decoded in one typed call, and a tolerant one, record by record, for blocks that refuse.
"""

from __future__ import annotations

from pipeline.normalise.chunk import Chunk
from pipeline.normalise.columns import to_table
from pipeline.normalise.identity import Identities
from pipeline.normalise.read import MAX_RAW_TEXT, Content, Reject, read
from pipeline.normalise.rebuild import rebuild_record
from pipeline.normalise.shape import RecordShape

__all__ = [
    "MAX_RAW_TEXT",
    "Chunk",
    "Content",
    "Identities",
    "RecordShape",
    "Reject",
    "read",
    "rebuild_record",
    "to_table",
]
