"""Which events are stored already: an index over the keys of the whole lake.

Uniqueness holds over the whole table, not only inside a day: real trails hold one eventID with
times on both sides of midnight. The keys (see `lake.hashing`) lie sorted in memory-mapped files,
so that a look-up is a binary search and memory stays bounded.

The index is a cache. Its manifest names the event files that it covers; the keys of other files
are read from the files themselves, and an index that covers a file which is gone is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.lake.durable import sync, writing
from pipeline.lake.folder import write_atomically
from pipeline.lake.hashing import HASH_VERSION, hash_keys
from pipeline.sources.s3.names import SCHEME

_MANIFEST = "manifest.json"
_COLUMN = "key"
_SPILL_KEYS = 4_000_000
_LARGE_KEYS = 16_000_000
_MAX_RUNS = 8


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Sorted keys; in memory, or memory-mapped from the file `name`."""

    keys: pl.Series
    name: str = ""


class KeyIndex:
    """The keys of all stored events and of those claimed since.

    folder -- where the index lies.
    event_files -- absolute paths of the current event files.
    lake -- location of the lake, where the index lies outside of it.
    """

    def __init__(self, folder: Path, event_files: Iterable[str], lake: str = "") -> None:
        self._folder = folder
        self._start = f"{lake or folder.parent.as_posix()}/"
        files = {self._relative(path): path for path in event_files}
        covered, names = self._manifest()
        if not covered <= files.keys():
            covered, names = frozenset(), []
        self._runs = [self._mapped(name) for name in names]
        self._written = 0
        for path in sorted(files.keys() - covered):
            self._add(_keys_of(files[path]))

    def claim(self, event_ids: pa.Array, account_ids: pa.Array) -> pa.Array:
        """Claim keys: true for each row whose key is neither stored nor in an earlier row.

        event_ids -- strings without nulls; account_ids -- strings, nulls are equal.
        """
        keys = hash_keys(event_ids, account_ids)
        order = keys.arg_sort()
        ordered = keys.gather(order)
        known = pl.repeat(False, len(keys), dtype=pl.Boolean, eager=True)
        for run in self._runs:
            places = run.keys.search_sorted(ordered).clip(upper_bound=len(run.keys) - 1)
            known |= run.keys.gather(places) == ordered
        new = keys.is_first_distinct() & ~known.clone().scatter(order, known)
        self._add(keys.filter(new))
        return new.to_arrow()

    def save(self, event_files: Iterable[str]) -> None:
        """Write the index; `event_files` hold exactly the keys that were stored or claimed."""
        fresh = [run for run in self._runs if not run.name]
        small = [run for run in self._runs if run.name and len(run.keys) < _SPILL_KEYS]
        if len(small) >= _MAX_RUNS:
            fresh += small
        if fresh:
            self._runs = [run for run in self._runs if run not in fresh]
            self._runs.extend(self._spilled(keys) for keys in _merged(fresh))
        names = [run.name for run in self._runs]
        manifest = {
            "hash_version": HASH_VERSION,
            "segments": names,
            "covers": sorted(self._relative(path) for path in event_files),
        }
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._folder / _MANIFEST, json.dumps(manifest).encode())
        for path in self._folder.glob("*.arrow"):
            if path.name not in names:
                path.unlink()

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._start)

    def _manifest(self) -> tuple[frozenset[str], list[str]]:
        """The event files that the stored index covers, and its segments."""
        try:
            manifest = json.loads((self._folder / _MANIFEST).read_bytes())
            segments = list(manifest["segments"])
            covers = frozenset(manifest["covers"])
            version = manifest["hash_version"]
        except (OSError, ValueError, KeyError, TypeError):
            return frozenset(), []
        whole = all((self._folder / name).is_file() for name in segments)
        if version != HASH_VERSION or not whole:
            return frozenset(), []
        return covers, segments

    def _add(self, keys: pl.Series) -> None:
        """Add a run. In memory each is more than twice the next: few to look into, and seldom
        merged.
        """
        if not len(keys):
            return
        keys = keys.sort()
        while self._runs and not self._runs[-1].name and len(self._runs[-1].keys) <= 2 * len(keys):
            keys = pl.concat([self._runs.pop().keys, keys]).sort()
        if len(keys) >= _SPILL_KEYS:
            at = sum(bool(run.name) for run in self._runs)
            self._runs.insert(at, self._spilled(keys))
        else:
            self._runs.append(_Run(keys))

    def _spilled(self, keys: pl.Series) -> _Run:
        """Keys written to a file and mapped from there."""
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        taken = {path.name for path in self._folder.glob("*.arrow")}
        while (name := f"segment-{self._written:06}.arrow") in taken:
            self._written += 1
        table = pa.table({_COLUMN: keys.to_arrow()})
        path = self._folder / name
        with writing(path):
            with path.open("wb") as file, pa.ipc.new_file(file, table.schema) as out:
                out.write_table(table)
            sync(path)
        return self._mapped(name)

    def _mapped(self, name: str) -> _Run:
        with pa.memory_map((self._folder / name).as_posix()) as file:
            table = pa.ipc.open_file(file).read_all()
        return _Run(pl.Series(table.column(_COLUMN).combine_chunks()), name)


def keep_index(folder: Path, gone: Iterable[str], added: Iterable[str]) -> None:
    """Files of events gave way to others: the index goes on if it covered all that are gone.

    folder -- where the index lies; gone, added -- paths relative to the folder of the lake.
    The keys of removed events stay in the index, so that they are not stored again.
    """
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        covers = set(manifest["covers"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    old = set(gone)
    if old <= covers:
        manifest["covers"] = sorted(covers - old | set(added))
        with writing(path):
            write_atomically(path, json.dumps(manifest).encode())


def _keys_of(path: str) -> pl.Series:
    table = pq.ParquetFile(_opened(path)).read(columns=["event_id", "recipient_account_id"])
    ids, accounts = (column.combine_chunks() for column in table.columns)
    return hash_keys(ids, accounts)


def _opened(path: str) -> Any:
    if not path.startswith(SCHEME):
        return path
    from pipeline.lake.remote import RangeFile  # noqa: PLC0415 -- loads boto3 and fsspec

    return RangeFile(path)


def _merged(runs: list[_Run]) -> Iterator[pl.Series]:
    """The keys of the runs in few sorted series, none of them too large to sort."""
    group: list[pl.Series] = []
    size = 0
    for run in sorted(runs, key=lambda run: len(run.keys)):
        if group and size + len(run.keys) > _LARGE_KEYS:
            yield pl.concat(group).sort()
            group, size = [], 0
        group.append(run.keys)
        size += len(run.keys)
    if group:
        yield pl.concat(group).sort()
