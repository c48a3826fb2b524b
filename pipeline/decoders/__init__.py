"""From the bytes of an object to its records, one file per container format.

What an object is gets decided by its content, never by its name. To read a new container:
one file here, and one entry in `DECODERS`.
"""

from __future__ import annotations

from pipeline.decoders import (
    array,
    bare,
    cloudwatch_logs,
    event_bridge,
    log_lines,
    lookup_events,
    ndjson,
    records,
    wrapped,
)
from pipeline.decoders.archive import JUNK, contents
from pipeline.decoders.compression import GZIP_CUT, MAX_BYTES, Expanded, expand
from pipeline.decoders.foreign import kind_of
from pipeline.decoders.model import BLOCK_BYTES, CUT, Decoder, Piece, looks_like_cloudtrail
from pipeline.decoders.window import UncutError, blocks

__all__ = [
    "BLOCK_BYTES",
    "CUT",
    "DECODERS",
    "GZIP_CUT",
    "JUNK",
    "MAX_BYTES",
    "VERSION",
    "Decoder",
    "Expanded",
    "Piece",
    "UncutError",
    "blocks",
    "contents",
    "expand",
    "kind_of",
    "looks_like_cloudtrail",
    "recognise",
]

VERSION = 5
"""Raised with every change that lets the decoders read more than before. The ledger keeps it with
each object, so that what an older version could not read is read again by a newer one."""

DECODERS: tuple[Decoder, ...] = (
    records.DECODER,
    array.DECODER,
    ndjson.DECODER,
    lookup_events.DECODER,
    event_bridge.DECODER,
    cloudwatch_logs.DECODER,
    wrapped.DECODER,
    log_lines.DECODER,
    bare.DECODER,
)
"""Tried in this order; the first that recognises the content reads it."""


def recognise(data: bytes) -> Decoder | None:
    """The decoder for this content, or None when no decoder knows it (see `kind_of`)."""
    for decoder in DECODERS:
        if decoder.recognises(data):
            return decoder
    return None
