"""Short-term API keys (of Bedrock): no long-term credential, and told apart from those."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipeline.report import Column, Table
from pipeline.reports.actors import path_of
from pipeline.warehouse import Warehouse

COLUMNS = (
    Column("path", "who → roles", "chain", data=False),
    Column("evidence", "evidence", "evidence"),
    Column("events", "calls", "integer"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
    Column("claimed_actor", "claimed actor", place="none"),
    Column("claim_source", "claim source", place="none"),
    Column("chain", "chain", "list", place="none"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last", "timestamp", place="none"),
    Column("when", "used", "span", place="detail", data=False),
    Column("services", "services", "services", place="detail"),
    Column("source_addresses", "from", "list", place="detail"),
)


def short_term_table(warehouse: Warehouse, parameters: Mapping[str, object]) -> Table:
    """The rows of queries/reports/keys_short_term.sql; no finding."""
    frame = warehouse.query("reports/keys_short_term", parameters)
    dressed = frame.with_columns(
        path=pl.Series(
            [path_of(row) for row in frame.iter_rows(named=True)], dtype=pl.List(pl.String())
        ),
        when=pl.struct(first=pl.col("first_time"), last=pl.col("last_time")),
    )
    return Table(
        "short_term_api_keys",
        "Short-term API keys (they end with the role session: no finding)",
        COLUMNS,
        dressed,
        "none",
    )
