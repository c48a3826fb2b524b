"""What the containers have in common that put something around each record.

They come as one object, as an array, or as objects that follow each other (one a line or not),
and some hold a list of items. Only the way from an item to its record differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import count, islice
from typing import Any

import msgspec

from pipeline.decoders import paths, pieces, scan
from pipeline.decoders.model import (
    Decoder,
    Piece,
    fields_of,
    is_cloudtrail,
    is_whole_cloudtrail,
    looks_like_cloudtrail,
    mentions_cloudtrail,
)

Path = tuple[str, ...]
"""Names from an item down to its record, which is an object or a text that holds one."""

_FOREIGN = "It does not look like a CloudTrail record."
_SNIFFED_ITEMS = 100


def wrapper(name: str, *places: Path, lists: tuple[str, ...] = (), broken: bool = False) -> Decoder:
    """A decoder for items that hold their record in the first of the places that has an object.

    lists -- names of members that hold a list of items, in an object around them.
    broken -- whether content that holds nothing but broken records is recognised.
    """
    starts = partial(scan.all_lists, names=lists)

    def split(block: bytes) -> Iterator[Piece]:
        numbers = count(1)
        for document in pieces.documents(block, starts):
            for item in pieces.in_lists(document, starts):
                for raw, fault in _records(item, places):
                    yield Piece(next(numbers), raw, fault)

    def decode(block: bytes, record_type: Any) -> list[Any]:
        decoder = _decoder(record_type)
        return [decoder.decode(raw) for raw in _sound(split(block))]

    def recognises(data: bytes) -> bool:
        if not mentions_cloudtrail(data):
            return False
        first = islice(split(data), _SNIFFED_ITEMS)
        return any(
            (not piece.fault and is_whole_cloudtrail(piece.raw))
            or (broken and looks_like_cloudtrail(piece.raw))
            for piece in first
        )

    return Decoder(name, recognises, decode, split, lists)


def _records(item: Piece, places: tuple[Path, ...]) -> Iterator[tuple[bytes, str]]:
    """The records of an item with their faults: one, but for a name that is there twice.

    An item that is itself a record counts as one.
    """
    fields = fields_of(item.raw)
    if fields is None or is_cloudtrail(fields):
        yield item.raw, item.fault
        return
    for raw in _held(item.raw, places) or [item.raw]:
        yield raw, "" if raw is not item.raw and looks_like_cloudtrail(raw) else _FOREIGN


def _held(raw: bytes, places: tuple[Path, ...]) -> list[bytes]:
    """What is in the first of the places that has an object."""
    for place in places:
        texts = [paths.text(value) or value for value in paths.values(raw, place)]
        if any(text.lstrip()[:1] == b"{" for text in texts):
            return texts
    return []


def _sound(found: Iterator[Piece]) -> Iterator[bytes]:
    for piece in found:
        if piece.fault:
            raise msgspec.DecodeError(piece.fault)
        yield piece.raw


@lru_cache(maxsize=8)
def _decoder(record_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(record_type)
