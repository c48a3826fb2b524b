"""Rows of a trace as a frame, and the branches of a drawn tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.report import Column

_TYPES: dict[str, pl.DataType] = {
    "list": pl.List(pl.String()),
    "services": pl.List(pl.String()),
    "actions": pl.List(
        pl.Struct(
            {
                "service": pl.String(),
                "action": pl.String(),
                "events": pl.Int64(),
                "denied": pl.Int64(),
            }
        )
    ),
    "boolean": pl.Boolean(),
    "integer": pl.Int64(),
    "denied": pl.Int64(),
    "timestamp": pl.Datetime("us", "UTC"),
    "span": pl.Struct({"first": pl.Datetime("us", "UTC"), "last": pl.Datetime("us", "UTC")}),
    "chain": pl.List(pl.String()),
    "json": pl.Object(),
    "tree": pl.Object(),
}
DEEPEST_BRANCH = 8
"""Levels below this one are drawn at its indent, with their number."""


def frame_of(columns: Sequence[Column], rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """The rows under these columns; what a row does not name is null."""
    return pl.DataFrame(
        [
            pl.Series(
                column.name,
                [_value(row, column) for row in rows],
                dtype=_TYPES.get(column.kind, pl.String()),
            )
            for column in columns
        ]
    )


def _value(row: Mapping[str, object], column: Column) -> object:
    value = row.get(column.name)
    return [] if value is None and column.kind == "list" else value


def branch(lasts: Sequence[bool]) -> str:
    """The lines before a node of a drawn tree: `│  └─ `.

    lasts -- for each node from below the root down to this one, whether it is its parent's last.
    """
    if not lasts:
        return ""
    *above, last = lasts[:DEEPEST_BRANCH]
    number = f"[{len(lasts)}] " if len(lasts) > DEEPEST_BRANCH else ""
    return "".join("   " if is_last else "│  " for is_last in above) + (
        f"{'└' if last else '├'}─ {number}"
    )


def tags_of(entries: object) -> dict[str, str]:
    """Session tags, a DuckDB map, as a dictionary."""
    return {str(k): str(v) for k, v in entries.items()} if isinstance(entries, Mapping) else {}
