"""Delta tables: create, commit, list, replace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction

from pipeline.errors import LakeError
from pipeline.lake.parquet import DataFile

APPLICATION = "rolecall-ingest"
"""Delta's application id under which a table remembers the number of its last batch."""

_MESSAGE = "rolecall"


class Table:
    """One Delta table.

    folder -- its folder.
    schema, partition -- used when it is made, and for each commit.
    """

    def __init__(self, folder: Path, schema: pa.Schema, partition: Iterable[str] = ()) -> None:
        self.folder = folder
        self._schema = schema
        self._partition = list(partition)
        self._table = opened(folder) or DeltaTable.create(
            folder, schema=schema, partition_by=self._partition
        )

    def last_batch(self) -> int:
        """Number of the last batch that was committed; 0 when none was."""
        self._table.update_incremental()
        return self._table.transaction_version(APPLICATION) or 0

    def commit(self, files: Iterable[DataFile], batch: int, message: Mapping[str, Any]) -> None:
        """Add files and remember the batch's number and message, all at once."""
        try:
            self._table.create_write_transaction(
                [_add(file) for file in files],
                "append",
                self._schema,
                self._partition,
                commit_properties=CommitProperties(
                    custom_metadata={_MESSAGE: json.dumps({"batch": batch, **message})},
                    app_transactions=[Transaction(APPLICATION, batch)],
                ),
            )
            self._table.update_incremental()
        except DeltaError as error:
            message_text = f"The lake cannot be written: {error}. What was committed is safe."
            raise LakeError(message_text, location=self.folder.as_posix()) from error

    def message(self, batch: int) -> dict[str, Any]:
        """The message of a batch that was committed."""
        for entry in self._table.history():
            found: dict[str, Any] = json.loads(entry.get(_MESSAGE, "{}"))
            if found.get("batch") == batch:
                return found
        text = f"The log of {self.folder.name} does not hold batch {batch}."
        raise LakeError(text, location=self.folder.as_posix())

    def files(self) -> list[str]:
        """Absolute paths of the current files."""
        return files_of(self._table)


def opened(folder: Path) -> DeltaTable | None:
    """The table in a folder, or None."""
    location = folder.as_posix()
    return DeltaTable(location) if DeltaTable.is_deltatable(location) else None


def files_of(table: DeltaTable) -> list[str]:
    """Absolute paths of a table's files; delta-rs itself gives them percent-encoded."""
    return [unquote(uri) for uri in table.file_uris()]


def replace(folder: Path, data: pa.Table) -> None:
    """Overwrite a whole table, schema included; a reader sees the old or the new one."""
    try:
        write_deltalake(folder, data, mode="overwrite", schema_mode="overwrite")
    except (DeltaError, OSError) as error:
        message = f"The table {folder.name} cannot be written: {error}."
        raise LakeError(message, location=folder.as_posix()) from error


def _add(file: DataFile) -> AddAction:
    statistics = {
        "numRecords": file.rows,
        "minValues": {name: least for name, (least, _) in file.ranges.items()},
        "maxValues": {name: greatest for name, (_, greatest) in file.ranges.items()},
        "nullCount": {},
    }
    return AddAction(
        file.path, file.size, file.partition, file.modified, True, json.dumps(statistics)
    )
