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
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.transaction import AddAction, RemoveAction

from pipeline.errors import LakeError
from pipeline.lake.durable import (
    HINT,
    HOOKS,
    LOG,
    actions,
    entries,
    sync,
    sync_names,
    sync_version,
    writing,
)
from pipeline.lake.parquet import DataFile

APPLICATION = "rolecall-ingest"
"""Delta's application id under which a table remembers the number of its last batch."""

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

    def __init__(self, folder: Path, schema: pa.Schema, partition: Iterable[str] = ()) -> None:
        self.folder = folder
        self._schema = schema
        self._partition = list(partition)
        self._table = opened(folder) or self._made()

    def last_batch(self) -> int:
        """Number of the last batch that was committed; 0 when none was."""
        self._table.update_incremental()
        return self._table.transaction_version(APPLICATION) or 0

    def commit(self, files: Iterable[DataFile], batch: int, message: Mapping[str, Any]) -> None:
        """Add files and remember the batch's number and message, all at once and for good."""
        added = list(files)
        properties = CommitProperties(
            custom_metadata={_MESSAGE: json.dumps({"batch": batch, **message})},
            app_transactions=[Transaction(APPLICATION, batch)],
        )
        with writing(self.folder):
            self._grow()
            sync_names((self.folder / file.path for file in added), self.folder)
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
        with writing(self.folder):
            sync_names((self.folder / file.path for file in new), self.folder)
            self._commit(changes, CommitProperties())

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

    def _made(self) -> DeltaTable:
        with writing(self.folder):
            table = DeltaTable.create(
                self.folder, schema=self._schema, partition_by=self._partition
            )
            sync_version(self.folder, table.version())
        return table

    def _grow(self) -> None:
        """Add the columns that a table of an older rolecall does not have."""
        here = {field.name for field in self._table.schema().fields}
        wanted = Schema.from_arrow(self._schema).fields
        if missing := [field for field in wanted if field.name not in here]:
            self._table.alter.add_columns(missing, post_commithook_properties=HOOKS)
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


def opened(folder: Path) -> DeltaTable | None:
    """The table in a folder, or None."""
    location = folder.as_posix()
    return DeltaTable(location) if DeltaTable.is_deltatable(location) else None


def files_of(table: DeltaTable) -> list[str]:
    """Absolute paths of a table's files; delta-rs itself gives them percent-encoded."""
    return [unquote(uri) for uri in table.file_uris()]


def replace(folder: Path, data: pa.Table) -> None:
    """Overwrite a whole table, schema included; a reader sees the old or the new one."""
    write(folder, data, mode="overwrite", schema_mode="overwrite")


def write(
    folder: Path,
    data: pa.Table | pa.RecordBatchReader,
    *,
    table: DeltaTable | None = None,
    **options: Any,
) -> int:
    """Write rows with delta-rs and force them to the disk; the new version.

    table -- the table at its newest version, where it is open already.
    """
    with writing(folder):
        write_deltalake(table or folder, data, post_commithook_properties=HOOKS, **options)
        table = table or DeltaTable(folder.as_posix())
        sync_version(folder, table.version(), data=True)
        if table.version() % _CHECKPOINT_VERSIONS == 0:
            checkpoint(table, folder)
    return table.version()


def checkpoint(table: DeltaTable, folder: Path) -> None:
    """Sum up a table's log in one file, so that opening it stays fast."""
    table.create_checkpoint()
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
