"""The lake as the other rooms see it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl

from pipeline.errors import LakeError
from pipeline.lake import folder as lake_folder
from pipeline.lake.batches import Batch, RecordTables
from pipeline.lake.care import Care, Caretaker
from pipeline.lake.durable import mend, writing
from pipeline.lake.keys import KeyIndex
from pipeline.lake.models import ModelTables
from pipeline.lake.parquet import EventWriter
from pipeline.lake.place import Place, S3Folder, place_of, storage_options
from pipeline.lake.tables import fence, files_of, opened, table_folders


class Lake:
    """A lake in a folder or in S3.

    place -- where it is; location -- absolute path of the folder, or `s3://bucket/prefix`.
    """

    def __init__(self, location: Place) -> None:
        self.place = location
        self.location = location.as_posix()
        self._is_locked = False

    @classmethod
    def open(cls, location: str) -> Lake:
        """Open a lake. Raises LakeError when it is missing, not a lake, or of a newer version."""
        path = place_of(location)
        lake_folder.check(path)
        return cls(path)

    @classmethod
    def is_there(cls, location: str) -> bool:
        """Whether there is something to open: False for a missing or an empty folder."""
        path = place_of(location)
        if isinstance(path, S3Folder):
            return not path.is_empty()
        return path.exists() and not (path.is_dir() and not any(path.iterdir()))

    @classmethod
    def create_or_open(cls, location: str) -> Lake:
        """Open a lake, making it first where there is none (missing or empty folder)."""
        path = place_of(location)
        if isinstance(path, Path) and path.exists() and not path.is_dir():
            message = "This is a file, not a lake. Choose another --lake."
            raise LakeError(message, location=path.as_posix())
        lake_folder.create(path)
        lake_folder.check(path)
        return cls(path)

    def parquet_files(self, table: str) -> list[str]:
        """Absolute paths of the files that make up a table now; [] when it has none.

        The files of `events` do not hold `event_date`: it is in their path, hive-style
        (`event_date=2026-01-31`), so read them with hive partitioning.
        """
        delta = opened(self.place / table)
        return files_of(delta) if delta else []

    def models(self) -> ModelTables:
        """The attribution models of the last complete build; see `lake.models`."""
        return ModelTables(self.place)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the writer's lock, and take away what a power loss cut short; in S3, refuse what
        a run that was taken over still has under way.

        May be nested. Raises LakeError when another process goes on writing.
        """
        if self._is_locked:
            yield
            return
        with lake_folder.lock(self.place) as is_taken_over:
            if is_taken_over:
                fence(self.place)
            for folder in table_folders(self.place) if isinstance(self.place, Path) else ():
                if isinstance(folder, Path):
                    with writing(folder):
                        mend(folder)
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False

    def compact(
        self, now: datetime, *, keep_days: int | None = None, retention_hours: int = 168
    ) -> Care:
        """Merge small files, remove old days and old files, shorten logs; see `lake.care`.

        Raises LakeError when another process goes on writing, or events are not built yet.
        """
        with self.locked():
            tables = RecordTables(self.place)
            tables.recover()
            models = self.models()
            if not models.is_current:
                message = "The lake holds events that are not built yet. Run rolecall ingest first."
                raise LakeError(message, location=self.location)
            models.settle()
            caretaker = Caretaker(self.place, tables.events, models, self._index())
            return caretaker.care(now, keep_days, retention_hours)

    @contextmanager
    def writer(self) -> Iterator[LakeWriter]:
        """Write records: locks the lake, completes what a crash left, and yields the writer.

        Raises LakeError when another process goes on writing.
        """
        with self.locked():
            tables = RecordTables(self.place)
            tables.recover()
            index = KeyIndex(self._index(), tables.events.files(), self.location)
            yield LakeWriter(tables, index)
            with writing(self.place):
                index.save(tables.events.files())

    def _index(self) -> Path:
        """Where the index of keys lies: in the lake, or for one in S3 in this user's cache."""
        if isinstance(self.place, Path):
            return self.place / "keys"
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cache / "rolecall" / lake_folder.identity(self.place)


class LakeWriter:
    """Appends batches of records to a locked lake.

    keys -- tells which records are new.
    """

    def __init__(self, tables: RecordTables, keys: KeyIndex) -> None:
        self._tables = tables
        self.keys = keys

    def event_writer(self) -> EventWriter:
        """Writes files of events; may be handed to another process."""
        return EventWriter(self._tables.events.folder)

    def ledger(self) -> pl.DataFrame:
        """The uri and fingerprint of every object that was ingested."""
        files = self._tables.files.files()
        if not files:
            return pl.DataFrame(schema={"uri": pl.String, "fingerprint": pl.String})
        return pl.read_parquet(
            files,
            columns=["uri", "fingerprint"],
            hive_partitioning=False,
            storage_options=storage_options(self._tables.files.folder),
        )

    def commit(self, batch: Batch) -> None:
        """Store a batch, exactly once; see `lake.batches`."""
        self._tables.commit(batch)
