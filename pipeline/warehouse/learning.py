"""What a build learns for the first time: the table `first_seen`.

The facts of a night come from what that night can change (its records, the sessions built anew),
and join those of all nights before. So they stay when old events are removed, and a build from
nothing keeps what was known and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from pipeline import sql
from pipeline.schema import FIRST_SEEN_SCHEMA
from pipeline.warehouse import engine


def learn(
    connection: duckdb.DuckDBPyConnection,
    *,
    built_at: datetime | None,
    is_full: bool,
    kept_sessions: str,
    kept_links: str,
    kept_calls: str,
) -> None:
    """Make the relation `first_seen` of this build.

    built_at -- the moment of the build, aware (UTC).
    is_full -- whether it began from nothing.
    kept_sessions, kept_links, kept_calls -- SQL of the stored sessions, links and issuing
        calls that were not built anew.
    """
    connection.execute(
        "create table this_build as select $at::timestamptz as built_at, $full as is_full",
        {"at": built_at, "full": is_full},
    )
    empty = FIRST_SEEN_SCHEMA.empty_table().drop_columns(["learned_at", "retracted_at"])
    engine.register(connection, "no_facts", empty)
    connection.execute("create table told_facts as from no_facts")
    _tell(
        connection,
        ("told_in_sessions", "told_in_calls", "told_in_events", "told_in_days"),
        told_sessions="from new_sessions",
        told_links="from new_session_links",
        told_calls="from new_issued_credentials",
    )
    engine.define(connection, sql.find("increments/doubted_facts"))
    connection.execute(
        "create table untold as from doubted_facts as d anti join told_facts as t"
        " on d.fact_id = t.fact_id and d.told_by = coalesce(t.session_id, t.event_id)"
    )
    if connection.sql("from untold limit 1").fetchall():
        # Rare: only now are all stored sessions and calls read.
        _tell(
            connection,
            ("told_in_sessions", "told_in_calls"),
            told_sessions=kept_sessions,
            told_links=kept_links,
            told_calls=kept_calls,
            only="where fact_id in (select u.fact_id from untold as u)",
        )
    engine.define(connection, sql.find("increments/first_seen"))


def first_seen(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """All facts as the lake is to store them (FIRST_SEEN_SCHEMA)."""
    columns = ", ".join(FIRST_SEEN_SCHEMA.names)
    return connection.sql(f"select {columns} from first_seen").to_arrow_table()


def _tell(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[str], *, only: str = "", **views: str
) -> None:
    """Add what queries tell to `told_facts`. views -- what they read, by name."""
    for relation, text in views.items():
        connection.execute(f"create or replace view {relation} as {text}")
    for part in parts:
        engine.define(connection, sql.find(f"increments/{part}"))
        connection.execute(f"insert into told_facts by name from {part} {only}")
