"""Use-case: bring the attribution models of a lake up to its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from pipeline.lake import Lake
from pipeline.warehouse import ModelBuilder, models_code
from pipeline.warehouse.stored import FIRST_SEEN, NIGHTS, PARTITIONS, PARTS


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did.

    is_full -- whether it began from nothing (the first one, or after a change of the SQL).
    sessions_built -- sessions that were built or built anew.
    """

    is_full: bool
    sessions_built: int


def build(lake: Lake, now: datetime | None = None) -> BuildSummary:
    """Build what new events can change; the result is that of a build from nothing.

    now -- the moment (UTC) at which what is new counts as learned; that of the clock if None.
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
        all_events = lake.parquet_files("events")
        events = all_events if is_full else changes.added
        kept = (FIRST_SEEN,) if is_full else (FIRST_SEEN, *PARTS, *PARTITIONS)
        stored = {name: files for name in kept if (files := tables.files(name)) or not is_full}
        with ModelBuilder() as builder:
            builder.build(
                events,
                stored,
                day_events=all_events if is_full else _of_days(all_events, events),
                nights=tables.files(NIGHTS),
                built_at=now or datetime.now(UTC),
            )
            sessions = builder.count("new_sessions")
            for table in builder.tables():
                if is_full:
                    tables.overwrite(table.relation, table.rows, table.partition)
                elif table.partition is None:
                    tables.append(table.relation, table.rows)
                elif table.days:
                    tables.overwrite_days(table.relation, table.rows, table.partition, table.days)
            tables.overwrite(FIRST_SEEN, builder.first_seen())
            tables.commit(code)
            return BuildSummary(is_full, sessions)


def _of_days(files: Iterable[str], some: Sequence[str]) -> list[str]:
    """The files of events that lie in the day folders of some."""
    days = {PurePosixPath(file).parent.name for file in some}
    return [file for file in files if PurePosixPath(file).parent.name in days]
