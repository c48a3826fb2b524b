"""`show`: the original record of an event, in every account that has a copy, and who made it."""

from __future__ import annotations

import json
from typing import cast

import polars as pl

from pipeline.errors import RolecallError, UsageError
from pipeline.normalise import rebuild_record
from pipeline.report import Column, Report, Table
from pipeline.reports.actors import path_of
from pipeline.schema import EVENTS
from pipeline.warehouse import Warehouse

COLUMNS = (
    Column("event_id", "event", place="none"),
    Column("recipient_account_id", "account", place="none"),
    Column("session_id", "session", place="none"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("chain", "chain", "list", place="none"),
    Column("evidence", "evidence", "evidence", place="none"),
    Column("evidence_events", "evidence events", "list", place="none"),
    Column("claimed_actor", "claimed actor", place="none"),
    Column("claim_source", "claim source", place="none"),
    Column("source_file", "file", place="none"),
    Column("record", "record", "json", place="detail"),
)


def show_report(warehouse: Warehouse, event_id: str) -> Report:
    """The records of the event whose id is, or begins with, `event_id`; one row a copy.

    Raises RolecallError where no id begins so, UsageError where several do.
    """
    wanted = event_id.strip()
    if not wanted:
        raise UsageError("give an event id, or the beginning of one")
    frame = warehouse.query("reports/event", {"event_id": wanted})
    ids = sorted(set(frame["event_id"].to_list()))
    if wanted in ids:
        frame = frame.filter(pl.col("event_id") == wanted)
    elif not ids:
        raise RolecallError(
            f"no event id begins with {wanted!r}; "
            'event ids are in: rolecall sql "select event_id from events limit 10"'
        )
    elif len(ids) > 1:
        raise UsageError(f"several event ids begin with {wanted!r}: {', '.join(ids)}")
    rows = list(frame.iter_rows(named=True))
    records = [json.dumps(original(row), ensure_ascii=False) for row in rows]
    return Report(
        name="show",
        title="",
        tables=(Table("records", "", COLUMNS, frame.with_columns(record=pl.Series(records))),),
        notes=tuple(_note(row) for row in rows),
        parameters={"event_id": wanted},
    )


def original(row: dict[str, object]) -> dict[str, object]:
    """The record as CloudTrail wrote it (session tokens dropped), from a row of `events`."""
    names = {column.name for column in EVENTS}
    return rebuild_record({name: value for name, value in row.items() if name in names})


def _note(row: dict[str, object]) -> str:
    path = " → ".join(path_of(row))
    proof = cast("list[str] | None", row["evidence_events"]) or []
    by = f" by {', '.join(proof)}" if proof else ""
    return (
        f"in account {row['recipient_account_id']}: {path} ({row['evidence']}{by}); "
        f"from {row['source_file']}"
    )
