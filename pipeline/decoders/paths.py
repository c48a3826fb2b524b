"""What stands at a path of names in an object, also where a name is there twice."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pipeline.decoders import scan
from pipeline.decoders.model import fields_of


def values(raw: bytes, path: tuple[str, ...]) -> Iterator[bytes]:
    """The JSON texts at a path: one as a rule, none, or all where an object repeats a name.

    On the way down, an object may stand in a text.
    """
    name, *rest = path
    for value in _of_name(raw, name):
        inner = text(value) if rest else None
        if inner is not None:
            yield from values(inner, tuple(rest))
        elif not rest:
            yield value


def _of_name(raw: bytes, name: str) -> list[bytes]:
    number = raw.count(f'"{name}"'.encode())
    fields = fields_of(raw) if number else None
    if fields is None or name not in fields:
        return []
    if number == 1:
        return [bytes(fields[name])]
    return [raw[start : scan.end_of_value(raw, start)] for start in scan.members(raw, name)]


def text(value: bytes) -> bytes | None:
    """A value that is an object, or text in which one may stand, as JSON text; else None."""
    if value[:1] != b'"':
        return value if value[:1] == b"{" else None
    try:
        return msgspec.json.decode(value, type=str).encode()
    except (msgspec.DecodeError, UnicodeError):
        return None
