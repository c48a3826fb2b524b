"""Read one record that the typed decoder refused, keeping all that can be kept."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from msgspec import Raw

from pipeline.normalise.depth import with_headroom
from pipeline.normalise.response import drop_token_members
from pipeline.normalise.shape import TOP_LEVEL
from pipeline.normalise.times import parse_time, usual_time
from pipeline.schema import Column

RECORD = "rolecall:record"
"""Key of `additional_fields` that holds the whole record as a string of JSON text: one with
characters that no JSON column can hold (lone surrogates)."""

RESERVED = "rolecall:"
"""Keys of `additional_fields` that begin so are ours; see `safe_name`."""

Extras = dict[str, bytes]
"""Key of `additional_fields` -> JSON text."""

_BY_RAW = {column.raw: column for column in TOP_LEVEL}
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


class UnfitError(Exception):
    """The record cannot be stored; the text says why."""


def safe_name(name: str) -> str:
    """The key under which `additional_fields` keeps a raw field; never one of ours."""
    return RESERVED + name if name.startswith(RESERVED) else name


def read_one(raw: bytes, record_type: type[Any]) -> tuple[Any, int, Extras]:
    """Read one record: (record, event time in microseconds, extras). Raises UnfitError."""
    try:
        fields, extras = with_headroom(_fields, raw)
    except RecursionError as error:
        raise UnfitError("The record is nested too deeply.") from error
    values: dict[str, Any] = {}
    for name, value in fields.items():
        column = _BY_RAW.get(name)
        if column is None:
            extras[safe_name(name)] = bytes(value)
        elif column.kind == "json":
            values[column.name] = value
        elif not _scalar(column, bytes(value), values):
            extras[name] = bytes(value)
    time = _event_time(values, extras)
    for name in ("event_source", "event_name"):
        if not values.get(name):
            if "insight_details" not in values:
                raise UnfitError(f"The record has no {_raw(name)}.")
            values[name] = None
    known = {column.name: values[column.name] for column in TOP_LEVEL if column.name in values}
    return record_type(**known), time, extras


def _raw(name: str) -> str:
    return next(column.raw for column in TOP_LEVEL if column.name == name)


def _scalar(column: Column, text: bytes, values: dict[str, Any]) -> bool:
    """Set the column's value; whether the column gives back what was written.

    Empty text and texts in boolean columns are left to `columns`, as on the fast path.
    """
    if text[:1] == b'"':
        values[column.name] = msgspec.json.decode(text, type=str)
        return True
    if column.kind == "boolean":
        if text in (b"true", b"false"):
            values[column.name] = text == b"true"
            return True
    elif text[:1] not in b"{[n":
        values[column.name] = text.decode()
    return False


def _event_time(values: dict[str, Any], extras: Extras) -> int:
    text = values.get("event_time")
    if not text:
        raise UnfitError("The record has no eventTime.")
    time = parse_time(text)
    if time is None:
        raise UnfitError(f"The record's eventTime is not a time: {text[:40]!r}.")
    if usual_time(text) is None:
        extras.setdefault("eventTime", msgspec.json.encode(text))
    return time


def _fields(raw: bytes) -> tuple[dict[str, Raw], Extras]:
    """The record's members as JSON text."""
    try:
        raw.decode()
        return msgspec.json.decode(raw, type=dict[str, Raw]), {}
    except msgspec.ValidationError as error:
        raise UnfitError("The record is not a JSON object.") from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _lenient_fields(raw)


def _lenient_fields(raw: bytes) -> tuple[dict[str, Raw], Extras]:
    """As `_fields`, for text with control characters, lone surrogates or bytes not UTF-8."""
    try:
        record = json.loads(raw.decode(errors="replace"), strict=False, parse_constant=_refuse)
        if not isinstance(record, dict):
            raise UnfitError("The record is not a JSON object.")
        text = json.dumps(record, ensure_ascii=False)
        if not _SURROGATE.search(text):
            return {name: _encoded(value) for name, value in record.items()}, {}
        drop_token_members(record.get("responseElements"))
        whole = msgspec.json.encode(json.dumps(record))
    except ValueError as error:
        raise UnfitError(f"The record is not valid JSON ({error}).") from error
    mended = json.loads(_SURROGATE.sub(_REPLACEMENT, text))
    known = {name: _encoded(value) for name, value in mended.items() if name in _BY_RAW}
    return known, {RECORD: whole}


def _encoded(value: Any) -> Raw:
    return Raw(json.dumps(value, ensure_ascii=False).encode())


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")
