"""Transpose records into the Arrow columns of `events`."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.normalise.chunk import Chunk
from pipeline.normalise.identity import Identities
from pipeline.normalise.rebuild import (
    ABSENT_FIELDS,
    DERIVED_ID,
    NULL_WHEN_EMPTY,
    derived_event_id,
)
from pipeline.normalise.response import (
    ACCESS_KEY_MARK,
    TOKEN_MARK,
    drop_session_tokens,
    issued_access_key_id,
)
from pipeline.normalise.shape import ABSENT, TOP_LEVEL
from pipeline.normalise.tolerant import Extras, safe_name
from pipeline.schema import ARROW_TYPES, EVENTS, Column

PLAIN_TEXT = frozenset(
    {
        "event_id",
        "request_id",
        "shared_event_id",
        "error_message",
        "request_parameters",
        "response_elements",
        "additional_event_data",
        "resources",
        "service_event_details",
        "issued_access_key_id",
        "additional_fields",
    }
)
"""Text columns whose values hardly repeat; all other text comes dictionary-encoded."""

_NULL, _EMPTY_TEXT = b"null", b'""'
_LONGEST_NOTHING = 4
_TRUTH = {"true": True, "false": False}


def to_table(chunk: Chunk, identities: Identities) -> pa.Table:
    """The chunk as a table with the columns of `events`, in their order.

    Text columns are dictionary-encoded except those in `PLAIN_TEXT`; what no column can give
    back as written is in `additional_fields`.
    """
    if not chunk.rows:
        return pa.table({c.name: pa.array([], _arrow_type(c)) for c in EVENTS})
    values = chunk.values()
    extras = chunk.extras
    columns: dict[str, pa.Array] = {}
    keys = _issued_keys(values["response_elements"], values["error_code"])
    for column in TOP_LEVEL:
        if column.kind == "json":
            columns[column.name] = _json(column, values[column.name], extras)
        elif column.kind == "boolean":
            columns[column.name] = _boolean(column, values[column.name], extras)
        elif column.kind == "text":
            columns[column.name] = _text(column, values[column.name], extras)
    columns["event_time"] = pa.concat_arrays(chunk.times)
    columns["event_date"] = columns["event_time"].cast(pa.date32())
    columns["issued_access_key_id"] = keys
    columns.update(identities.columns(columns["user_identity"]))
    columns["source_file"] = _source_files(chunk.sources)
    for name, texts in chunk.learned().items():
        if not _all(ABSENT, texts):
            for row, text in enumerate(texts):
                if text is not ABSENT:
                    extras.setdefault(row, {})[safe_name(name)] = bytes(text)
    columns["additional_fields"] = _additional_fields(extras, chunk.rows)
    return _with_ids(pa.table({column.name: columns[column.name] for column in EVENTS}))


def _all(value: object, values: Sequence[Any]) -> bool:
    return values[0] is value and values.count(value) == len(values)


def _arrow_type(column: Column) -> pa.DataType:
    if ARROW_TYPES[column.kind] == pa.string() and column.name not in PLAIN_TEXT:
        return pa.dictionary(pa.int32(), pa.string())
    return ARROW_TYPES[column.kind]


def _text(column: Column, values: Sequence[str | None], extras: dict[int, Extras]) -> pa.Array:
    """Text; empty text becomes NULL and is remembered."""
    if _all(None, values):
        return pa.nulls(len(values), _arrow_type(column))
    texts = pa.array(values, pa.string())
    encoded = None if column.name in PLAIN_TEXT else texts.dictionary_encode()
    distinct = texts if encoded is None else encoded.dictionary
    if pc.any(pc.equal(distinct, "")).as_py():
        mended = list(values)
        for row, value in enumerate(values):
            if value == "":
                mended[row] = None
                extras.setdefault(row, {}).setdefault(column.raw, _EMPTY_TEXT)
        return _text(column, mended, extras)
    if column.name == "event_id" and pc.any(pc.starts_with(texts, DERIVED_ID)).as_py():
        for row, value in enumerate(values):
            if value is not None and value.startswith(DERIVED_ID):
                extras.setdefault(row, {})[column.raw] = msgspec.json.encode(value)
    return texts if encoded is None else encoded


def _boolean(column: Column, values: Sequence[Any], extras: dict[int, Extras]) -> pa.Array:
    """Booleans; one written as text is read as such and remembered."""
    try:
        return pa.array(values, pa.bool_())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        pass
    mended = list(values)
    for row, value in enumerate(values):
        if isinstance(value, str):
            mended[row] = _TRUTH.get(value.lower())
            extras.setdefault(row, {}).setdefault(column.raw, msgspec.json.encode(value))
    return pa.array(mended, pa.bool_())


def _json(column: Column, values: Sequence[Any], extras: dict[int, Extras]) -> pa.Array:
    """JSON text as written; absent, null and empty text become NULL and are remembered."""
    if _all(ABSENT, values) and column.raw not in NULL_WHEN_EMPTY:
        return pa.nulls(len(values), _arrow_type(column))
    offsets, data = _joined(values)
    texts = _binary(offsets, data)
    lengths = pc.binary_length(texts)
    if pc.any(pc.less_equal(lengths, _LONGEST_NOTHING)).as_py():
        absent, null = pc.equal(lengths, 0), pc.equal(texts, _NULL)
        empty = pc.equal(texts, _EMPTY_TEXT)
        always = column.raw in NULL_WHEN_EMPTY
        told = pc.or_(empty, absent if always else null)
        for row in pc.indices_nonzero(told).to_pylist():
            _remember_nothing(column.raw, bytes(values[row]), extras.setdefault(row, {}))
        texts = _binary(offsets, data, pc.invert(pc.or_(pc.or_(absent, null), empty)))
    texts = texts.cast(pa.string())
    return texts if column.name in PLAIN_TEXT else texts.dictionary_encode()


def _joined(values: Sequence[Any]) -> tuple[array[int], bytes]:
    """The values one after the other, and where each begins (and the last ends)."""
    return array("i", accumulate(map(len, values), initial=0)), b"".join(values)


def _binary(offsets: array[int], data: bytes, valid: pa.Array | None = None) -> pa.Array:
    validity = None if valid is None else valid.buffers()[1]
    buffers = [validity, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)


def _remember_nothing(raw: str, text: bytes, fields: Extras) -> None:
    if text:
        fields.setdefault(raw, text)
        return
    names = msgspec.json.decode(fields.get(ABSENT_FIELDS, b"[]"), type=list[str])
    fields[ABSENT_FIELDS] = msgspec.json.encode(sorted({*names, raw}))


def _issued_keys(responses: list[Any], error_codes: Sequence[str | None]) -> pa.Array:
    """The access key ids that successful calls handed out; cuts out session tokens on the way.

    The few responses in question are found by one search over all of them.
    """
    offsets, data = _joined(responses)
    for row in _rows_with(TOKEN_MARK, offsets, data):
        responses[row] = drop_session_tokens(bytes(responses[row]))
    keys: list[str | None] = [None] * len(responses)
    for row in _rows_with(ACCESS_KEY_MARK, offsets, data):
        if not error_codes[row]:
            keys[row] = issued_access_key_id(bytes(responses[row]))
    return pa.array(keys, pa.string())


def _rows_with(mark: bytes, offsets: array[int], data: bytes) -> Iterator[int]:
    position = data.find(mark)
    while position >= 0:
        row = bisect_right(offsets, position) - 1
        yield row
        position = data.find(mark, offsets[row + 1])


def _source_files(sources: Sequence[tuple[str, int]]) -> pa.Array:
    numbers: list[int] = []
    for number, (_, count) in enumerate(sources):
        numbers.extend([number] * count)
    uris = pa.array([uri for uri, _ in sources], pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(
        uris.indices.take(pa.array(numbers, pa.int32())), uris.dictionary
    )


def _additional_fields(extras: dict[int, Extras], length: int) -> pa.Array:
    if not extras:
        return pa.nulls(length, pa.string())
    texts: list[bytes | None] = [None] * length
    for row, fields in extras.items():
        members = [b"%b:%b" % (msgspec.json.encode(n), fields[n]) for n in sorted(fields)]
        texts[row] = b"{%b}" % b",".join(members)
    return pa.array(texts, pa.binary()).cast(pa.string())


def _with_ids(table: pa.Table) -> pa.Table:
    """Give the records without an id one that comes from their content."""
    position = table.schema.get_field_index("event_id")
    ids = table.column(position)
    if not ids.null_count:
        return table
    ids = ids.combine_chunks()
    missing = pc.is_null(ids)
    names = [c.name for c in TOP_LEVEL] + ["additional_fields"]
    rows = table.select(names).filter(missing).to_pylist()
    derived = pa.array([derived_event_id(row) for row in rows], pa.string())
    filled = pc.replace_with_mask(ids, missing, derived)
    return table.set_column(position, "event_id", filled)
