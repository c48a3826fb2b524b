"""Sessions that carry a known person's name without being that person's."""

from __future__ import annotations

import polars as pl

from pipeline.report import Column, Table
from pipeline.reports.actors import path_of
from pipeline.warehouse import Warehouse

COLUMNS = (
    Column("session_name", "session name"),
    Column("path", "who it really is → roles", "chain", data=False),
    Column("evidence", "evidence", "evidence"),
    Column("event_count", "events", "integer"),
    Column("session_id", "session", place="none"),
    Column("role_arn", "role", place="none"),
    Column("account_id", "in account", place="detail"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("claimed_actor", "claimed actor", place="none"),
    Column("first_seen", "first", "timestamp", place="none"),
    Column("last_seen", "last", "timestamp", place="none"),
    Column("when", "when", "span", place="detail", data=False),
    Column("source_ips", "from", "list", place="detail"),
)


def framed_sessions_table(warehouse: Warehouse) -> Table:
    """The sessions of queries/reports/framed_sessions.sql, who is behind them put first."""
    frame = warehouse.query("reports/framed_sessions")
    rows = frame.iter_rows(named=True)
    dressed = frame.with_columns(
        path=pl.Series([path_of(row) for row in rows], dtype=pl.List(pl.String())),
        when=pl.struct(first=pl.col("first_seen"), last=pl.col("last_seen")),
    )
    return Table(
        "framed_sessions",
        "Sessions that carry somebody else's name",
        COLUMNS,
        dressed,
        "every session that carries a known name is proven to be that person's",
    )
