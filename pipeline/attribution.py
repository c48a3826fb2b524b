"""Use-case: bring the attribution models of a lake up to its events."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.lake import Lake
from pipeline.warehouse import ModelBuilder, models_code
from pipeline.warehouse.stored import PARTITIONS, PARTS


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did.

    is_full -- whether it began from nothing (the first one, or after a change of the SQL).
    sessions_built -- sessions that were built or built anew.
    """

    is_full: bool
    sessions_built: int


def build(lake: Lake) -> BuildSummary:
    """Build what new events can change; the result is that of a build from nothing.

    A reader sees the old models until all new ones are there. design.md section 3.
    Raises LakeError when another process is writing to the lake.
    """
    with lake.locked():
        tables = lake.models()
        code = models_code()
        changes = tables.event_changes()
        is_full = tables.snapshot.code != code or changes.is_any_gone
        if not is_full and not changes.added:
            tables.follow_records()
            return BuildSummary(is_full=False, sessions_built=0)
        events = lake.parquet_files("events") if is_full else changes.added
        stored = {} if is_full else {name: tables.files(name) for name in (*PARTS, *PARTITIONS)}
        with ModelBuilder() as builder:
            builder.build(events, stored)
            sessions = builder.count("new_sessions")
            for table in builder.tables():
                if is_full:
                    tables.overwrite(table.relation, table.rows, table.partition)
                elif table.partition is None:
                    tables.append(table.relation, table.rows)
                elif table.days:
                    tables.overwrite_days(table.relation, table.rows, table.partition, table.days)
            tables.commit(code)
            return BuildSummary(is_full, sessions)
