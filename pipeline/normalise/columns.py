"""Transpose records into the Arrow columns of `events`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

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
from pipeline.normalise.shape import PLAIN_TEXT, TOP_LEVEL
from pipeline.normalise.tolerant import Extras
from pipeline.schema import ARROW_TYPES, EVENTS, Column

_NULL, _EMPTY_TEXT = b"null", b'""'
_LONGEST_NOTHING = 4


def to_table(chunk: Chunk, identities: Identities) -> pa.Table:
    """The chunk as a table with the columns of `events`, in their order, each in one piece.

    Text columns are dictionary-encoded except those in `PLAIN_TEXT` and those that are NULL in
    every row; what no column can give back as written is in `additional_fields`.
    """
    if not chunk.rows:
        return pa.table({c.name: pa.array([], _arrow_type(c)) for c in EVENTS})
    columns = chunk.columns()
    extras = chunk.extras
    for column in TOP_LEVEL:
        plain = columns[column.name]
        if column.kind == "json":
            as_columns = _json if column.name in PLAIN_TEXT else _repeated_json
            columns[column.name] = as_columns(column, plain, extras)
        elif column.kind == "text":
            columns[column.name] = _text(column, plain, extras)
    columns["event_date"] = columns["event_time"].cast(pa.date32())
    columns.update(identities.columns(columns["user_identity"]))
    columns["source_file"] = _source_files(chunk.sources)
    columns["additional_fields"] = _additional_fields(extras, chunk.rows)
    return _with_ids(pa.table({column.name: columns[column.name] for column in EVENTS}))


def _arrow_type(column: Column) -> pa.DataType:
    if ARROW_TYPES[column.kind] == pa.string() and column.name not in PLAIN_TEXT:
        return pa.dictionary(pa.int32(), pa.string())
    return ARROW_TYPES[column.kind]


def _text(column: Column, texts: pa.Array, extras: dict[int, Extras]) -> pa.Array:
    """Text; empty text becomes NULL and is remembered."""
    if texts.null_count == len(texts):
        return texts
    encoded = None if column.name in PLAIN_TEXT else texts.dictionary_encode()
    if pc.any(pc.equal(texts if encoded is None else encoded.dictionary, "")).as_py():
        empty = pc.equal(texts, "").fill_null(False)
        for row in pc.indices_nonzero(empty).to_pylist():
            extras.setdefault(row, {}).setdefault(column.raw, _EMPTY_TEXT)
        return _text(column, pc.if_else(empty, pa.scalar(None, pa.string()), texts), extras)
    if column.name == "event_id":
        ours = pc.starts_with(texts, DERIVED_ID).fill_null(False)
        for row in pc.indices_nonzero(ours).to_pylist():
            extras.setdefault(row, {})[column.raw] = msgspec.json.encode(texts[row].as_py())
    return texts if encoded is None else encoded


def _json(column: Column, texts: pa.Array, extras: dict[int, Extras]) -> pa.Array:
    """JSON text as written; absent, null and empty text become NULL and are remembered."""
    lengths = pc.binary_length(texts)
    longest = pc.max(lengths).as_py()
    always = column.raw in NULL_WHEN_EMPTY
    if longest == 0 and not always:
        return pa.nulls(len(texts), _arrow_type(column))
    if pc.min(lengths).as_py() <= _LONGEST_NOTHING:
        absent, null = pc.equal(lengths, 0), pc.equal(texts, _NULL)
        empty = pc.equal(texts, _EMPTY_TEXT)
        if always:
            for row in pc.indices_nonzero(absent).to_pylist():
                _remember_absence(column.raw, extras.setdefault(row, {}))
        else:
            for row in pc.indices_nonzero(null).to_pylist():
                extras.setdefault(row, {}).setdefault(column.raw, _NULL)
        for row in pc.indices_nonzero(empty).to_pylist():
            extras.setdefault(row, {}).setdefault(column.raw, _EMPTY_TEXT)
        texts = _without(texts, pc.or_(pc.or_(absent, null), empty))
    return texts.cast(pa.string())


def _repeated_json(
    column: Column, texts: pa.DictionaryArray, extras: dict[int, Extras]
) -> pa.Array:
    """As `_json`, for dictionary-encoded texts: only each distinct text is looked at."""
    distinct, indices = texts.dictionary, texts.indices
    nothing = pc.is_in(distinct, pa.array([b"", _NULL, _EMPTY_TEXT], pa.binary()))
    if not pc.any(nothing).as_py():
        return pa.DictionaryArray.from_arrays(indices, distinct.cast(pa.string()))
    always = column.raw in NULL_WHEN_EMPTY
    for position in pc.indices_nonzero(nothing).to_pylist():
        text = distinct[position].as_py()
        if text == (_NULL if always else b""):
            continue
        for row in pc.indices_nonzero(pc.equal(indices, position)).to_pylist():
            fields = extras.setdefault(row, {})
            if text:
                fields.setdefault(column.raw, text)
            else:
                _remember_absence(column.raw, fields)
    if pc.all(nothing).as_py():
        return pa.nulls(len(indices), pa.string())
    numbers = count()
    places = [None if gone else next(numbers) for gone in nothing.to_pylist()]
    return pa.DictionaryArray.from_arrays(
        pa.array(places, pa.int32()).take(indices),
        distinct.filter(pc.invert(nothing)).cast(pa.string()),
    )


def _without(texts: pa.Array, nothing: pa.Array) -> pa.Array:
    """The texts with NULL where there is nothing; no text is copied."""
    valid = pc.invert(nothing).buffers()[1]
    return pa.Array.from_buffers(texts.type, len(texts), [valid, *texts.buffers()[1:]])


def _remember_absence(raw: str, fields: Extras) -> None:
    names = msgspec.json.decode(fields.get(ABSENT_FIELDS, b"[]"), type=list[str])
    fields[ABSENT_FIELDS] = msgspec.json.encode(sorted({*names, raw}))


def _source_files(sources: Sequence[tuple[str, int]]) -> pa.Array:
    numbers: list[int] = []
    for number, (_, records) in enumerate(sources):
        numbers.extend([number] * records)
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
