"""Lines with something before the record.

`awslogs` prints `<group> <stream> {…}`, an export of CloudWatch Logs to S3 `<time> {…}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from pipeline.decoders import ndjson
from pipeline.decoders.model import (
    Decoder,
    Piece,
    is_whole_cloudtrail,
    looks_like_cloudtrail,
    mentions_cloudtrail,
)

_LONGEST_PREFIX = 1024
_SNIFFED_LINES = 100
_NO_RECORD = "There is no CloudTrail record in this line."


def _split(block: bytes) -> Iterator[Piece]:
    for number, line in enumerate(ndjson.lines(block), start=1):
        start = line.find(b"{", 0, _LONGEST_PREFIX)
        record = line[start:] if start >= 0 else b""
        fault = "" if looks_like_cloudtrail(record) else _NO_RECORD
        yield Piece(number, record or line, fault)


def _recognises(data: bytes) -> bool:
    """Whether one of the first lines holds a record after some words."""
    if not mentions_cloudtrail(data):
        return False
    return any(is_whole_cloudtrail(piece.raw) for piece in islice(_split(data), _SNIFFED_LINES))


@lru_cache(maxsize=8)
def _decoder(record_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(record_type)


def _decode(block: bytes, record_type: Any) -> list[Any]:
    decoder = _decoder(record_type)
    records = []
    for piece in _split(block):
        if piece.fault:
            raise msgspec.DecodeError(piece.fault)
        records.append(decoder.decode(piece.raw))
    return records


DECODER = Decoder("log lines", _recognises, _decode, _split, lists=None)
