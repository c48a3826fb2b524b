"""The limit: gunzip, simdjson parse, Parquet write of the same data, and nothing else.

As many processes as cores. Each reads its share of the files, expands them (isal) and parses
them (simdjson, without making a Python object of anything in them); then it writes its share of
the events, which are Arrow columns in memory before the clock starts, with the lake's compression
and dictionaries. Nobody can ingest faster with these tools.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import simdjson
from isal import isal_zlib


def run(source: Path, target: Path, lake: Path, processes: int) -> tuple[int, float, float]:
    """Rows written, wall seconds and processor seconds.

    lake -- a lake that holds the events of `source`.
    """
    files = sorted(source.rglob("*.json.gz"))
    events = sorted((lake / "events").rglob("*.parquet"))
    target.mkdir()
    context = multiprocessing.get_context("spawn")
    lines: list[Connection] = []
    for number in range(processes):
        ours, theirs = context.Pipe()
        share = (files[number::processes], events[number::processes], target / str(number))
        context.Process(target=_work, args=(theirs, *share), daemon=True).start()
        lines.append(ours)
    for line in lines:
        line.recv()
    start = time.perf_counter()
    for line in lines:
        line.send("go")
    done = [line.recv() for line in lines]
    return sum(rows for rows, _ in done), time.perf_counter() - start, sum(cpu for _, cpu in done)


def _work(line: Connection, files: list[Path], events: list[Path], target: Path) -> None:
    pa.set_cpu_count(1)
    target.mkdir()
    tables = [_loaded(path) for path in events]
    parser = simdjson.Parser()
    line.send("ready")
    line.recv()
    before = time.process_time()
    for file in files:
        stored = file.read_bytes()
        size = int.from_bytes(stored[-4:], "little")
        document = parser.parse(isal_zlib.decompress(stored, 31, size))
        del document
    for number, (table, dictionaries) in enumerate(tables):
        pq.write_table(
            table, target / f"{number}.parquet", compression="zstd", use_dictionary=dictionaries
        )
    line.send((sum(len(table) for table, _ in tables), time.process_time() - before))


def _loaded(path: Path) -> tuple[pa.Table, list[str]]:
    """A file of events, and the columns that it stores by a dictionary."""
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    texts = [c.path_in_schema for c in columns if c.has_dictionary_page]
    return pq.ParquetFile(path, read_dictionary=texts).read().combine_chunks(), texts
