"""The peer for tiny files: the plain loop that one would write first, with gzip, json, pyarrow.

One process; every file is read, decoded and appended to lists, one per column, which become one
Parquet file. Nested values are written as JSON text, as in the lake. No ledger, no
deduplication, sorting or commit; identities are not flattened; unknown fields are lost.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import schema

COLUMNS = [(c.name, c.raw, c.kind == "json") for c in schema.EVENTS if c.raw and "." not in c.raw]


def write_parquet(source: Path, target: Path) -> int:
    """Read every `.json.gz` below `source` into one Parquet file; the number of rows in it."""
    columns: dict[str, list[Any]] = {name: [] for name, _, _ in COLUMNS}
    files = []
    for path in sorted(source.rglob("*.json.gz")):
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            for name, raw, is_json in COLUMNS:
                value = record.get(raw)
                if is_json and value is not None:
                    value = json.dumps(value)
                columns[name].append(value)
            files.append(str(path))
    table = pa.table({**columns, "source_file": files})
    pq.write_table(table, target, compression="zstd")
    return len(table)
