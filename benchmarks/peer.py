"""The peer: one DuckDB `read_json` statement that writes the columns of `events` to Parquet.

It is given what DuckDB does best: a typed structure made from `pipeline.schema`, so that each
file is parsed once. It does less than rolecall: no deduplication, sorting, commit or ledger, no
unknown fields, and session tokens stay in. Nested values are written as JSON text, as in the lake.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline import schema

CASTS: dict[schema.Kind, str] = {
    "text": "",
    "json": "::varchar",
    "boolean": "::boolean",
    "timestamp": "::timestamptz",
    "date": "::date",
    "integer": "::bigint",
}

DERIVED = {
    "event_date": 'r."eventTime"::timestamptz::date',
    "issued_access_key_id": """r."responseElements" ->> '$.credentials.accessKeyId'""",
    "additional_fields": "null::varchar",
    "source_file": "filename",
    "user_identity": 'to_json(r."userIdentity")::varchar',
}
"""Columns that are not one field of the record."""

Tree = dict[str, "Tree | str"]


def write_parquet(source: Path, target: Path, *, threads: int) -> int:
    """Read every `.json.gz` below `source` into one Parquet file; the number of rows in it."""
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(statement(source, target))
        counted = connection.sql(
            "select count(*) as n from read_parquet($target)", params={"target": str(target)}
        )
        return int(counted.pl().item())


def statement(source: Path, target: Path) -> str:
    """The one statement."""
    columns = ",\n    ".join(f"{_expression(c)} as {c.name}" for c in schema.EVENTS)
    return f"""copy (
    select
    {columns}
    from (
        select unnest("Records") as r, filename
        from read_json(
            '{source}/**/*.json.gz',
            format = 'unstructured',
            columns = {{'Records': '{_type(_fields())}[]'}},
            filename = true,
            maximum_object_size = 134217728
        )
    )
) to '{target}' (format parquet, compression zstd)"""


def _expression(column: schema.Column) -> str:
    if column.name in DERIVED:
        return DERIVED[column.name]
    path = ".".join(f'"{part}"' for part in column.raw.split("."))
    return f"r.{path}{CASTS[column.kind]}"


def _fields() -> Tree:
    """The record's fields as a tree of names; leaves are DuckDB types."""
    tree: Tree = {}
    for column in schema.EVENTS:
        if not column.raw or column.name == "user_identity":
            continue
        *above, last = column.raw.split(".")
        node = tree
        for name in above:
            below = node.setdefault(name, {})
            assert isinstance(below, dict)
            node = below
        node[last] = "json" if column.kind == "json" else "varchar"
    return tree


def _type(tree: Tree | str) -> str:
    if isinstance(tree, str):
        return tree
    return f"struct({', '.join(f'{chr(34)}{k}{chr(34)} {_type(v)}' for k, v in tree.items())})"
