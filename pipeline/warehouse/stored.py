"""The stored tables of the models: how they are cut into days, and which rows a build replaces."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from pipeline import sql
from pipeline.schema import EVENTS_SCHEMA
from pipeline.warehouse import engine

PARTITIONS = {
    "issued_credentials": "issue_date",
    "event_callers": "event_date",
    "session_keys": "session_date",
    "exact_candidates": "session_date",
    "loose_candidates": "session_date",
    "session_ids": "session_date",
    "session_links": "session_date",
    "session_facts": "session_date",
    "session_origins": "session_date",
    "chains": "session_date",
    "sessions": "session_date",
}
"""The stored models and the day by which each is partitioned, in the order of their building."""

PARTS = ("session_key_parts", "user_sightings", "issuing_events", "shared_records")
"""The stored staging tables: each build appends the rows of its new events."""

FIRST_SEEN = "first_seen"
"""What builds learned for the first time: stored as a whole, and kept by a build from nothing."""

NIGHTS = "nights"
"""The nights that were closed: what they told or took back stays so."""

NO_DATE = "1970-01-01"
"""The day of sessions whose records show no creation date."""

_BY_BASE = ("session_keys", "exact_candidates", "loose_candidates", "session_ids")
_BY_SESSION = ("session_links", "session_facts", "session_origins", "chains", "sessions")
SAME_BASE = """
    d.principal_id = s.principal_id and d.creation_date is not distinct from s.creation_date
"""
STALE = {
    "issued_credentials": "touched_calls as d on d.call_id = s.call_id",
    "event_callers": (
        "touched_shares as d on d.event_id = s.event_id "
        "and d.recipient_account_id is not distinct from s.recipient_account_id"
    ),
    **dict.fromkeys(_BY_BASE, f"dirty_bases as d on {SAME_BASE}"),
    **dict.fromkeys(_BY_SESSION, "dirty_sessions as d on d.session_id = s.session_id"),
}
"""How a stored row of a model is known to have been built anew, or to be gone."""

DAYS = {
    "issued_credentials": "new_issued_credentials",
    "event_callers": "touched_shares",
    **dict.fromkeys((*_BY_BASE, *_BY_SESSION), "dirty_bases"),
}
"""What holds the days on which rows of a model are built anew, or gone."""


def models_code() -> str:
    """Identifies the SQL of the models: a build by other SQL must begin from nothing."""
    digest = hashlib.sha256()
    for name, query in sql.catalogue().items():
        if name.partition("/")[0] in {*sql.MODEL_FOLDERS, "increments"}:
            digest.update(f"{name}\n{query.text}\n".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class BuiltTable:
    """What a build has to write of one table.

    relation -- the table.
    partition -- its date column, or None.
    days -- ISO dates whose rows are replaced.
    rows -- all rows of those days; of a staging table, the rows to append. A stream, to be read
        before the next table is asked for.
    """

    relation: str
    partition: str | None
    days: tuple[str, ...]
    rows: pa.RecordBatchReader


@cache
def nothing() -> dict[str, pa.Table]:
    """The stored models before the first build: all of them, without a row."""
    connection = engine.connect()
    try:
        engine.register(connection, "events", EVENTS_SCHEMA.empty_table())
        no_chains = sql.find("increments/no_settled_chains")
        engine.define(connection, no_chains, "settled_chains")
        for query in sql.models():
            engine.define(connection, query)
        return {name: connection.table(name).to_arrow_table() for name in PARTITIONS}
    finally:
        connection.close()
