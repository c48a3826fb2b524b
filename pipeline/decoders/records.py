"""`{"Records": […]}`: the files that CloudTrail itself delivers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from pipeline.decoders import pieces, scan
from pipeline.decoders.model import (
    Decoder,
    Piece,
    is_whole_cloudtrail,
    mentions_cloudtrail,
)

_NAME = b'"Records"'

_USUAL_START = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
_USUAL_END = re.compile(rb"\](?=\s*\}\s*\Z)")
_END_BYTES = 64


def _lists(data: bytes) -> Iterator[int]:
    """Positions after the `[` of the outermost object's `Records`; usually one."""
    usual = _USUAL_START.match(data)
    if usual and data.count(_NAME) == 1:
        return iter([usual.end()])
    return scan.lists(data, "Records") if data.lstrip()[:1] == b"{" else iter(())


def _recognises(data: bytes) -> bool:
    return bool(_USUAL_START.match(data)) or next(_lists(data), None) is not None


@lru_cache(maxsize=8)
def _decoders(record_type: Any) -> tuple[msgspec.json.Decoder[Any], msgspec.json.Decoder[Any]]:
    """For a list of records, and for the object around one."""
    envelope = msgspec.defstruct("Envelope", [("Records", list[record_type])])
    return msgspec.json.Decoder(list[record_type]), msgspec.json.Decoder(envelope)


def _decode(block: bytes, record_type: Any) -> list[Any]:
    """Decode what stands between the usual start and end, which is one list and no more.

    Else the whole, unless there may be two lists in it: only the last would be decoded.
    """
    of_list, of_object = _decoders(record_type)
    start, end = _USUAL_START.match(block), _USUAL_END.search(block, len(block) - _END_BYTES)
    if start and end:
        try:
            records: list[Any] = of_list.decode(memoryview(block)[start.end() - 1 : end.end()])
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            pass
        else:
            return records
    if block.count(_NAME) > 1:
        raise msgspec.DecodeError("There may be two lists of records.")
    return list(of_object.decode(block).Records)


def _split(block: bytes) -> Iterator[Piece]:
    """The records of the list, and of further lists that follow it (`cat a.json b.json`)."""
    numbers = count(1)
    for document in pieces.documents(block, _lists):
        is_list = _recognises(document.raw)
        for piece in pieces.in_lists(document, _lists) if is_list else _other(document):
            yield Piece(next(numbers), piece.raw, piece.fault)


def _other(document: Piece) -> Iterator[Piece]:
    """What stands between lists: a record, as after a break, or none."""
    if is_whole_cloudtrail(document.raw):
        yield document
    elif document.fault or mentions_cloudtrail(document.raw):
        fault = document.fault or "It follows a list of records and is none."
        yield Piece(document.number, document.raw, fault)


DECODER = Decoder("records", _recognises, _decode, _split, lists=("Records",))
