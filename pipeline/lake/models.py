"""The model tables of a lake, and the snapshot that says which versions belong together.

A build writes several Delta tables one after another and then, in one commit, a row for each
into `snapshot`: its name and version, and the versions of the tables of ingest that go with it. A
reader opens exactly those versions, so it sees the state before or after a build, never
between; a build that died half-way is undone by the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipeline.errors import LakeError
from pipeline.lake.durable import sync_version, writing
from pipeline.lake.fencing import committed_by
from pipeline.lake.place import Place, storage_options
from pipeline.lake.tables import HOOKS, files_of, opened, write

EVENTS = "events"
RECORDS = (EVENTS, "files", "rejects")
"""The tables that ingest writes."""

_SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The last complete build.

    code -- identifies the SQL that built it.
    versions -- Delta version by table, those of ingest among them.
    """

    code: str = ""
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventChanges:
    """Files of events since the snapshot: added ones, and whether any that it knew is gone."""

    added: list[str]
    is_any_gone: bool


class ModelTables:
    """Reads and writes the model tables in a lake's folder."""

    def __init__(self, folder: Place) -> None:
        self._folder = folder
        self._tables: dict[str, DeltaTable | None] = {}
        self._snapshot_version: int | None = None
        self.snapshot = self._read_snapshot()
        self._written: dict[str, int] = {}

    def files(self, table: str) -> list[str]:
        """Absolute paths of a table's files as of the snapshot; [] when it has none."""
        version = self.snapshot.versions.get(table)
        if version is None:
            return []
        return files_of(self._at(table, version))

    def empty(self, table: str) -> pa.Table:
        """A table's columns without a row, for one that has no files."""
        version = self.snapshot.versions[table]
        return pa.schema(self._at(table, version).schema().to_arrow()).empty_table()

    def rows(self, table: str) -> pl.DataFrame | None:
        """All rows of a small table as of the snapshot; None when it has none."""
        files = self.files(table)
        if not files:
            return None
        return pl.read_parquet(
            files, hive_partitioning=False, storage_options=storage_options(self._folder)
        )

    def event_changes(self) -> EventChanges:
        """What ingest did to `events` since the snapshot."""
        now = self._newest(EVENTS)
        current = set(files_of(now)) if now else set()
        known = set(self.files(EVENTS))
        return EventChanges(sorted(current - known), bool(known - current))

    @property
    def is_current(self) -> bool:
        """Whether the snapshot knows all events; so does one that was never made."""
        changes = self.event_changes()
        known = EVENTS in self.snapshot.versions
        return not known or not (changes.added or changes.is_any_gone)

    def settle(self) -> None:
        """Undo what a build that never finished left, in every table."""
        for table in self.snapshot.versions.keys() - set(RECORDS):
            self._restore(table)

    def moved(self, versions: Mapping[str, int]) -> None:
        """Care gave tables new versions with the same rows; readers and the next build follow.

        `versions` -- those of model tables; the tables of ingest are taken as they are now.
        """
        if self.snapshot.versions:
            self._written.update(versions)
            self.commit(self.snapshot.code)

    def append(self, table: str, data: pa.Table) -> None:
        """Add rows to a table."""
        self._write(table, data, table=self._restore(table), mode="append")

    def overwrite(
        self, table: str, data: pa.Table | pa.RecordBatchReader, partition: str | None = None
    ) -> None:
        """Write a table as a whole, partitioned by a date column where one is given."""
        self._write(
            table,
            data,
            mode="overwrite",
            schema_mode="overwrite",
            partition_by=[partition] if partition else None,
        )

    def overwrite_days(
        self, table: str, data: pa.Table | pa.RecordBatchReader, partition: str, days: Iterable[str]
    ) -> None:
        """Replace the rows of some days (ISO dates of the partition column) by `data`."""
        listed = ", ".join(f"'{day}'" for day in sorted(days))
        self._write(
            table,
            data,
            table=self._restore(table),
            mode="overwrite",
            partition_by=[partition],
            predicate=f"{partition} in ({listed})",
        )

    def commit(self, code: str) -> None:
        """Make what was written, with the events it was built from, the snapshot.

        It follows the snapshot that was read: in S3 it is refused (LakeError) where another run has
        made one since, or has taken the lake over.
        """
        versions = {**self.snapshot.versions, **self._written, **self._record_versions()}
        rows = pa.table(
            {
                "relation": pa.array(list(versions), pa.string()),
                "version": pa.array(list(versions.values()), pa.int64()),
                "code": pa.array([code] * len(versions), pa.string()),
            }
        )
        before = self._snapshot_version
        self._snapshot_version = write(
            self._folder / _SNAPSHOT,
            rows,
            table=None if before is None else self._opened_at(_SNAPSHOT, before),
            mode="overwrite",
            schema_mode="overwrite",
        )
        self.snapshot = Snapshot(code, versions)
        self._written = {}

    def follow_records(self) -> None:
        """Let readers see what ingest wrote beside events (ledger, rejects); models stay."""
        if not self._record_versions().items() <= self.snapshot.versions.items():
            self.commit(self.snapshot.code)

    def _record_versions(self) -> dict[str, int]:
        tables = {name: opened(self._folder / name) for name in RECORDS}
        return {name: table.version() for name, table in tables.items() if table}

    def _read_snapshot(self) -> Snapshot:
        table = opened(self._folder / _SNAPSHOT)
        if table is None:
            return Snapshot()
        self._snapshot_version = table.version()
        rows = pl.read_parquet(
            files_of(table), hive_partitioning=False, storage_options=storage_options(self._folder)
        )
        versions = dict(zip(rows["relation"].to_list(), rows["version"].to_list(), strict=True))
        return Snapshot(str(rows["code"][0]) if len(rows) else "", versions)

    def _newest(self, table: str) -> DeltaTable | None:
        """A table as it was when first asked for, or as this object last wrote it."""
        if table not in self._tables:
            self._tables[table] = opened(self._folder / table)
        return self._tables[table]

    def _at(self, table: str, version: int) -> DeltaTable:
        newest = self._newest(table)
        if newest is not None and newest.version() == version:
            return newest
        return self._opened_at(table, version)

    def _opened_at(self, table: str, version: int) -> DeltaTable:
        try:
            return DeltaTable(
                (self._folder / table).as_posix(),
                version=version,
                storage_options=storage_options(self._folder),
            )
        except DeltaError as error:
            message = f"Table {table} of the lake cannot be read at version {version}: {error}."
            raise LakeError(message, location=self._folder.as_posix()) from error

    def _restore(self, table: str) -> DeltaTable | None:
        """Undo what a build that never finished wrote after the snapshot; the table as it then
        is, None where there is none.
        """
        current = self._newest(table)
        version = self.snapshot.versions.get(table)
        if current is None or version is None or table in self._written:
            return current
        if current.version() != version:
            folder = self._folder / table
            with writing(folder):
                current.restore(
                    version,
                    commit_properties=committed_by(folder),
                    post_commithook_properties=HOOKS,
                )
                sync_version(folder, current.version())
        return current

    def _write(
        self,
        name: str,
        data: pa.Table | pa.RecordBatchReader,
        *,
        table: DeltaTable | None = None,
        **options: object,
    ) -> None:
        self._tables.pop(name, None)
        self._written[name] = write(self._folder / name, data, table=table, **options)
