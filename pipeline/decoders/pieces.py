"""Step through JSON text piece by piece, also where it is broken.

A break costs the piece that it is in. No step looks at the same bytes more than a fixed number
of times, whatever the content is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from pipeline.decoders import scan
from pipeline.decoders.model import BLOCK_BYTES, CUT, Piece

_NEXT_DOCUMENT = re.compile(rb"\n(?=\{)")


def elements(data: bytes, position: int) -> Iterator[Piece]:
    """The elements of an array.

    position -- after its `[`.
    """
    position = scan.skip_space(data, position)
    number = 0
    while data[position : position + 1] != b"]":
        number += 1
        if position >= len(data):
            yield Piece(number, b"", CUT)
            return
        end = scan.end_of_value(data, position)
        if end is None:
            yield Piece(number, data[position:], CUT)
            return
        yield Piece(number, data[position:end])
        position = scan.skip_space(data, end)
        if data[position : position + 1] == b",":
            position = scan.skip_space(data, position + 1)
        elif position < len(data) and data[position : position + 1] != b"]":
            yield Piece(number + 1, data[position:], "No comma between two records.")
            return


def in_lists(data: bytes, starts: Iterable[int]) -> Iterator[Piece]:
    """The elements of arrays that follow each other in the data, up to the first break.

    What stands after a break is in the piece that tells of it.
    """
    for start in starts:
        for piece in elements(data, start):
            yield piece
            if piece.fault:
                return


def documents(data: bytes) -> Iterator[Piece]:
    """The elements of the array that the content is, or the JSON texts that follow each other.

    Such texts may stand one a line, over many lines, or directly one after the other.
    """
    position = scan.skip_space(data, 0)
    if data[position : position + 1] == b"[":
        yield from elements(data, position + 1)
    else:
        yield from _sequence(data, position)


def _sequence(data: bytes, position: int) -> Iterator[Piece]:
    """Texts that follow each other; from the first break on, cut before each `{` at a margin."""
    number = 0
    view = memoryview(data)
    while position < len(data):
        number += 1
        line_end = data.find(b"\n", position)
        line_end = len(data) if line_end < 0 else line_end
        end: int | None = line_end
        if not is_valid(view[position:line_end]):
            end = scan.end_of_value(data, position) if data[position] in b"{" else None
            if end is None or not (
                is_valid(view[position:end]) or _NEXT_DOCUMENT.search(data, position, end) is None
            ):
                yield from _from_break(data, position, number)
                return
        yield Piece(number, data[position:end].strip())
        position = scan.skip_space(data, end or len(data))


def _from_break(data: bytes, position: int, first: int) -> Iterator[Piece]:
    for number, end in enumerate(_margins(data, position), start=first):
        raw = data[position:end].strip()
        position = end
        is_cut = end == len(data) and raw[:1] == b"{" and scan.end_of_value(raw, 0) is None
        yield Piece(number, raw, CUT if is_cut else "")


def _margins(data: bytes, position: int) -> Iterator[int]:
    for match in _NEXT_DOCUMENT.finditer(data, position):
        yield match.end()
    yield len(data)


def is_valid(raw: bytes | memoryview) -> bool:
    """Whether the text is one JSON value that is not nested too deeply."""
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def parts(records: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Groups of records of no more than `BLOCK_BYTES`; a larger record is alone."""
    part: list[bytes] = []
    size = 0
    for record in records:
        if part and size + len(record) > BLOCK_BYTES:
            yield part
            part, size = [], 0
        part.append(record)
        size += len(record) + 1
    if part:
        yield part
