"""An answer's rows as people read them, by the names of their columns.

Rows that name an actor (`actor_kind`, `actor_name`, `chain` …) are one line, who → roles and how
well that is known, with the rest below; a second actor's columns begin with `then_`. Rows without
one are a plain table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from pipeline.report import Column, Kind, Place, Table, kind_of, table_of
from pipeline.reports.actors import path_of
from pipeline.reports.cut import cut

ACTOR = (
    "actor_kind",
    "actor_account",
    "actor_name",
    "actor_arn",
    "actor_display",
    "claimed_actor",
    "claim_source",
    "chain",
)
"""The columns that say who it was; people see them as one path."""

KINDS: dict[str, Kind] = {
    "evidence": "evidence",
    "then_evidence": "evidence",
    "severity": "severity",
    "actions": "actions",
    "denied_actions": "actions",
    "services": "services",
    "denied": "denied",
}
CELLS = ("severity", "evidence", "events", "calls", "entries", "sign_ins", "denied", "times_back")
"""What stands beside the path; all else is a line below it."""

HEADINGS = {
    "account_id": "in account",
    "accounts": "in account",
    "source_addresses": "from",
    "source_address": "from",
    "source_ip_address": "from",
    "actions": "did",
    "session_id": "session",
    "session_ids": "sessions",
    "event_id": "event",
    "event_ids": "events",
    "event_name": "call",
    "access_key_id": "with key",
    "access_key_ids": "with key",
    "mfa": "MFA",
    "then_event_id": "its event",
    "then_source_address": "its address",
    "then_evidence": "its evidence",
}
ROLES_SHOWN = 5
"""A path of more roles is shown by its first ones, how many there are between, and its last."""


def answer_table(frame: pl.DataFrame, limit: int | None = None) -> Table:
    """The rows of an answer, at most `limit`, as a table `rows`."""
    numbers, cut_words = cut(range(frame.height), limit)
    frame = frame.head(len(numbers))
    if not set(ACTOR) <= set(frame.columns):
        return table_of("rows", frame, heading=cut_words)
    paths = {
        prefix: pl.Series(
            [_path(row, prefix) for row in frame.iter_rows(named=True)], dtype=pl.List(pl.String())
        )
        for prefix in ("", "then_")
        if f"{prefix}actor_kind" in frame.columns
    }
    dressed = frame.with_columns(**{f"{prefix}path": path for prefix, path in paths.items()})
    if {"first_time", "last_time"} <= set(frame.columns):
        dressed = dressed.with_columns(
            when=pl.struct(first=pl.col("first_time"), last=pl.col("last_time"))
        )
    return Table("rows", cut_words, tuple(_columns(dressed)), dressed, "nothing found")


def _columns(frame: pl.DataFrame) -> Iterator[Column]:
    """Who first, then the cells, then the lines below in the order of the statement."""
    yield Column("path", "who → roles", "chain", data=False)
    for name in CELLS:
        if name in frame.columns:
            yield _column(name, frame.schema[name], "cell")
    if "when" in frame.columns:
        yield Column("when", "when", "span", place="detail", data=False)
    for name, dtype in frame.schema.items():
        if name in (*CELLS, "path", "then_path", "when"):
            continue
        if name == "then_actor_kind":
            yield Column("then_path", "then", "chain", place="detail", data=False)
        is_hidden = (
            name.removeprefix("then_") in ACTOR
            or ("when" in frame.columns and name in ("first_time", "last_time"))
            or ("event_id" in frame.columns and name == "event_ids")
        )
        yield _column(name, dtype, "none" if is_hidden else "detail")


def _column(name: str, dtype: pl.DataType, place: Place) -> Column:
    heading = HEADINGS.get(name, name.replace("_", " "))
    return Column(name, heading, KINDS.get(name, kind_of(dtype)), place)


def _path(row: Mapping[str, object], prefix: str) -> list[str]:
    who, *roles = path_of({name: row[prefix + name] for name in ACTOR})
    if len(roles) > ROLES_SHOWN:
        between = len(roles) - ROLES_SHOWN
        roles = [*roles[: ROLES_SHOWN - 1], f"({between:,} more)", roles[-1]]
    return [who, *roles]
