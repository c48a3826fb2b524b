"""A frame of the declared columns from rows that may hold more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from pipeline.report import Column

_MOMENT = pl.Datetime("us", "UTC")
_TYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "denied": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "timestamp": _MOMENT,
    "list": pl.List(pl.String()),
    "chain": pl.List(pl.String()),
    "span": pl.Struct({"first": _MOMENT, "last": _MOMENT}),
}
"""Types by kind of column; all others are text."""


def frame_of(columns: Sequence[Column], rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """The rows as a frame of exactly these columns; a value that a row lacks is null."""
    schema = {column.name: _TYPES.get(column.kind, pl.String()) for column in columns}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
