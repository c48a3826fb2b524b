"""What the containers have in common that put something around each record.

They come as one object, as an array, or as objects that follow each other (one a line or not),
and some hold a list of items. Only the way from an item to its record differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from pipeline.decoders import pieces, scan
from pipeline.decoders.model import (
    BLOCK_BYTES,
    Decoder,
    Fields,
    Piece,
    fields_of,
    is_cloudtrail,
    is_whole_cloudtrail,
    looks_like_cloudtrail,
    mentions_cloudtrail,
)

Unwrap = Callable[[Fields], bytes | None]
"""The record's text in an item; None when the item has no place for one."""

_FOREIGN = "It does not look like a CloudTrail record."
_SNIFFED_ITEMS = 100


def wrapper(
    name: str, unwrap: Unwrap, lists: tuple[str, ...] = (), *, broken: bool = False
) -> Decoder:
    """A decoder for items that `unwrap` knows.

    lists -- names of members that hold a list of items, in an object around them.
    broken -- whether content that holds nothing but broken records is recognised.
    """

    def items(document: Piece) -> Iterator[Piece]:
        for member in lists:
            start = scan.member(document.raw, member.encode())
            if start is not None and document.raw[start : start + 1] == b"[":
                yield from pieces.elements(document.raw, start + 1)
                return
        yield document

    def split(block: bytes) -> Iterator[Piece]:
        found = (item for document in pieces.documents(block) for item in items(document))
        for number, item in enumerate(found, start=1):
            yield _record(item, number, unwrap)

    def decode(block: bytes, record_type: Any) -> list[Any]:
        decoder = _decoder(record_type)
        return [decoder.decode(raw) for raw in _sound(split(block))]

    def blocks(data: bytes) -> Iterator[bytes]:
        if len(data) <= BLOCK_BYTES:
            yield data
            return
        try:
            records = list(_sound(split(data)))
        except msgspec.DecodeError:
            yield data
            return
        for part in pieces.parts(records):
            yield b"[" + b",".join(part) + b"]"

    def recognises(data: bytes) -> bool:
        if not mentions_cloudtrail(data):
            return False
        first = islice(split(data), _SNIFFED_ITEMS)
        return any(
            is_whole_cloudtrail(piece.raw) or (broken and looks_like_cloudtrail(piece.raw))
            for piece in first
        )

    return Decoder(name, recognises, blocks, decode, split)


def text(value: msgspec.Raw | None) -> bytes | None:
    """A value that is an object, or text in which one may stand, as JSON text; else None."""
    raw = bytes(value or b"")
    if raw[:1] != b'"':
        return raw if raw[:1] == b"{" else None
    try:
        return msgspec.json.decode(raw, type=str).encode()
    except (msgspec.DecodeError, UnicodeError):
        return None


def _record(item: Piece, number: int, unwrap: Unwrap) -> Piece:
    """The record of an item; an item that is itself a record counts as one."""
    fields = fields_of(item.raw)
    if fields is None or is_cloudtrail(fields):
        return Piece(number, item.raw, item.fault)
    raw = unwrap(fields)
    if raw is None or not looks_like_cloudtrail(raw):
        return Piece(number, raw or item.raw, _FOREIGN)
    return Piece(number, raw)


def _sound(found: Iterator[Piece]) -> Iterator[bytes]:
    for piece in found:
        if piece.fault:
            raise msgspec.DecodeError(piece.fault)
        yield piece.raw


@lru_cache(maxsize=8)
def _decoder(record_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(record_type)
