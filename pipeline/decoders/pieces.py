"""Step through JSON text piece by piece, also where it is broken.

A break costs the piece that it is in. No step looks at the same bytes more than a fixed number
of times, whatever the content is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator

import msgspec

from pipeline.decoders import scan
from pipeline.decoders.model import CUT, Piece

_NEXT_DOCUMENT = re.compile(rb"\n(?=\{)")
_AROUND = b",]} \t\r\n"  # what a list leaves after its elements

Starts = Callable[[bytes], Iterable[int]]
"""Finds the lists in a JSON text: positions after their `[`."""


def _no_lists(_: bytes) -> Iterable[int]:
    return ()


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


def in_lists(document: Piece, starts: Starts) -> Iterator[Piece]:
    """The elements of the lists in a document; itself, where it has none.

    What stands after a break is cut before each `{` at a margin: each such part is an element, or
    a document again. Where there is none, it is in the piece that tells of the break.
    """
    found = list(starts(document.raw))
    if not found:
        yield document
    for start in found:
        last = None
        for piece in elements(document.raw, start):
            if piece.fault:
                yield from _broken_list(last, piece, starts)
                return
            if last:
                yield last
            last = piece
        if last:
            yield last


def _broken_list(last: Piece | None, rest: Piece, starts: Starts) -> Iterator[Piece]:
    """What a list breaks into; the element before the break may have swallowed others."""
    if last and _NEXT_DOCUMENT.search(last.raw) and not is_valid(last.raw):
        rest = Piece(last.number, last.raw + b"\n" + rest.raw)
    elif last:
        yield last
    if not _NEXT_DOCUMENT.search(rest.raw):
        yield rest
        return
    for part in _from_break(rest.raw, 0, rest.number):
        yield from in_lists(part, starts)


def documents(data: bytes, starts: Starts = _no_lists) -> Iterator[Piece]:
    """JSON texts that follow each other, and the elements of those that are arrays.

    Such texts may stand one a line, over many lines, or directly one after the other. From the
    first break on, what is left is cut before each `{` at a margin, but not within a list.

    starts -- finds the lists in such a text.
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
            if not _is_one(data, position, end, starts):
                yield from _from_break(data, position, number)
                return
        yield Piece(number, data[position:end].strip())
        position = scan.skip_space(data, end or len(data))


def _is_one(data: bytes, position: int, end: int | None, starts: Starts) -> bool:
    """Whether a text whose brackets close at `end`, or nowhere, is to be taken as one."""
    if data[position] not in b"{":
        return False
    if end is not None and (
        is_valid(memoryview(data)[position:end])
        or _NEXT_DOCUMENT.search(data, position, end) is None
    ):
        return True
    return any(starts(data[position:end]))


def ended(data: bytes, starts: Starts = _no_lists) -> int:
    """Position after the last of the JSON texts at the beginning that certainly end; 0: none.

    What is no JSON text goes on until `{` stands at a margin, and together with the next text.
    """
    line_end, done = -1, 0
    position = scan.skip_space(data, 0)
    while position < len(data):
        line_end = _line_end(data, position, line_end)
        end = _certain_end(data, position, line_end, starts)
        if end is None:
            break
        if data[end - 1] not in b"\n":
            done = end
        position = scan.skip_space(data, end)
    return done


def _certain_end(data: bytes, position: int, line_end: int, starts: Starts) -> int | None:
    view = memoryview(data)
    end = None
    if data[position] in b"{[":
        is_array = data[position] in b"["
        if is_valid(view[position:line_end]) and not (is_array and line_end == len(data)):
            return line_end
        end = scan.end_of_value(data, position)
        if end is None or (is_array and not may_follow(data, end)):
            return None
        if is_array or is_valid(view[position:end]) or any(starts(data[position:end])):
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
        closed = scan.end_of_value(raw, 0) if raw[:1] == b"{" else 0
        if closed is None:
            yield Piece(number, raw, CUT if end == len(data) else "")
        elif raw[closed:].strip(_AROUND):
            yield Piece(number, raw)
        elif closed:
            yield Piece(number, raw[:closed])


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
