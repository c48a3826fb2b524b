"""`--limit`: the first rows of a table, and what to say of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

ROWS = 200
"""How many rows people see of a report when no limit is given; data formats hold all."""


def cut(rows: Sequence[T], limit: int | None, unit: str = "rows") -> tuple[list[T], str]:
    """At most `limit` of the rows, and the words for a heading; "" where nothing was cut."""
    if limit is None or len(rows) <= limit:
        return list(rows), ""
    words = f"the first {limit:,} of {len(rows):,} {unit}; --limit {len(rows)} shows all"
    return list(rows[:limit]), words
