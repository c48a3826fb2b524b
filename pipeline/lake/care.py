"""Care for a lake that is written to every night: few large files instead of many small ones,
no files that nobody needs, no days that are too old, short logs.

Nothing here changes what a query answers, but for the days that are asked to go. The snapshot
(see `lake.models`) follows each commit at once: care adds no events, so the next build adds to
the models as if there had been none. A crash between the two costs that build a beginning from
nothing, never a wrong answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from deltalake import DeltaTable

from pipeline.lake.deleting import delete_unwanted
from pipeline.lake.durable import entries, log_names, sync_version, writing
from pipeline.lake.fencing import committed_by
from pipeline.lake.keys import keep_index
from pipeline.lake.merging import merged
from pipeline.lake.models import RECORDS, ModelTables
from pipeline.lake.parquet import PARTITION, DataFile
from pipeline.lake.place import Place
from pipeline.lake.tables import (
    HOOKS,
    StoredFile,
    Table,
    checkpoint,
    opened,
    table_folders,
)

TARGET_BYTES = 128 << 20
"""A day, or a table without days, is kept in files of about this size."""

MOST_DAYS = 36_500
"""Most days that `keep_days` takes: what is older than that was not AWS."""

_LOG_ENTRIES = 10


@dataclass(frozen=True, slots=True)
class Merged:
    """Small files that became few. name -- a day of events, or a table."""

    name: str
    files_before: int
    files_after: int


@dataclass(frozen=True, slots=True)
class RemovedDay:
    """A day whose events are gone."""

    day: str
    events: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """Files that are gone from the disk."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Care:
    """What was done for a lake."""

    removed: Sequence[RemovedDay]
    merged: Sequence[Merged]
    deleted: Deleted


class Caretaker:
    """Cares for a locked lake whose events are all built.

    folder -- the lake; events -- its events table; models -- its model tables.
    index -- folder of the index of keys.
    """

    def __init__(self, folder: Place, events: Table, models: ModelTables, index: Path) -> None:
        self._folder = folder
        self._index = index
        self._events = events
        self._models = models

    def care(self, now: datetime, keep_days: int | None, retention_hours: int) -> Care:
        """All of it. A day is closed, and may be merged, when `now` (UTC) is in another one.

        keep_days -- days before today whose events stay; None: all.
        retention_hours -- how long readers find the files that were replaced.
        """
        today = now.date()
        removed = []
        if keep_days is not None:
            removed = self.remove_days(today - timedelta(days=keep_days), now)
        merged = [*self.merge_days(today, now), *self.merge_tables()]
        deleted = self.delete_old_files(retention_hours, now)
        self.shorten_logs()
        return Care(removed, merged, deleted)

    def remove_days(self, before: date, now: datetime) -> list[RemovedDay]:
        """Take the events of all days before a day out of the lake.

        What was learned from them stays: sessions, issued credentials, chains.
        """
        old = [file for file in self._events.stored() if _day(file) < before.isoformat()]
        if old:
            self._swap(old, [], now)
        return [
            RemovedDay(day, sum(f.rows for f in files), sum(f.size for f in files))
            for day, files in _by_day(old)
        ]

    def merge_days(self, before: date, now: datetime) -> list[Merged]:
        """Merge the small files of each day before a day, sorted by access key and time."""
        done = []
        for day, files in _by_day(self._events.stored()):
            if day >= before.isoformat() or not _is_crowded([file.size for file in files]):
                continue
            paths = [file.path for file in files]
            name = f"merged-{hashlib.sha256(chr(0).join(paths).encode()).hexdigest()[:16]}"
            written = merged(self._events.folder, paths, day, name, TARGET_BYTES)
            self._swap(files, written, now)
            done.append(Merged(day, len(files), len(written)))
        return done

    def merge_tables(self) -> list[Merged]:
        """Merge the small files of the tables without days: the ledger, rejects, staging."""
        done = []
        versions = {}
        for folder, table in self._tables():
            sizes = [int(size) for size in table.get_add_actions().column("size_bytes").to_pylist()]
            if table.metadata().partition_columns or not _is_crowded(sizes):
                continue
            with writing(folder):
                table.optimize.compact(
                    target_size=TARGET_BYTES,
                    max_concurrent_tasks=1,
                    commit_properties=committed_by(folder),
                    post_commithook_properties=HOOKS,
                )
                sync_version(folder, table.version(), data=True)
            if self._is_model(folder.name):
                versions[folder.name] = table.version()
            done.append(Merged(folder.name, len(sizes), len(table.file_uris())))
        if done:
            self._models.moved(versions)
        return done

    def delete_old_files(self, hours: int, now: datetime) -> Deleted:
        """Delete files that were replaced, or never committed, at least so many hours ago.

        A reader that opened the lake since then finds all of its files.
        """
        sizes = []
        for folder, table in self._tables():
            with writing(folder):
                sizes += delete_unwanted(folder, table, hours, now)
        return Deleted(len(sizes), sum(sizes))

    def shorten_logs(self) -> None:
        """Sum up each log that has grown, so that opening the lake stays fast."""
        for folder, table in self._tables():
            with writing(folder):
                summed_up = [
                    int(name.partition(".")[0])
                    for name in log_names(folder)
                    if name.endswith(".checkpoint.parquet")
                ]
                newest = max(summed_up, default=-1)
                if sum(version > newest for version in entries(folder)) >= _LOG_ENTRIES:
                    checkpoint(table, folder)
                    table.cleanup_metadata()

    def _tables(self) -> Iterable[tuple[Place, DeltaTable]]:
        for folder in table_folders(self._folder):
            table = opened(folder)
            if table is not None:
                yield folder, table

    def _is_model(self, table: str) -> bool:
        return table in self._models.snapshot.versions and table not in RECORDS

    def _swap(self, gone: Sequence[StoredFile], added: Sequence[DataFile], now: datetime) -> None:
        self._events.swap(gone, added, int(now.timestamp() * 1000))
        name = self._events.folder.name
        self._models.moved({})
        keep_index(
            self._index,
            [f"{name}/{file.path}" for file in gone],
            [f"{name}/{file.path}" for file in added],
        )


def _day(file: StoredFile) -> str:
    return file.partition[PARTITION]


def _by_day(files: Iterable[StoredFile]) -> list[tuple[str, list[StoredFile]]]:
    return [(day, list(group)) for day, group in groupby(sorted(files, key=_day), _day)]


def _is_crowded(sizes: Sequence[int]) -> bool:
    """Whether merging halves the number of files, at least."""
    wanted = max(1, -(-sum(sizes) // TARGET_BYTES))
    return len(sizes) >= 2 * wanted
