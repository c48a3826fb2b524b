"""Merge sorted files of events into few, in bounded memory.

Every file is sorted by access key then time. The two columns of all files are sorted together,
which says how many rows of each file come next; the rows themselves are read in turn, a slice
at a time, and each file is decoded once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.lake.durable import sync, writing
from pipeline.lake.parquet import (
    BLOOMS,
    PARTITION,
    SORT,
    STORED_EVENTS_SCHEMA,
    DataFile,
    event_options,
    ranges,
)
from pipeline.lake.place import Place

FAN_IN = 32
"""Files that are open at once; more are merged in several passes."""

SLICE_ROWS = 20_000
SLICE_BYTES = 64 << 20
"""Rows that are held at once, and a row group: so many, or of so many bytes before compression."""

_TRANSFERS = 4
_BATCH_ROWS = 2048
_BUFFER_BYTES = 1 << 16


def merged(table: Place, paths: Sequence[str], day: str, name: str, size: int) -> list[DataFile]:
    """As `merge`; of a table in S3 by way of the folder for temporary files of this machine.

    The token of the run is in the names of objects, see `place.Writer`.
    """
    if isinstance(table, Path):
        return merge(table, paths, day, name, size)
    with TemporaryDirectory(prefix="rolecall-") as made, ThreadPoolExecutor(_TRANSFERS) as pool:
        here = Path(made)
        with writing(table):
            for folder in {(here / path).parent for path in paths}:
                folder.mkdir(parents=True, exist_ok=True)
            list(pool.map(lambda path: (table / path).download(here / path), paths))
        written = merge(here, paths, day, f"{name}-{table.writer.token}", size)
        with writing(table):
            list(pool.map(lambda file: (table / file.path).upload(here / file.path), written))
    return written


def merge(table: Path, paths: Sequence[str], day: str, name: str, size: int) -> list[DataFile]:
    """Merge files of a day into new files of about `size` bytes; the old ones stay.

    table -- folder of the events table; paths -- relative to it.
    name -- begins the names of the new files; the same for the same merge, so that one that
        is done again after a crash overwrites what is left of the first.
    Raises LakeError when a file cannot be read or written.
    """
    sources = [table / path for path in paths]
    passed: list[Path] = []
    with writing(table):
        level = 0
        while len(sources) > FAN_IN:
            groups = [sources[at : at + FAN_IN] for at in range(0, len(sources), FAN_IN)]
            sources = []
            for number, group in enumerate(groups):
                part = f"{PARTITION}={day}/{name}-pass{level}-{number}"
                merged = _merge(table, group, day, part, None)
                sources.extend(table / file.path for file in merged)
            passed.extend(sources)
            level += 1
        written = _merge(table, sources, day, f"{PARTITION}={day}/{name}", size)
        for path in passed:
            path.unlink()
    return written


def _merge(
    table: Path, sources: Sequence[Path], day: str, name: str, size: int | None
) -> list[DataFile]:
    metas = [pq.read_metadata(path) for path in sources]
    total = sum(meta.num_rows for meta in metas)
    stored = sum(path.stat().st_size for path in sources)
    plain = sum(m.row_group(at).total_byte_size for m in metas for at in range(m.num_row_groups))
    slice_rows = max(1, min(SLICE_ROWS, total * SLICE_BYTES // max(1, plain)))
    file_rows = total if size is None else max(1, total * size // max(1, stored))
    slices = _Slices(sources, slice_rows)
    files = []
    for number, start in enumerate(range(0, total, file_rows)):
        count = min(file_rows, total - start)
        files.append(slices.write(table, f"{name}-{number}.parquet", count))
    if sum(file.rows for file in files) != total:
        raise AssertionError(f"merged {total} rows into {files}")
    return [replace(file, partition={PARTITION: day}) for file in files]


class _Slices:
    """The rows of sorted files in their common order, a slice at a time."""

    def __init__(self, sources: Sequence[Path], slice_rows: int) -> None:
        self._order, distinct = _order(sources)
        self._rows = slice_rows
        self._taken = 0
        self._cursors = [_Cursor(path) for path in sources]
        limited = {column: min(number, slice_rows) for column, number in distinct.items()}
        self._options = event_options(_dictionaries(sources), limited)

    def write(self, table: Path, name: str, count: int) -> DataFile:
        """Write the next `count` rows as one file."""
        path = table / name
        bounds: list[dict[str, tuple[str, str]]] = []
        with pq.ParquetWriter(
            path, STORED_EVENTS_SCHEMA, compression="zstd", store_schema=False, **self._options
        ) as out:
            for start in range(0, count, self._rows):
                rows = self._next(min(self._rows, count - start))
                bounds.append(ranges(rows))
                out.write_table(rows, row_group_size=SLICE_ROWS)
        sync(path)
        status = path.stat()
        modified = status.st_mtime_ns // 1_000_000
        return DataFile(name, status.st_size, count, modified, {}, _joined(bounds))

    def _next(self, rows: int) -> pa.Table:
        numbers = self._order.slice(self._taken, rows)
        self._taken += rows
        counts = numbers.value_counts(sort=False).sort("file")
        parts = [part for number, n in counts.iter_rows() for part in self._cursors[number].take(n)]
        table = pa.Table.from_batches(parts, STORED_EVENTS_SCHEMA).combine_chunks()
        by = [(column, "ascending") for column in SORT]
        return table.take(pc.sort_indices(table.select(SORT), sort_keys=by))


class _Cursor:
    """Reads a file from its beginning, as many rows at a time as are wanted."""

    def __init__(self, path: Path) -> None:
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
        self._batches = file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False)
        self._rest = pa.RecordBatch.from_pylist([], STORED_EVENTS_SCHEMA)

    def take(self, rows: int) -> Iterator[pa.RecordBatch]:
        while rows:
            if not self._rest.num_rows:
                self._rest = _conformed(next(self._batches))
            part = self._rest.slice(0, rows)
            self._rest = self._rest.slice(part.num_rows)
            rows -= part.num_rows
            yield part


def _conformed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with all columns of this version; a file of an older one may lack some."""
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in STORED_EVENTS_SCHEMA
    ]
    return pa.RecordBatch.from_arrays(columns, schema=STORED_EVENTS_SCHEMA)


