"""What a decoder is, and how CloudTrail records are told from other JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one record in its container.

    number -- position in the container, from 1.
    raw -- the record's bytes, not yet decoded.
    fault -- why this is no record: the container breaks here, or holds something else.
    """

    number: int
    raw: bytes
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Decoder:
    """One container format, as plain functions.

    name -- the format's name.
    recognises -- whether the content is of this format; cheap, broken content included.
    decode -- decode a block, which is content or a part of it that is of the format too, in one
        typed call: (block, record type) -> records. Raises msgspec.DecodeError,
        UnicodeDecodeError or RecursionError when any record does not fit.
    split -- step through a block record by record; survives broken content.
    lists -- names of the members that hold a list of records, in JSON texts that follow each
        other; records may also be such texts themselves, or elements of arrays. None: one record
        a line.
    """

    name: str
    recognises: Callable[[bytes], bool]
    decode: Callable[[bytes, type[Any]], list[Any]]
    split: Callable[[bytes], Iterator[Piece]]
    lists: tuple[str, ...] | None = ()


CUT = "The file ends in mid-record"
"""`Piece.fault` of a record that the end of the content cuts off."""

BLOCK_BYTES = 32 << 20
"""Content above this size is decoded in blocks of no more than about this size."""

_TRUNCATED = "Input data was truncated"  # what msgspec says
_TELLING = ("eventVersion", "eventTime", "eventSource", "eventName", "eventID", "userIdentity")
_TELLING_FIELDS = 3
_FIELD_PATTERNS = tuple(f'"{name}"'.encode() for name in _TELLING)
_FIELD_NAMES = tuple(name.encode() for name in _TELLING)

Fields = dict[str, msgspec.Raw]
"""Names of an object's members -> their JSON text."""


def looks_like_cloudtrail(raw: bytes) -> bool:
    """Whether a record, decodable or not, has the marks of a CloudTrail record."""
    if sum(pattern in raw for pattern in _FIELD_PATTERNS) < _TELLING_FIELDS:
        return False
    fields = fields_of(raw)
    return raw.lstrip()[:1] == b"{" if fields is None else is_cloudtrail(fields)


def is_whole_cloudtrail(raw: bytes) -> bool:
    """Whether a text is one JSON object with the marks of a CloudTrail record."""
    fields = fields_of(raw)
    return fields is not None and is_cloudtrail(fields)


def is_cloudtrail(fields: Fields) -> bool:
    """Whether an object has the marks of a CloudTrail record.

    Notifications of S3 and SNS share field names with CloudTrail; their eventSource
    (`aws:s3`) tells them apart.
    """
    if sum(name in fields for name in _TELLING) < _TELLING_FIELDS:
        return False
    return not bytes(fields.get("eventSource", b"")).startswith(b'"aws:')


def mentions_cloudtrail(data: bytes) -> bool:
    """Whether the names of CloudTrail's fields stand anywhere in the content."""
    return sum(name in data for name in _FIELD_NAMES) >= _TELLING_FIELDS


def fields_of(raw: bytes) -> Fields | None:
    """The members of an object; None when the text is no object or broken."""
    try:
        return msgspec.json.decode(raw, type=Fields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def is_cut(raw: bytes) -> bool:
    """Whether a text is the beginning of a JSON value, sound as far as it goes."""
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return str(error) == _TRUNCATED
    except (UnicodeDecodeError, RecursionError):
        pass
    return False
