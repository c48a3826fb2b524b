"""Long-term access keys in use, with their age where the lake saw them created."""

from __future__ import annotations

import polars as pl

from pipeline.report import Column, Table
from pipeline.reports.actors import actor_heading
from pipeline.warehouse import Warehouse

COLUMNS = (
    Column("access_key_id", "access key"),
    Column("owner", "owner", data=False),
    Column("age_days", "days old", "integer"),
    Column("events", "events", "integer"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("created_at", "created (UTC)", "timestamp", place="detail"),
    Column("first_used", "first use", "timestamp", place="none"),
    Column("last_used", "last use", "timestamp", place="none"),
    Column("when", "used", "span", place="detail", data=False),
    Column("days_used", "days used", "integer", place="none"),
    Column("failed", "failed", "integer", place="none"),
    Column("services", "services", "services", place="detail"),
    Column("source_addresses", "from", "list", place="detail"),
)


def long_term_keys_table(warehouse: Warehouse) -> Table:
    """The keys of queries/reports/long_term_keys.sql, oldest first; age at last use in the lake."""
    frame = warehouse.query("reports/long_term_keys")
    owners = [actor_heading({**row, "claimed_actor": None}) for row in frame.iter_rows(named=True)]
    dressed = frame.with_columns(
        owner=pl.Series(owners, dtype=pl.String()),
        when=pl.struct(first=pl.col("first_used"), last=pl.col("last_used")),
    )
    return Table(
        "long_term_keys",
        "Long-term keys in use (age when last used; – where the lake did not see it created)",
        COLUMNS,
        dressed,
        "no long-term access key was used",
    )
