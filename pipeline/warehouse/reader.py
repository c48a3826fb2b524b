"""Reads a lake: its record tables and models as views, catalogued queries, the user's SQL.

Statements come from `queries/`; the user's own SQL runs read-only, with external access off
and the configuration locked. Times are UTC, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb
import pyarrow as pa

from pipeline import sql
from pipeline.directory import PEOPLE_SCHEMA
from pipeline.errors import LakeError, QueryError, UsageError
from pipeline.schema import (
    EVENTS_SCHEMA,
    FILES_SCHEMA,
    FIRST_SEEN_SCHEMA,
    NIGHTS_SCHEMA,
    REJECTS_SCHEMA,
)
from pipeline.warehouse import engine
from pipeline.warehouse.builder import ModelBuilder
from pipeline.warehouse.people import name_people
from pipeline.warehouse.stored import FIRST_SEEN

if TYPE_CHECKING:
    import polars as pl

    from pipeline.lake import Lake

RECORD_TABLES: dict[str, pa.Schema] = {
    "events": EVENTS_SCHEMA,
    "files": FILES_SCHEMA,
    "rejects": REJECTS_SCHEMA,
}
"""The tables that ingest writes."""

KEPT_TABLES: dict[str, pa.Schema] = {
    FIRST_SEEN: FIRST_SEEN_SCHEMA,
    "nights": NIGHTS_SCHEMA,
}
"""What builds and nights remember. Every other relation is a model of `queries/`."""


class Warehouse:
    """A DuckDB over the lake's tables and models. Use as a context manager."""

    def __init__(self) -> None:
        self._connection = engine.connect()
        self._files: list[str] = []
        self._locked = False
        self.register("people", PEOPLE_SCHEMA.empty_table())

    @classmethod
    def open(cls, lake: Lake) -> Self:
        """The lake as its last complete build left it: events and models of one snapshot.

        Raises LakeError where the lake was never built.
        """
        tables = lake.models()
        if not tables.snapshot.versions:
            message = "The lake has no attribution yet. Run `rolecall ingest` on it (again)."
            raise LakeError(message, location=lake.location)
        warehouse = cls()
        for table, schema in RECORD_TABLES.items():
            known = table in tables.snapshot.versions
            files = tables.files(table) if known else lake.parquet_files(table)
            if files:
                warehouse._view(table, files)
            else:
                warehouse.register(table, schema.empty_table())
        for table, schema in KEPT_TABLES.items():
            if files := tables.files(table):
                warehouse._view(table, files)
            else:
                warehouse.register(table, schema.empty_table())
        for query in sql.models():
            if query.kind == "view":
                engine.define(warehouse._connection, query)
            elif query.relation in tables.snapshot.versions:
                files = tables.files(query.relation)
                if files:
                    warehouse._view(query.relation, files)
                else:
                    warehouse.register(query.relation, tables.empty(query.relation))
        return warehouse

    @classmethod
    def of(cls, events: pa.Table) -> Self:
        """Events in memory (EVENTS_SCHEMA) with their models, built from nothing; no lake."""
        with ModelBuilder() as builder:
            builder.build(events)
            tables = {
                FIRST_SEEN: builder.first_seen(),
                "nights": NIGHTS_SCHEMA.empty_table(),
            }
            tables |= {built.relation: built.rows.read_all() for built in builder.tables()}
        warehouse = cls()
        for table, schema in RECORD_TABLES.items():
            warehouse.register(table, events if table == "events" else schema.empty_table())
        for relation, rows in tables.items():
            warehouse.register(relation, rows)
        for query in sql.models():
            if query.kind == "view":
                engine.define(warehouse._connection, query)
        return warehouse

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def register(self, relation: str, data: pa.Table) -> None:
        """Make an Arrow table readable under `relation`, replacing what was there."""
        self._connection.register(relation, data)

    def name_people(self, people: pa.Table) -> None:
        """Show actors by the names of a directory in `actor_display`; see pipeline.directory."""
        name_people(self._connection, people)

    def table(self, relation: str) -> pa.Table:
        """All rows of a relation as Arrow."""
        return self._connection.table(relation).to_arrow_table()

    def query(self, name: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
        """Run a catalogued query; parameters that are not given are NULL.

        Raises QueryError for an unknown name or parameter, naming the valid ones.
        """
        query = sql.find(name)
        given = dict(parameters or {})
        unknown = sorted(set(given) - set(query.parameters))
        if unknown:
            valid = ", ".join(query.parameters) or "none"
            raise QueryError(f"no parameter {', '.join(unknown)}; valid: {valid}", location=name)
        values = {parameter: given.get(parameter) for parameter in query.parameters}
        try:
            return self._frame(query.text, values or None)
        except duckdb.Error as error:
            raise QueryError(str(error), location=name) from error

    def sql(self, text: str) -> pl.DataFrame:
        """Run one statement of the user's, read-only: no files, no network, no settings.

        Raises UsageError where it is not one SELECT, QueryError where DuckDB refuses it.
        """
        self._lock()
        try:
            if engine.one_select(self._connection, text) is None:
                raise UsageError(f"`sql` runs {engine.ONE_SELECT}")
            return self._frame(text)
        except duckdb.Error as error:
            raise QueryError(str(error)) from error

    def ask(self, text: str, path: str, parameters: Mapping[str, object]) -> pl.DataFrame:
        """Run the one statement of a file as `sql` does; parameters not given are NULL.

        Raises QueryError, with file and line, where it is not one SELECT, or DuckDB refuses it.
        """
        self._lock()
        try:
            statement = engine.one_select(self._connection, text)
            if statement is None:
                raise engine.not_one_select(text, path)
            values = {name: parameters.get(name) for name in statement.named_parameters}
            return self._frame(text, values or None)
        except duckdb.Error as error:
            raise QueryError(str(error), location=engine.place(text, path, str(error))) from error

    def _frame(self, text: str, parameters: dict[str, object] | None = None) -> pl.DataFrame:
        frame: pl.DataFrame = self._connection.sql(text, params=parameters).pl()
        return frame

    def _lock(self) -> None:
        if self._locked:
            return
        # In this order: a locked configuration takes no further setting.
        self._connection.execute(f"set allowed_paths = {engine.literal_list(self._files)}")
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")
        self._locked = True

    def _view(self, relation: str, files: list[str]) -> None:
        self._files += files
        engine.view_files(self._connection, relation, files)
