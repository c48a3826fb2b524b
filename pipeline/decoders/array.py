"""A JSON array of records: `[{…}, {…}]`; several may follow each other (`cat a.json b.json`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from pipeline.decoders import pieces, scan
from pipeline.decoders.model import (
    Decoder,
    Piece,
    is_whole_cloudtrail,
    mentions_cloudtrail,
)

_SNIFFED_ELEMENTS = 100


def _recognises(data: bytes) -> bool:
    """Whether one of the first elements looks like a CloudTrail record."""
    start = scan.skip_space(data, 0)
    if data[start : start + 1] != b"[" or not mentions_cloudtrail(data):
        return False
    first = islice(_split(data), _SNIFFED_ELEMENTS)
    return any(not piece.fault and is_whole_cloudtrail(piece.raw) for piece in first)


@lru_cache(maxsize=8)
def _decoder(record_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[record_type])


def _decode(block: bytes, record_type: Any) -> list[Any]:
    records: list[Any] = _decoder(record_type).decode(block)
    return records


def _split(block: bytes) -> Iterator[Piece]:
    for number, piece in enumerate(pieces.documents(block), start=1):
        yield Piece(number, piece.raw, piece.fault)


DECODER = Decoder("array", _recognises, _decode, _split)
