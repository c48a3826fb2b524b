"""One JSON record a line (NDJSON, JSON lines); a single record on one line as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from pipeline.decoders import scan
from pipeline.decoders.model import (
    CUT,
    Decoder,
    Piece,
    is_cut,
    is_whole_cloudtrail,
)

_SNIFFED_LINES = 100
_GLUED = re.compile(rb"\}\s*\{")


def lines(data: bytes) -> Iterator[bytes]:
    """The lines that are not blank, without their ends."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        if line := data[start:end].strip():
            yield line
        start = end + 1


def _recognises(data: bytes) -> bool:
    """Whether one of the first lines is a whole object that looks like a CloudTrail record."""
    for number, line in enumerate(lines(data)):
        if number == _SNIFFED_LINES:
            break
        if line.startswith(b"{") and is_whole_cloudtrail(line):
            return True
    return False


@lru_cache(maxsize=8)
def _decoder(record_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(record_type)


def _decode(block: bytes, record_type: Any) -> list[Any]:
    records: list[Any] = _decoder(record_type).decode_lines(block)
    return records


def _split(block: bytes) -> Iterator[Piece]:
    """The records of the lines; only what stands after the last line end may be cut off."""
    end = block.rfind(b"\n") + 1
    whole = (record for line in lines(block[:end]) for record in _records(line))
    numbers = count(1)
    for record in whole:
        yield Piece(next(numbers), record)
    for record in _records(block[end:].strip()):
        yield Piece(next(numbers), record, CUT if is_cut(record) else "")


def _records(line: bytes) -> Iterator[bytes]:
    """What a line holds: one record, or several glued to each other."""
    start = 0
    while line[start : start + 1] == b"{" and _GLUED.search(line, start):
        end = scan.end_of_value(line, start)
        following = len(line) if end is None else scan.skip_space(line, end)
        if line[following : following + 1] != b"{":
            break
        yield line[start:end]
        start = following
    if start < len(line):
        yield line[start:]


DECODER = Decoder("ndjson", _recognises, _decode, _split, lists=None)
