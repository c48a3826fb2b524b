"""Step through JSON text piece by piece, also where it is broken.

A break costs the piece that it is in. No step looks at the same bytes more than a fixed number
of times, whatever the content is.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator

import msgspec

from pipeline.decoders import scan
from pipeline.decoders.model import CUT, Piece

_NEXT_DOCUMENT = re.compile(rb"\n(?=\{)")


def elements(data: bytes, position: int) -> Generator[Piece, None, int | None]:
    """The elements of an array; returns where it ends, or None when it breaks before.

    position -- after its `[`.
    """
    position = scan.skip_space(data, position)
    number = 0
    while data[position : position + 1] != b"]":
        number += 1
        if position >= len(data):
            yield Piece(number, b"", CUT)
            return None
        end = scan.end_of_value(data, position)
        if end is None:
            yield Piece(number, data[position:], CUT)
            return None
        yield Piece(number, data[position:end])
        position = scan.skip_space(data, end)
        if data[position : position + 1] == b",":
            position = scan.skip_space(data, position + 1)
        elif position < len(data) and data[position : position + 1] != b"]":
            yield Piece(number + 1, data[position:], "No comma between two records.")
            return None
    return position + 1


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
    """JSON texts that follow each other, and the elements of those that are arrays.

    Such texts may stand one a line, over many lines, or directly one after the other. From the
    first break on, what is left is cut before each `{` at a margin.
    """
    view = memoryview(data)
    number, line_end = 0, -1
    position = scan.skip_space(data, 0)
    while position < len(data):
        if data[position : position + 1] == b"[":
            after = yield from elements(data, position + 1)
            if after is None:
                return
            position = scan.skip_space(data, after)
            if position < len(data) and not may_follow(data, after):
                yield Piece(number + 1, data[after:], "It follows an array and is none.")
                return
            continue
        number += 1
        line_end = _line_end(data, position, line_end)
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


def ended(data: bytes) -> int:
    """Position after the last of the JSON texts at the beginning that certainly end; 0: none.

    What is no JSON text goes on until `{` stands at a margin, and together with the next text.
    """
    line_end, done = -1, 0
    position = scan.skip_space(data, 0)
    while position < len(data):
        line_end = _line_end(data, position, line_end)
        end = _certain_end(data, position, line_end)
        if end is None:
            break
        if data[end - 1] not in b"\n":
            done = end
        position = scan.skip_space(data, end)
    return done


def _certain_end(data: bytes, position: int, line_end: int) -> int | None:
    view = memoryview(data)
    end = None
    if data[position] in b"{[":
        is_array = data[position] in b"["
        if is_valid(view[position:line_end]) and not (is_array and line_end == len(data)):
            return line_end
        end = scan.end_of_value(data, position)
        if end is None or (is_array and not may_follow(data, end)):
            return None
        if is_array or is_valid(view[position:end]):
            return end
    margin = _NEXT_DOCUMENT.search(data, position, len(data) if end is None else end)
    return margin.end() if margin else end


def last_margin(data: bytes) -> int:
    """Position of the last `{` at a margin that is not at the beginning; 0: there is none."""
    return data.rfind(b"\n{", 1) + 1


def _line_end(data: bytes, position: int, known: int) -> int:
    """Where the line ends that the position is in.

    known -- the end of a line that begins no later.
    """
    if position <= known:
        return known
    end = data.find(b"\n", position)
    return len(data) if end < 0 else end


def may_follow(data: bytes, after: int) -> bool:
    """Whether what stands after an array begins a text of its own: on a line of its own, or with
    `[`. In `[INFO] {…}` it does not.
    """
    position = scan.skip_space(data, after)
    return data[position : position + 1] == b"[" or b"\n" in data[after:position]


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
