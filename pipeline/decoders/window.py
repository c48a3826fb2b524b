"""Content of hundreds of megabytes, read through a window instead of being held whole.

It is cut into blocks that are content of its format themselves: between two lines, between two
JSON texts that follow each other, or between two elements of a list, around which the beginning
and the end of the list are then put. A cut is proven: what stands before it decodes, or its
brackets close. Where content is broken so that nothing can be proven, it is cut before a `{` at
a margin, from where the decoders, too, go on after a break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice

import msgspec

from pipeline.decoders import pieces, scan
from pipeline.decoders.compression import Expanded
from pipeline.decoders.model import BLOCK_BYTES, Decoder

LONGEST_BYTES = BLOCK_BYTES * 3 // 2
"""Most bytes without a place to cut; more than the largest record that is stored."""

_BETWEEN = re.compile(rb"\}\s*(,)\s*\{")
_NAME_OF_LIST = re.compile(rb'"\w+"\s*:\s*\[\Z')
_SEARCHED = 4 << 20
_TRIES = 8


class UncutError(Exception):
    """What is left of the content cannot be cut; the text says why."""


def blocks(decoder: Decoder, content: Expanded) -> Iterator[bytes]:
    """The content as blocks that its decoder reads one after the other; itself, where it is held.

    Raises UncutError where nothing that ends a record is found in `LONGEST_BYTES`.
    """
    if content.large is None:
        return iter((content.data,))
    parts = content.large.parts()
    return _lines(parts) if decoder.lists is None else texts(parts, decoder.lists)


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for part in parts:
        end = part.rfind(b"\n") + 1
        if end:
            yield rest + part[:end]
            rest = part[end:]
        else:
            rest += part
            _check(rest)
    yield rest


def texts(parts: Iterator[bytes], lists: tuple[str, ...]) -> Iterator[bytes]:
    """Blocks of JSON texts that follow each other.

    lists -- names of members that hold a list which may be cut; arrays may be cut, too.
    """
    opening, rest, enough = b"", b"", 0
    for part in parts:
        rest += part
        while len(rest) >= enough:
            found = _cut(opening, rest, lists)
            if found is None:
                _check(rest)
                enough = min(2 * len(rest), LONGEST_BYTES)
                break
            block, opening, rest = found
            enough = 0
            yield block
    if rest.strip() or opening:
        yield opening + rest


def _check(rest: bytes) -> None:
    if len(rest) >= LONGEST_BYTES:
        size = f"{LONGEST_BYTES:,} bytes"
        message = f"Within {size} no record ends: the rest is not read. Mend or split the file."
        raise UncutError(message)


def _cut(opening: bytes, rest: bytes, lists: tuple[str, ...]) -> tuple[bytes, bytes, bytes] | None:
    """A block, what begins the list that the rest is in, and the rest; None: more is needed.

    opening -- what begins the list that the rest is in; empty between two JSON texts.
    """
    found = None
    if opening:
        found = _cut_list(opening, rest)
    elif end := pieces.ended(rest, partial(scan.all_lists, names=lists)):
        found = rest[:end], b"", rest[end:]
    elif start := _list_start(rest, lists):
        found = _cut_list(rest[:start], rest[start:])
    if found is None and 2 * len(rest) >= LONGEST_BYTES and (end := pieces.last_margin(rest)):
        found = opening + rest[:end], b"", rest[end:]
    return found


def _list_start(text: bytes, names: tuple[str, ...]) -> int:
    """Position after the `[` of the last list that the text begins; 0: there is none."""
    start = scan.skip_space(text, 0)
    if text[start : start + 1] == b"[":
        return start + 1
    return max(scan.all_lists(text, names), default=0)


def _cut_list(opening: bytes, rest: bytes) -> tuple[bytes, bytes, bytes] | None:
    """As `_cut`, in a list: the rest begins with an element."""
    name = _NAME_OF_LIST.search(opening)
    again, closing = (b"{" + name.group(), b"]}") if name else (b"[", b"]")
    comma = _proven_comma(rest)
    if not comma:
        comma, end = _stepped_over(rest, closing)
        if end:
            return opening + rest[:end], b"", rest[end:]
    if not comma:
        return None
    return opening + rest[:comma].rstrip() + closing, again, rest[comma + 1 :]


def _proven_comma(elements: bytes) -> int:
    """Position of one of the last commas before which whole elements decode; 0: not found."""
    start = max(len(elements) - _SEARCHED, 0)
    found = [match.start(1) for match in _BETWEEN.finditer(elements, start)]
    for comma in islice(reversed(found), _TRIES):
        try:
            msgspec.json.decode(b"[%b]" % elements[:comma], type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        return comma
    return 0


def _stepped_over(elements: bytes, closing: bytes) -> tuple[int, int]:
    """The last comma after an element whose brackets close, and where the text ends that the list
    is in; 0: not found.
    """
    comma, position = 0, scan.skip_space(elements, 0)
    while position < len(elements):
        if elements[position] in b"]":
            return comma, _end_of_text(elements, position + 1, closing)
        end = scan.end_of_value(elements, position)
        if end is None:
            break
        position = scan.skip_space(elements, end)
        if elements[position : position + 1] == b",":
            comma, position = position, scan.skip_space(elements, position + 1)
        elif elements[position : position + 1] != b"]":
            break
    return comma, 0


def _end_of_text(text: bytes, position: int, closing: bytes) -> int:
    """Where the text ends whose list ended at the position."""
    if closing == b"]":
        return position if pieces.may_follow(text, position) else 0
    end = scan.end_of_value(b"{" + text[position:], 0)
    return position - 1 + end if end else 0
