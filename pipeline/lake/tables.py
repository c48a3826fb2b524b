"""Delta tables: create, commit, list, replace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
from deltalake import (
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Schema,
    Transaction,
    write_deltalake,
)
from deltalake.transaction import AddAction, RemoveAction

from pipeline.errors import LakeError
from pipeline.lake.durable import (
    HINT,
    LOG,
    actions,
    entries,
    sync,
    sync_names,
    sync_version,
    writing,
)
from pipeline.lake.fencing import committed_by
from pipeline.lake.parquet import DataFile
from pipeline.lake.place import Place, storage_options

APPLICATION = "rolecall-ingest"
"""Delta's application id under which a table remembers the number of its last batch."""

HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""Checkpoints are made where they can be forced to the disk before a log entry goes."""

_MESSAGE = "rolecall"
_CHECKPOINT_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a table: path relative to the folder, bytes, rows, partition."""

    path: str
    size: int
    rows: int
    partition: Mapping[str, str]


class Table:
    """One Delta table.

    folder -- its folder.
    schema, partition -- used when it is made, and for each commit.
    """

    def __init__(self, folder: Place, schema: pa.Schema, partition: Iterable[str] = ()) -> None:
        self.folder = folder
        self._schema = schema
        self._partition = list(partition)
        self._access = storage_options(folder)
        self._table = opened(folder) or self._made()

    def last_batch(self) -> int:
        """Number of the last batch that was committed; 0 when none was."""
        self._table.update_incremental()
        return self._table.transaction_version(APPLICATION) or 0

    def commit(self, files: Iterable[DataFile], batch: int, message: Mapping[str, Any]) -> None:
        """Add files and remember the batch's number and message, all at once and for good."""
        added = list(files)
        properties = committed_by(
            self.folder,
            Transaction(APPLICATION, batch),
            {_MESSAGE: json.dumps({"batch": batch, **message})},
        )
        self._renew()
        with writing(self.folder):
            self._grow()
            self._sync(added)
            self._commit([_add(file) for file in added], properties)

    def swap(self, gone: Iterable[StoredFile], added: Iterable[DataFile], moment: int) -> None:
        """Let files take the place of others, all at once and for good.

        moment -- milliseconds since 1970, from which on the old files wait for their removal.
        """
        old, new = list(gone), list(added)
        changes: list[AddAction | RemoveAction] = [
            RemoveAction(file.path, not new, moment, file.size, dict(file.partition))
            for file in old
        ]
        changes.extend(_add(file, is_news=False) for file in new)
        self._renew()
        with writing(self.folder):
            self._sync(new)
            self._commit(changes, committed_by(self.folder))

    def stored(self) -> list[StoredFile]:
        """The current files, by path."""
        rows = pl.DataFrame(self._table.get_add_actions(flatten=True)).sort("path").to_dicts()
        return [
            StoredFile(
                row["path"],
                row["size_bytes"],
                row["num_records"],
                {name: str(row[f"partition.{name}"]) for name in self._partition},
            )
            for row in rows
        ]

    def message(self, batch: int) -> dict[str, Any]:
        """The message of a batch that was committed."""
        for version in entries(self.folder):
            for action in actions(self.folder, version):
                text = action.get("commitInfo", {}).get(_MESSAGE, "{}")
                found: dict[str, Any] = json.loads(text)
                if found.get("batch") == batch:
                    return found
        text = f"The log of {self.folder.name} does not hold batch {batch}."
        raise LakeError(text, location=self.folder.as_posix())

    def files(self) -> list[str]:
        """Absolute paths of the current files."""
        return files_of(self._table)

    def _sync(self, files: Iterable[DataFile]) -> None:
        if isinstance(self.folder, Path):
            folder = self.folder
            sync_names((folder / file.path for file in files), folder)

    def _made(self) -> DeltaTable:
        with writing(self.folder):
            table = DeltaTable.create(
                self.folder.as_posix(),
                schema=self._schema,
                partition_by=self._partition,
                storage_options=storage_options(self.folder),
            )
            sync_version(self.folder, table.version())
        return table

    def _renew(self) -> None:
        """Open the same version with the credentials of now: those of a role run out."""
        access = storage_options(self.folder)
        if access != self._access:
            version, self._access = self._table.version(), access
            self._table = DeltaTable(
                self.folder.as_posix(), version=version, storage_options=access
            )

    def _grow(self) -> None:
        """Add the columns that a table of an older rolecall does not have."""
        here = {field.name for field in self._table.schema().fields}
        wanted = Schema.from_arrow(self._schema).fields
        if missing := [field for field in wanted if field.name not in here]:
            self._table.alter.add_columns(
                missing,
                commit_properties=committed_by(self.folder),
                post_commithook_properties=HOOKS,
            )
            sync_version(self.folder, self._table.version())

    def _commit(
        self, changes: list[AddAction | RemoveAction], properties: CommitProperties
    ) -> None:
        self._table.create_write_transaction(
            changes,
            "append",
            self._schema,
            self._partition,
            commit_properties=properties,
            post_commithook_properties=HOOKS,
        )
        self._table.update_incremental()
        version = self._table.version()
        sync_version(self.folder, version)
        if version % _CHECKPOINT_VERSIONS == 0:
            checkpoint(self._table, self.folder)


