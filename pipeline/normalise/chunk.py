"""Records on their way into columns."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import msgspec
import pyarrow as pa
from msgspec.structs import astuple

from pipeline.normalise.read import Content
from pipeline.normalise.response import (
    ACCESS_KEY_MARK,
    TOKEN_MARK,
    drop_session_tokens,
    issued_access_key_id,
)
from pipeline.normalise.shape import ABSENT, FIELDS, PLAIN_TEXT
from pipeline.normalise.times import TIMESTAMP
from pipeline.normalise.tolerant import Extras, safe_name

ISSUED = "issued_access_key_id"

_PART_ROWS = 1000
_KNOWN = len(FIELDS)
_TRUTH = {"true": True, "false": False}


class Chunk:
    """Records of many objects, column by column, waiting to become a table.

    A thousand records at a time are transposed and turned into Arrow arrays: they fit the
    processor's cache, and the Python objects are gone before the next thousand comes.

    rows -- number of records; size -- bytes that they were decoded from.
    extras -- row -> what no column can give back as written.
    sources -- (uri, number of records) in the order of the records.
    """

    def __init__(self) -> None:
        self.rows = self.size = 0
        self.extras: dict[int, Extras] = {}
        self.sources: list[tuple[str, int]] = []
        self._times = array("q")
        self._parts: dict[str, list[pa.Array]] = {c.name: [] for c in FIELDS} | {ISSUED: []}
        self._waiting: list[Any] = []
        self._converted = 0
        self._learned: tuple[str, ...] = ()

    def add(self, uri: str, content: Content) -> None:
        """Append the records of an object, or of a part of it."""
        if content.learned != self._learned:
            self._convert()
            self._learned = content.learned
        for position, extras in content.extras.items():
            self.extras[self.rows + position] = extras
        self.rows += len(content.records)
        self.size += content.size
        self.sources.append((uri, len(content.records)))
        self._times.extend(content.times)
        self._waiting.extend(content.records)
        if len(self._waiting) >= _PART_ROWS:
            self._convert()

    def columns(self) -> dict[str, pa.Array]:
        """The columns of `FIELDS` and the issued keys, as far as they are plain.

        JSON columns are binary: empty where the field is absent, else its text as written. Those
        not in `PLAIN_TEXT` are dictionary-encoded a part at a time: what repeats is copied once.
        """
        self._convert()
        return {name: pa.concat_arrays(arrays) for name, arrays in self._parts.items()}

    def _convert(self) -> None:
        """Turn the waiting records into parts of columns."""
        records, self._waiting = self._waiting, []
        if not records:
            return
        first = self._converted
        self._converted += len(records)
        transposed = list(zip(*map(astuple, records), strict=True))
        values = dict(zip((c.name for c in FIELDS), transposed, strict=False))
        responses, keys = _responses(values["response_elements"], values["error_code"])
        self._parts["response_elements"].append(responses)
        self._parts[ISSUED].append(keys)
        for column in FIELDS:
            parts = self._parts[column.name]
            if column.kind == "timestamp":
                moments = pa.py_buffer(self._times)
                parts.append(pa.Array.from_buffers(TIMESTAMP, len(records), [None, moments]))
                self._times = array("q")
            elif column.kind == "text":
                parts.append(_texts(values[column.name]))
            elif column.kind == "json" and column.name in PLAIN_TEXT:
                if column.name != "response_elements":
                    parts.append(_binary(values[column.name]))
            elif column.kind == "json":
                parts.append(_encoded(values[column.name]))
            elif column.kind == "boolean":
                parts.append(self._booleans(column.raw, values[column.name], first))
        for name, texts in zip(self._learned, transposed[_KNOWN:], strict=True):
            for row, text in enumerate(texts, start=first):
                if text is not ABSENT:
                    self.extras.setdefault(row, {})[safe_name(name)] = bytes(text)

    def _booleans(self, raw: str, values: Sequence[Any], first: int) -> pa.Array:
        """Booleans; one written as text is read as such and remembered."""
        try:
            return pa.array(values, pa.bool_())
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass
        read = []
        for row, value in enumerate(values, start=first):
            if isinstance(value, str):
                self.extras.setdefault(row, {}).setdefault(raw, msgspec.json.encode(value))
            read.append(_TRUTH.get(value.lower()) if isinstance(value, str) else value)
        return pa.array(read, pa.bool_())


def _responses(
    values: Sequence[Any], error_codes: Sequence[str | None]
) -> tuple[pa.Array, pa.Array]:
    """The responses without session tokens, and the access keys that successful calls issued.

    The few responses in question are found by one search over all of them.
    """
    offsets, data = _joined(values)
    changed: dict[int, bytes] = {}
    for row in _rows_with(TOKEN_MARK, offsets, data):
        changed[row] = drop_session_tokens(bytes(values[row]))
    keys: list[str | None] = [None] * len(values)
    for row in _rows_with(ACCESS_KEY_MARK, offsets, data):
        if not error_codes[row]:
            keys[row] = issued_access_key_id(changed.get(row) or bytes(values[row]))
    if changed:
        clean = list(values)
        for row, text in changed.items():
            clean[row] = text
        offsets, data = _joined(clean)
    return _array(offsets, data), pa.array(keys, pa.string())


def _rows_with(mark: bytes, offsets: memoryview[int], data: bytes) -> Iterator[int]:
    position = data.find(mark)
    while position >= 0:
        row = bisect_right(offsets, position) - 1
        yield row
        position = data.find(mark, offsets[row + 1])


def _joined(values: Sequence[Any]) -> tuple[memoryview[int], bytes]:
    """The values one after the other, and where each begins (and the last ends)."""
    offsets = struct.pack(f"{len(values) + 1}i", *accumulate(map(len, values), initial=0))
    return memoryview(offsets).cast("i"), b"".join(values)


def _texts(values: Sequence[str | None]) -> pa.Array:
    if _is_all(None, values):
        return pa.nulls(len(values), pa.string())
    return pa.array(values, pa.string())


def _binary(values: Sequence[Any]) -> pa.Array:
    if _is_all(ABSENT, values):
        return _array(memoryview(bytes(4 * (len(values) + 1))).cast("i"), b"")
    return _array(*_joined(values))


def _encoded(values: Sequence[Any]) -> pa.DictionaryArray:
    if _is_all(ABSENT, values):
        return pa.DictionaryArray.from_arrays(
            pa.Array.from_buffers(
                pa.int32(), len(values), [None, pa.py_buffer(bytes(4 * len(values)))]
            ),
            pa.array([b""], pa.binary()),
        )
    return _array(*_joined(values)).dictionary_encode()


def _is_all(nothing: Any, values: Sequence[Any]) -> bool:
    return values[0] is nothing and values.count(nothing) == len(values)


def _array(offsets: memoryview[int], data: bytes) -> pa.Array:
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)
