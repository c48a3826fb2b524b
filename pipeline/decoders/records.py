"""`{"Records": […]}`: the files that CloudTrail itself delivers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from pipeline.decoders import pieces, scan
from pipeline.decoders.model import BLOCK_BYTES, Decoder, Piece

_USUAL_START = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')


def _start(data: bytes) -> int | None:
    """Position after the `[` of the outermost object's `Records`."""
    if usual := _USUAL_START.match(data):
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
    return pieces.elements(block, _start(block) or 0)


DECODER = Decoder("records", _recognises, _blocks, _decode, _split)