def _order(sources: Sequence[Path]) -> tuple[pl.Series, dict[str, int]]:
    """Which file each row of the merged order is from, and how many keys there are."""
    values: dict[str, set[str]] = {column: set() for column in BLOOMS}
    tables = []
    for path in sources:
        names = [*SORT, *(column for column in BLOOMS if column not in SORT)]
        table = pq.ParquetFile(path, read_dictionary=list(BLOOMS)).read(columns=names)
        for column in BLOOMS:
            for chunk in table.column(column).chunks:
                values[column].update(chunk.dictionary.to_pylist())
        tables.append(table.select(SORT))
    key, time = SORT
    ranks = {value: rank for rank, value in enumerate(sorted(values[key]))}
    frames = []
    for number, table in enumerate(tables):
        keys = [_ranked(chunk, ranks) for chunk in table.column(key).chunks]
        frame = pl.DataFrame(
            {
                "key": pl.concat(keys) if keys else pl.Series([], dtype=pl.Int32),
                "time": pl.Series(table.column(time)),
            }
        )
        frames.append(frame.with_columns(pl.lit(number, pl.UInt16).alias("file")))
    ordered = pl.concat(frames).sort("key", "time", nulls_last=True, maintain_order=True)
    return ordered["file"], {column: len(found) for column, found in values.items()}


def _ranked(chunk: pa.DictionaryArray, ranks: dict[str, int]) -> pl.Series:
    by_code = pa.array([ranks[value] for value in chunk.dictionary.to_pylist()], pa.int32())
    return pl.Series(by_code.take(chunk.indices), dtype=pl.Int32)


def _dictionaries(sources: Sequence[Path]) -> list[str]:
    """The columns that any of the files stores by a dictionary."""
    groups = [pq.read_metadata(path).row_group(0) for path in sources]
    columns = [group.column(at) for group in groups for at in range(group.num_columns)]
    return sorted({column.path_in_schema for column in columns if column.has_dictionary_page})


def _joined(bounds: Sequence[dict[str, tuple[str, str]]]) -> dict[str, tuple[str, str]]:
    names = {name for bound in bounds for name in bound}
    return {
        name: (
            min(bound[name][0] for bound in bounds if name in bound),
            max(bound[name][1] for bound in bounds if name in bound),
        )
        for name in sorted(names)
    }
