"""Transpose records into the Arrow columns of `events`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.normalise.identity import Identities
from pipeline.normalise.read import Content
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
from pipeline.normalise.shape import ABSENT, TOP_LEVEL, RecordShape
from pipeline.normalise.tolerant import RECORD, Extras, safe_name
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


@dataclass(slots=True)
class Chunk:
    """Records of some objects, all of one Struct type, waiting to become a table.

    shape -- gives the type and the getter; kept as it was when the chunk began.
    sources -- (uri, number of records) in the order of the records.
    """

    shape: RecordShape
    records: list[Any] = field(default_factory=list)
    times: list[pa.Array] = field(default_factory=list)
    extras: dict[int, Extras] = field(default_factory=dict)
    sources: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._type, self._getter, self._learned = (
            self.shape.record_type,
            self.shape.getter,
            self.shape.learned,
        )

    _type: type[Any] = field(init=False)
    _getter: Any = field(init=False)
    _learned: tuple[str, ...] = field(init=False)

    def takes(self, content: Content) -> bool:
        """Whether the content's records are of this chunk's type."""
        return content.record_type is self._type

    def add(self, uri: str, content: Content) -> None:
        """Append the records of an object."""
        first = len(self.records)
        for position, extras in content.extras.items():
            self.extras[first + position] = extras
        self.records.extend(content.records)
        self.times.append(content.times)
        self.sources.append((uri, len(content.records)))

    def values(self) -> tuple[dict[str, tuple[Any, ...]], dict[str, tuple[Any, ...]]]:
        """The records as tuples: by column, and by raw name for the learned fields."""
        transposed = list(zip(*map(self._getter, self.records), strict=True))
        known = len(TOP_LEVEL)
        by_column = {c.name: v for c, v in zip(TOP_LEVEL, transposed, strict=False)}
        return by_column, dict(zip(self._learned, transposed[known:], strict=True))


def to_table(chunk: Chunk, identities: Identities) -> pa.Table:
    """The chunk as a table with the columns of `events`, in their order.

    Text columns are dictionary-encoded except those in `PLAIN_TEXT`; what no column can give
    back as written is in `additional_fields`.
    """
    if not chunk.records:
        return pa.table({c.name: pa.array([], _arrow_type(c)) for c in EVENTS})
    values, learned = chunk.values()
    extras = chunk.extras
    columns: dict[str, pa.Array] = {}
    for column in TOP_LEVEL:
        if column.kind == "json":
            columns[column.name] = _json(column, values[column.name], extras)
        elif column.kind == "boolean":
            columns[column.name] = _boolean(column, values[column.name], extras)
        elif column.kind == "text":
            columns[column.name] = _text(column, values[column.name], extras)
    columns["event_time"] = pa.concat_arrays(chunk.times)
    columns["event_date"] = columns["event_time"].cast(pa.date32())
    columns["issued_access_key_id"] = _issued(values["response_elements"], columns["error_code"])
    columns.update(identities.columns(columns["user_identity"]))
    columns["source_file"] = _source_files(chunk.sources)
    for name, texts in learned.items():
        for row, text in enumerate(texts):
            if text is not ABSENT:
                extras.setdefault(row, {})[safe_name(name)] = bytes(text)
    columns["additional_fields"] = _additional_fields(extras, len(chunk.records))
    return _with_ids(pa.table({column.name: columns[column.name] for column in EVENTS}))


def _arrow_type(column: Column) -> pa.DataType:
    if ARROW_TYPES[column.kind] == pa.string() and column.name not in PLAIN_TEXT:
        return pa.dictionary(pa.int32(), pa.string())
    return ARROW_TYPES[column.kind]


def _text(column: Column, values: Sequence[str | None], extras: dict[int, Extras]) -> pa.Array:
    """Text; empty text becomes NULL and is remembered."""
    array = pa.array(values, pa.string())
    encoded = None if column.name in PLAIN_TEXT else array.dictionary_encode()
    distinct = array if encoded is None else encoded.dictionary
    if pc.any(pc.equal(distinct, "")).as_py():
        mended = list(values)
        for row, value in enumerate(values):
            if value == "":
                mended[row] = None
                extras.setdefault(row, {}).setdefault(column.raw, _EMPTY_TEXT)
        return _text(column, mended, extras)
    if column.name == "event_id" and pc.any(pc.starts_with(array, DERIVED_ID)).as_py():
        for row, value in enumerate(values):
            if value is not None and value.startswith(DERIVED_ID):
                extras.setdefault(row, {})[column.raw] = msgspec.json.encode(value)
    return array if encoded is None else encoded


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
    if values.count(ABSENT) == len(values) and column.raw not in NULL_WHEN_EMPTY:
        return (
            pa.nulls(len(values), pa.string())
            if column.name in PLAIN_TEXT
            else _no_text(len(values))
        )
    texts: list[bytes | None] = list(map(bytes, values))
    if column.name == "response_elements":
        for row, text in enumerate(texts):
            if text is not None and TOKEN_MARK in text:
                texts[row] = drop_session_tokens(text)
    array = pa.array(texts, pa.binary())
    short = pc.less_equal(pc.binary_length(array), _LONGEST_NOTHING)
    if pc.any(short).as_py():
        for row in pc.indices_nonzero(short).to_pylist():
            text = texts[row]
            if text in (b"", _NULL, _EMPTY_TEXT):
                texts[row] = None
                _remember_nothing(column.raw, text, row, extras)
        array = pa.array(texts, pa.binary())
    array = array.cast(pa.string())
    return array if column.name in PLAIN_TEXT else array.dictionary_encode()


def _remember_nothing(raw: str, text: bytes, row: int, extras: dict[int, Extras]) -> None:
    if text == b"":
        if raw in NULL_WHEN_EMPTY:
            fields = extras.setdefault(row, {})
            names = msgspec.json.decode(fields.get(ABSENT_FIELDS, b"[]"), type=list[str])
            fields[ABSENT_FIELDS] = msgspec.json.encode(sorted({*names, raw}))
    elif text != _NULL or raw not in NULL_WHEN_EMPTY:
        extras.setdefault(row, {}).setdefault(raw, text)


def _no_text(length: int) -> pa.Array:
    return pa.nulls(length, pa.dictionary(pa.int32(), pa.string()))


def _issued(responses: Sequence[Any], error_codes: pa.Array) -> pa.Array:
    """The access key ids that successful calls handed out."""
    keys: list[str | None] = [None] * len(responses)
    for row, response in enumerate(responses):
        text = bytes(response)
        if ACCESS_KEY_MARK in text and not error_codes[row].is_valid:
            keys[row] = issued_access_key_id(text)
    return pa.array(keys, pa.string())


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


__all__ = ["PLAIN_TEXT", "RECORD", "Chunk", "to_table"]
