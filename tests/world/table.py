"""Records as the Arrow table `events`, without files or a lake: for tests of the SQL models.

A plain reading of `pipeline.schema`, column by column; ingest does the same much faster.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa

from pipeline.schema import EVENTS, EVENTS_SCHEMA, Column
from tests.world.model import Record

_TIMES = "%Y-%m-%dT%H:%M:%SZ"


def events_table(records: Iterable[Record]) -> pa.Table:
    """Every record as a row of `events`; nothing is deduplicated."""
    rows = list(records)
    columns = {c.name: [_value(c, record) for record in rows] for c in EVENTS if c.raw}
    columns["event_date"] = [t.date() for t in columns["event_time"]]
    columns["issued_access_key_id"] = [_issued(record) for record in rows]
    columns["additional_fields"] = columns["source_file"] = [None] * len(rows)
    return pa.table(columns, EVENTS_SCHEMA)


def _value(column: Column, record: Record) -> Any:
    value: Any = record
    for part in column.raw.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None or value == "":
        return None
    match column.kind:
        case "json":
            return json.dumps(value, separators=(",", ":"))
        case "boolean":
            return value in (True, "true")
        case "timestamp":
            return _time(value)
        case _:
            return value


@lru_cache(maxsize=4096)
def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIMES).replace(tzinfo=UTC)


def _issued(record: Record) -> str | None:
    if "errorCode" in record:
        return None
    response = record["responseElements"] or {}
    made = response.get("credentials") or response.get("accessKey") or {}
    key: str | None = made.get("accessKeyId")
    return key
