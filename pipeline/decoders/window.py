"""Content of hundreds of megabytes, read through a window instead of being held whole.

Only what CloudTrail and its exports write in such sizes: one list of `Records`, or one record a
line. A cut between two records is proven, not guessed: what stands before it decodes as whole
elements of the list. Where none can be proven, the rest is one last block, however large, so
that the records are the same as those of the content read whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import msgspec

from pipeline.decoders import envelope, ndjson, records
from pipeline.decoders.compression import (
    LARGE_BYTES,
    MAGIC,
    UTF8_MARK,
    UTF16_MARKS,
    GzipError,
    gunzip,
    hinted_size,
)
from pipeline.decoders.model import BLOCK_BYTES, Decoder
from pipeline.sources import Stored

PART_BYTES = BLOCK_BYTES // 4
"""Expanded at a time, so that what was left over and the next part are no more than a block."""

_START, _END = b'{"Records":[', b"]}"
_BETWEEN = re.compile(rb"\}\s*(,)\s*\{")
_GZIP_RATIO = 8
_SEARCHED = 4 << 20
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Large:
    """Large content.

    decoder -- reads it: its `blocks` expand the object step by step, whatever they are given.
    size -- bytes that it expands to.
    """

    decoder: Decoder
    size: int


def large(stored: Stored, limit: int) -> Large | None:
    """The content of an object that is large, plain or sound gzip, and of a known container.

    None for every other object: `contents` reads it, or says what is wrong.
    """
    is_gzip = stored[: len(MAGIC)] == MAGIC
    guess = max(hinted_size(stored), len(stored) * _GZIP_RATIO) if is_gzip else len(stored)
    if guess <= LARGE_BYTES:
        return None
    size, head = 0, b""
    try:
        for part in _expanded(stored):
            head = head or part.removeprefix(UTF8_MARK)
            size = size + len(part) if is_gzip else len(stored)
            if size > limit:
                return None
            if head and not is_gzip:
                break
    except GzipError:
        return None
    is_wrapped = head.startswith((MAGIC, *UTF16_MARKS)) or envelope.items(head) is not None
    if size <= LARGE_BYTES or is_wrapped:
        return None
    if records.USUAL_START.match(head):
        decoder, blocks = records.DECODER, _lists
    elif ndjson.DECODER.recognises(head):
        decoder, blocks = ndjson.DECODER, _lines
    else:
        return None
    return Large(replace(decoder, blocks=lambda _: blocks(_parts(stored))), size)


def _expanded(stored: Stored) -> Iterator[bytes]:
    """Parts of gzip data, or of plain."""
    if stored[: len(MAGIC)] == MAGIC:
        return gunzip(stored, PART_BYTES)
    starts = range(0, len(stored), PART_BYTES)
    return (stored[start : start + PART_BYTES] for start in starts)


def _parts(stored: Stored) -> Iterator[bytes]:
    """The content without its byte order mark, which may be a gzip member of its own."""
    parts = _expanded(stored)
    for part in parts:
        if first := part.removeprefix(UTF8_MARK):
            yield first
            break
    yield from parts


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    rest = next(parts)
    for part in parts:
        end = part.rfind(b"\n") + 1
        if end:
            yield rest + part[:end]
            rest = part[end:]
        else:
            rest += part
    yield rest


def _lists(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks that are lists of records themselves."""
    first = next(parts)
    start = records.USUAL_START.match(first)
    if start is None:
        raise ValueError("no list of records, though it was recognised as one")
    rest = _START + first[start.end() :]
    for part in parts:
        rest += part
        block = _whole_records(rest)
        if block is None:
            rest += b"".join(parts)
            break
        yield block + _END
        rest = _START + rest[len(block) :].lstrip()[1:]
    yield rest


def _whole_records(text: bytes) -> bytes | None:
    """The text, which begins a list, up to the end of one of its last records."""
    found = [match.start(1) for match in _BETWEEN.finditer(text, max(len(text) - _SEARCHED, 0))]
    for comma in islice(reversed(found), _TRIES):
        block = text[:comma].rstrip()
        try:
            msgspec.json.decode(b"[%b]" % block[len(_START) :], type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        return block
    return None
