"""Write Parquet files of the lake; nothing here commits."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.lake.durable import sync, writing
from pipeline.lake.folder import at_work
from pipeline.lake.place import Place, S3Folder
from pipeline.schema import EVENTS_SCHEMA

PARTITION = "event_date"
ROW_GROUP_ROWS = 100_000
STORED_EVENTS_SCHEMA = pa.schema([f for f in EVENTS_SCHEMA if f.name != PARTITION])
"""What an events file holds: all columns but the partition, which is in its path."""

BLOOMS = ("user_access_key_id", "issued_access_key_id")
_BLOOM_FALSE_POSITIVES = 0.01
_ROWS_AT_A_TIME = 16_384  # a sixth less time than with pyarrow's 1,024
_FORMAT: dict[str, Any] = {
    "compression": "zstd",
    "store_schema": False,
    "row_group_size": ROW_GROUP_ROWS,
    "write_batch_size": _ROWS_AT_A_TIME,
}
_RANGE_COLUMNS = ("event_time", "user_access_key_id")
SORT = ("user_access_key_id", "event_time")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A written Parquet file that may be committed.

    path -- relative to its table's folder.
    size -- bytes.
    rows -- number of rows.
    modified -- milliseconds since 1970 (UTC).
    partition -- partition column -> value as text.
    ranges -- column -> (least, greatest) as JSON values, for columns that have them.
    """

    path: str
    size: int
    rows: int
    modified: int
    partition: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def to_json(self) -> str:
        """The file as JSON text; `from_json` reads it back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> DataFile:
        """The file that `to_json` described."""
        return cls(**json.loads(text))


def write_table(folder: Place, name: str, table: pa.Table, **options: Any) -> DataFile:
    """Write one file into a table's folder, and force its content to the disk.

    Raises LakeError when that fails (disk full …); then nothing is left of the file.
    """
    if isinstance(folder, S3Folder):
        return _put(folder, name, table, **options)
    path = folder / name
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            pq.write_table(table, path, **_FORMAT, **options)
            sync(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        status = path.stat()
    return DataFile(name, status.st_size, table.num_rows, status.st_mtime_ns // 1_000_000)


def _put(folder: S3Folder, name: str, table: pa.Table, **options: Any) -> DataFile:
    """Write one object; the token of the run is in its name, see `place.Writer`."""
    name = f"{name.removesuffix('.parquet')}-{folder.writer.token}.parquet"
    sink = pa.BufferOutputStream()
    with writing(folder):
        pq.write_table(table, sink, **_FORMAT, **options)
    content = sink.getvalue().to_pybytes()
    (folder / name).put(content)
    return DataFile(name, len(content), table.num_rows, time.time_ns() // 1_000_000)


@dataclass(frozen=True, slots=True)
class EventWriter:
    """Writes events, one file a day, sorted by access key then time.

    folder -- the folder of the events table.
    """

    folder: Place

    def at_work(self) -> AbstractContextManager[None]:
        """Held by another process while it may write; see `lake.folder`."""
        if isinstance(self.folder, S3Folder):
            return nullcontext()
        return at_work(self.folder.parent)

    def write(self, events: pa.Table, order: pa.Array, name: str) -> list[DataFile]:
        """Write rows in that order.

        events -- columns of one chunk each. Text that is dictionary-encoded is stored so.
        order -- positions of the rows to write, as `event_order` sorts them.
        name -- file name without extension; unique for what it holds, so that writing the
            same batch again after a crash overwrites its own leftovers.
        """
        if not len(order):
            return []
        ordered = pa.table({n: _taken(events.column(n), order) for n in events.column_names})
        return [self._write_day(day, part, name) for day, part in _days(ordered)]

    def _write_day(self, day: str, events: pa.Table, name: str) -> DataFile:
        events = events.drop_columns(PARTITION)
        dictionary = [f.name for f in events.schema if pa.types.is_dictionary(f.type)]
        distinct = {column: len(events.column(column).drop_null().unique()) for column in BLOOMS}
        name = f"{PARTITION}={day}/{name}.parquet"
        options = event_options(dictionary, distinct)
        written = write_table(self.folder, name, events, **options)
        return replace(written, partition={PARTITION: day}, ranges=ranges(events))


def event_options(dictionary: Sequence[str], distinct: Mapping[str, int]) -> dict[str, Any]:
    """How pyarrow is to write events.

    dictionary -- columns to be stored by a dictionary, beside those of BLOOMS; others are stored
        plainly, and without statistics: DuckDB 2.0 takes a plain column whose least value is its
        greatest for NULL in every row when it is asked for NULLs.
    distinct -- number of values of each column that gets a bloom filter, per row group.
    """
    encoded = sorted({*dictionary, *BLOOMS})
    return {
        "use_dictionary": encoded,
        "write_statistics": [*encoded, "event_time"],
        "bloom_filter_options": {
            column: {"ndv": number, "fpp": _BLOOM_FALSE_POSITIVES}
            for column, number in distinct.items()
            if number
        },
    }


def _taken(column: pa.ChunkedArray, order: pa.Array) -> pa.Array | pa.ChunkedArray:
    if column.null_count == len(column):
        return pa.nulls(len(order), column.type)
    return pc.take(column, order, boundscheck=False)


def event_order(events: pa.Table) -> pa.Array:
    """Positions of the rows by day, access key and time (int32)."""
    keys = events.column("user_access_key_id").combine_chunks()
    if not pa.types.is_dictionary(keys.type):
        keys = keys.dictionary_encode()
    ranks = pc.rank(keys.dictionary, tiebreaker="dense").cast(pa.int32())
    table = pa.table(
        {
            "day": events.column(PARTITION),
            "key": ranks.take(keys.indices),
            "time": events.column("event_time"),
        }
    )
    by = [("day", "ascending"), ("key", "ascending"), ("time", "ascending")]
    return pc.sort_indices(table, sort_keys=by).cast(pa.int32())


def _days(events: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The parts of a table sorted by day, each with its day as text."""
    runs = pc.run_end_encode(events.column(PARTITION).combine_chunks())
    start = 0
    for end, day in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
        yield day.isoformat(), events.slice(start, end - start)
        start = end


def ranges(events: pa.Table) -> dict[str, tuple[Any, Any]]:
    """The least and greatest value of the sort columns, as JSON values."""
    found = {}
    for name in _RANGE_COLUMNS:
        column = events.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.combine_chunks().cast(pa.string())
        least, greatest = pc.min_max(column).as_py().values()
        if isinstance(least, datetime):
            found[name] = (_iso(least), _iso(greatest))
        elif least is not None:
            found[name] = (least, greatest)
    return found


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
