"""`{"Records": […]}`: the files that CloudTrail itself delivers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from pipeline.decoders import pieces, scan
from pipeline.decoders.model import BLOCK_BYTES, Decoder, Piece, mentions_cloudtrail

USUAL_START = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
"""Up to the list, where it is the first member of the object."""


def _start(data: bytes) -> int | None:
    """Position after the `[` of the outermost object's `Records`."""
    if usual := USUAL_START.match(data):
        return usual.end()
    if b'"Records"' not in data or data.lstrip()[:1] != b"{":
        return None
    position = scan.member(data, b"Records")
    if position is None or data[position : position + 1] != b"[":
        return None
    return position + 1


def _recognises(data: bytes) -> bool:
    return _start(data) is not None


@lru_cache(maxsize=8)
def _decoder(record_type: Any) -> msgspec.json.Decoder[Any]:
    envelope = msgspec.defstruct("Envelope", [("Records", list[record_type])])
    return msgspec.json.Decoder(envelope)


def _decode(block: bytes, record_type: Any) -> list[Any]:
    records: list[Any] = _decoder(record_type).decode(block).Records
    return records


def _blocks(data: bytes) -> Iterator[bytes]:
    if len(data) <= BLOCK_BYTES:
        yield data
        return
    try:
        records = _decode(data, msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield data
        return
    for part in pieces.parts(map(bytes, records)):
        yield b'{"Records":[' + b",".join(part) + b"]}"


def _split(block: bytes) -> Iterator[Piece]:
    """The records of the list, and of further lists that follow it (`cat a.json b.json`)."""
    numbers = count(1)
    position = scan.skip_space(block, 0)
    while position < len(block):
        is_object = block[position : position + 1] == b"{"
        end = scan.end_of_value(block, position) if is_object else None
        document = block[position:end]
        start = _start(document)
        if start is not None:
            for piece in pieces.elements(document, start):
                yield Piece(next(numbers), piece.raw, piece.fault)
        elif mentions_cloudtrail(document):
            yield Piece(next(numbers), document, "It follows a list of records and is none.")
        if end is None:
            return
        position = scan.skip_space(block, end)


DECODER = Decoder("records", _recognises, _blocks, _decode, _split)
