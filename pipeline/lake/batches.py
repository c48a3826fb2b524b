"""Commit a batch so that a crash at any moment loses nothing and counts nothing twice.

The commit of `events` is the moment of truth. Before it, the ledger rows and the rejects of
the batch are written as Parquet files that no table knows yet, and the commit's message names
them. After it, the same files are committed to `rejects` and `files`. Each table remembers the
number of its last batch (a Delta transaction id), so the next run sees what is missing after a
crash and completes it from the message. Parquet files that were never committed are harmless:
no table knows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline.lake.parquet import PARTITION, DataFile, write_table
from pipeline.lake.place import Place
from pipeline.lake.tables import Table
from pipeline.schema import EVENTS_SCHEMA, FILES_SCHEMA, REJECTS_SCHEMA


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit stores.

    events -- files of events, written and not committed.
    files -- ledger rows (FILES_SCHEMA).
    rejects -- rejected records and files (REJECTS_SCHEMA).
    """

    events: Sequence[DataFile]
    files: pa.Table
    rejects: pa.Table


class RecordTables:
    """The tables `events`, `files` and `rejects`, committed together."""

    def __init__(self, folder: Place) -> None:
        self.events = Table(folder / "events", EVENTS_SCHEMA, [PARTITION])
        self.rejects = Table(folder / "rejects", REJECTS_SCHEMA)
        self.files = Table(folder / "files", FILES_SCHEMA)

    def commit(self, batch: Batch) -> None:
        """Store a batch, exactly once."""
        number = self.events.last_batch() + 1
        name = batch.files.column("batch_id")[0].as_py()
        message = {}
        for table, rows in ((self.rejects, batch.rejects), (self.files, batch.files)):
            if rows.num_rows:
                written = write_table(table.folder, f"part-{name}.parquet", rows)
                message[table.folder.name] = written.to_json()
        self.events.commit(batch.events, number, message)
        self._close(number, message)

    def recover(self) -> None:
        """Complete the batch that a crash left between its first and its last commit."""
        number = self.events.last_batch()
        if self.files.last_batch() < number:
            self._close(number, self.events.message(number))

    def _close(self, number: int, message: dict[str, str]) -> None:
        for table in (self.rejects, self.files):
            described = message.get(table.folder.name)
            if described and table.last_batch() < number:
                table.commit([DataFile.from_json(described)], number, {})
