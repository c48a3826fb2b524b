"""`schema`: every table and column, with its meaning."""

from __future__ import annotations

import difflib

import polars as pl

from pipeline import sql
from pipeline.errors import RolecallError
from pipeline.model_columns import MODELS
from pipeline.report import Column, Report, Table
from pipeline.schema import EVENTS, FILES, FIRST_SEEN, NIGHTS, REJECTS
from pipeline.schema import Column as LakeColumn

RECORD_TABLES: dict[str, tuple[LakeColumn, ...]] = {
    "events": EVENTS,
    "files": FILES,
    "rejects": REJECTS,
    "first_seen": FIRST_SEEN,
    "nights": NIGHTS,
}
"""The tables that ingest, builds and nights write, and their columns."""

COLUMNS = (
    Column("column", "column"),
    Column("type", "type"),
    Column("raw", "in the record"),
    Column("sentence", "meaning"),
)
RELATIONS = (
    Column("table", "table"),
    Column("grain", "one row is"),
    Column("sentence", "meaning"),
)


def schema_report(table: str | None = None) -> Report:
    """Every table with its columns, or the one called `table`.

    Raises RolecallError for a name that is no table, naming the tables.
    """
    listed = {name: _columns(name, columns) for name, columns in RECORD_TABLES.items()}
    for model in MODELS:
        heading = f"{model.name}: all of {model.extends}, and" if model.extends else model.name
        listed[model.name] = _columns(model.name, model.columns, heading=heading)
    if table is None:
        return Report("schema", "Tables and columns", (*listed.values(), _models()))
    if table not in listed:
        close = difflib.get_close_matches(table, listed, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise RolecallError(f"no table {table!r}; tables: {', '.join(listed)}{hint}")
    return Report("schema", "", (listed[table],), parameters={"table": table})


def _columns(name: str, columns: tuple[LakeColumn, ...], heading: str = "") -> Table:
    frame = pl.DataFrame(
        {
            "column": [column.name for column in columns],
            "type": [column.kind for column in columns],
            "raw": [column.raw or None for column in columns],
            "sentence": [column.sentence for column in columns],
        },
        schema={name: pl.String() for name in ("column", "type", "raw", "sentence")},
    )
    return Table(name, heading or name, COLUMNS, frame)


def _models() -> Table:
    models = sql.models()
    frame = pl.DataFrame(
        {
            "table": [query.relation for query in models],
            "grain": [query.grain.removeprefix("one row per ") for query in models],
            "sentence": [query.sentence for query in models],
        }
    )
    return Table("models", "models: built from the tables after each ingest", RELATIONS, frame)
