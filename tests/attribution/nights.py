"""The models of some records, in memory: from nothing, or night by night."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.warehouse import ModelBuilder, Warehouse
from pipeline.warehouse.stored import FIRST_SEEN, PARTITIONS, PARTS
from tests.world.model import Record
from tests.world.table import events_table

Row = Mapping[str, Any]
Models = dict[str, list[Row]]
"""Rows by model."""

EXAMPLES = int(os.environ.get("ROLECALL_TEST_EXAMPLES", "2"))
"""How much of what is random is tried; `make soak` tries more."""

BUILT_AT = datetime(2027, 1, 1, tzinfo=UTC)
"""When all nights are built."""


def warehouse_of(records: Iterable[Record]) -> Warehouse:
    """A warehouse of these records."""
    return Warehouse.of(events_table(records))


def rows_of(warehouse: Warehouse) -> dict[str, Row]:
    """The rows of `attributed_events` by event id, less the columns of the raw record."""
    columns = (
        "event_id, session_id, actor_kind, actor_account, actor_name, actor_arn, actor_display,"
        " chain, hops, evidence, evidence_events, claimed_actor, claim_source, long_term_credential"
    )
    frame = warehouse.sql(f"select {columns} from attributed_events")
    return {row["event_id"]: row for row in frame.to_dicts()}


def attributed(records: Iterable[Record]) -> dict[str, Row]:
    """What is said of each record, by event id."""
    with warehouse_of(records) as warehouse:
        return rows_of(warehouse)


class Nights:
    """The stored tables of a lake without the lake: what one build hands to the next."""

    def __init__(self) -> None:
        self.stored: dict[str, pa.Table] = {}
        self._events: list[pa.Table] = []

    def build(self, records: Iterable[Record]) -> None:
        """Build what a night of new records can change."""
        with ModelBuilder() as builder:
            events = events_table(records)
            self._events.append(events)
            seen = pa.concat_tables(self._events)
            builder.build(events, self.stored, day_events=seen, built_at=BUILT_AT)
            self.stored[FIRST_SEEN] = builder.first_seen()
            for built in builder.tables():
                before = self.stored.get(built.relation)
                kept = [] if before is None else [_without(before, built.partition, built.days)]
                self.stored[built.relation] = pa.concat_tables([*kept, built.rows.read_all()])

    def models(self) -> Models:
        """The rows of every model, in an order that does not depend on how they were built."""
        return {relation: in_order(self.stored[relation]) for relation in PARTITIONS}

    def facts(self) -> list[Row]:
        """What was seen for the first time and stands; not when it was learned."""
        rows = in_order(self.stored[FIRST_SEEN].drop_columns("learned_at"))
        return [row for row in rows if row["retracted_at"] is None]

    def parts(self) -> dict[str, list[Row]]:
        """The rows of every staging table."""
        return {relation: in_order(self.stored[relation]) for relation in PARTS}


def _without(table: pa.Table, partition: str | None, days: tuple[str, ...]) -> pa.Table:
    if partition is None or not days:
        return table
    day = pc.cast(table.column(partition), pa.string())
    return table.filter(pc.invert(pc.is_in(day, pa.array(days, pa.string()))))


def differences(found: Models, wanted: Models) -> dict[str, object]:
    """By model, the rows that only one side has."""
    wrong: dict[str, object] = {}
    for relation, rows in wanted.items():
        ours = {repr(row) for row in found[relation]}
        theirs = {repr(row) for row in rows}
        if ours != theirs or len(found[relation]) != len(rows):
            wrong[relation] = {
                "only night by night": sorted(ours - theirs)[:2],
                "only from nothing": sorted(theirs - ours)[:2],
            }
    return wrong


def in_order(table: pa.Table) -> list[Row]:
    """Rows in a fixed order; maps, which have none, as dictionaries."""
    rows = [{name: _value(row[name]) for name in sorted(row)} for row in table.to_pylist()]
    return sorted(rows, key=repr)


def _value(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(item, tuple) for item in value):
        return dict(sorted(value))
    return value