def opened(folder: Place) -> DeltaTable | None:
    """The table in a folder, or None."""
    location, options = folder.as_posix(), storage_options(folder)
    if not DeltaTable.is_deltatable(location, storage_options=options):
        return None
    return DeltaTable(location, storage_options=options)


def table_folders(lake: Place) -> list[Place]:
    """The folders of a lake that may be tables, by name."""
    if isinstance(lake, Path):
        return [log.parent for log in sorted(lake.glob(f"*/{LOG}"))]
    return list(lake.folders())


def fence(lake: Place) -> None:
    """Refuse what a run that held the lake before is about to commit, in every table.

    Raises LakeError.
    """
    for folder in table_folders(lake):
        table = opened(folder)
        if table is not None:
            with writing(folder):
                table.create_write_transaction(
                    [],
                    "append",
                    table.schema(),
                    table.metadata().partition_columns,
                    commit_properties=committed_by(folder),
                    post_commithook_properties=HOOKS,
                )


def files_of(table: DeltaTable) -> list[str]:
    """Absolute paths of a table's files; delta-rs itself gives them percent-encoded."""
    return [unquote(uri) for uri in table.file_uris()]


def replace(folder: Place, data: pa.Table) -> None:
    """Overwrite a whole table, schema included; a reader sees the old or the new one."""
    write(folder, data, mode="overwrite", schema_mode="overwrite")


def write(
    folder: Place,
    data: pa.Table | pa.RecordBatchReader,
    *,
    table: DeltaTable | None = None,
    **options: Any,
) -> int:
    """Write rows with delta-rs and force them to the disk; the new version.

    table -- the table at the version that is written upon, where it is open already. It is opened
        before it is asked who holds the lake, so that it is older than any take-over.
    """
    table = table or opened(folder)
    if table is None:
        options = {"partition_by": options.get("partition_by"), "mode": "error"}
    with writing(folder):
        location, access = folder.as_posix(), storage_options(folder)
        write_deltalake(
            table or location,
            data,
            storage_options=None if table else access,
            commit_properties=committed_by(folder),
            post_commithook_properties=HOOKS,
            **options,
        )
        table = table or DeltaTable(location, storage_options=access)
        sync_version(folder, table.version(), data=True)
        if table.version() % _CHECKPOINT_VERSIONS == 0:
            checkpoint(table, folder)
    return table.version()


def checkpoint(table: DeltaTable, folder: Place) -> None:
    """Sum up a table's log in one file, so that opening it stays fast."""
    table.create_checkpoint()
    if not isinstance(folder, Path):
        return
    log = folder / LOG
    sync(log / f"{table.version():020}.checkpoint.parquet")
    sync(log / HINT)
    sync(log)


def _add(file: DataFile, *, is_news: bool = True) -> AddAction:
    statistics = {
        "numRecords": file.rows,
        "minValues": {name: least for name, (least, _) in file.ranges.items()},
        "maxValues": {name: greatest for name, (_, greatest) in file.ranges.items()},
        "nullCount": {},
    }
    return AddAction(
        file.path, file.size, file.partition, file.modified, is_news, json.dumps(statistics)
    )
