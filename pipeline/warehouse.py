"""The only room that imports duckdb: opens a lake, builds the models, runs queries.

A `Warehouse` is one in-memory DuckDB whose relations are views over the Parquet files of a
lake (or Arrow tables in memory). Time zone is UTC, always. Statements come from `queries/`;
the user's own SQL runs read-only, with external access off and the configuration locked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb
import pyarrow as pa

from pipeline import sql
from pipeline.errors import QueryError
from pipeline.schema import EVENTS_SCHEMA, FILES_SCHEMA, REJECTS_SCHEMA

if TYPE_CHECKING:
    import polars as pl

    from pipeline.lake import Lake

RECORD_TABLES: dict[str, pa.Schema] = {
    "events": EVENTS_SCHEMA,
    "files": FILES_SCHEMA,
    "rejects": REJECTS_SCHEMA,
}
"""The tables that ingest writes; every other relation is a model of `queries/`."""

_READ_ONLY = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


class Warehouse:
    """A DuckDB over the lake's tables and models. Use as a context manager."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(
            config={
                "python_enable_replacements": False,
                "preserve_insertion_order": False,
                "memory_limit": os.environ.get("ROLECALL_MEMORY_LIMIT", "3GiB"),
            }
        )
        self._connection.execute("set TimeZone = 'UTC'")
        self._files: list[str] = []
        self._locked = False

    @classmethod
    def open(cls, lake: Lake) -> Self:
        """The lake as its last complete build left it: records and models of one snapshot.

        Raises LakeError where the lake was never built.
        """
        warehouse = cls.records(lake)
        for query in sql.models():
            if query.kind == "view":
                warehouse._define(query)
            else:
                warehouse._view(query.relation, lake.parquet_files(query.relation))
        return warehouse

    @classmethod
    def records(cls, lake: Lake) -> Self:
        """The lake's record tables alone, without models."""
        warehouse = cls()
        for table, schema in RECORD_TABLES.items():
            files = lake.parquet_files(table)
            if files:
                warehouse._view(table, files)
            else:
                warehouse.register(table, schema.empty_table())
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

    def build_models(self) -> list[str]:
        """Build every model from the record tables, in `reads` order; returns the tables' names.

        Models are tables of this DuckDB, views stay views. design.md section 3.
        """
        built = []
        for query in sql.models():
            self._define(query)
            if query.kind == "table":
                built.append(query.relation)
        return built

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
            raise QueryError(
                f"no parameter {', '.join(unknown)}; valid: {', '.join(query.parameters) or 'none'}",
                location=name,
            )
        values = {parameter: given.get(parameter) for parameter in query.parameters}
        try:
            return self._connection.sql(query.text, params=values or None).pl()
        except duckdb.Error as error:
            raise QueryError(str(error), location=name) from error

    def sql(self, text: str) -> pl.DataFrame:
        """Run one statement of the user's, read-only: no files, no network, no settings.

        Raises QueryError where it is not one SELECT, or DuckDB refuses it.
        """
        self._lock()
        try:
            statements = self._connection.extract_statements(text)
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        if len(statements) != 1 or statements[0].type not in _READ_ONLY:
            raise QueryError("`sql` runs one SELECT (or FROM, WITH, DESCRIBE, EXPLAIN) statement")
        try:
            return self._connection.sql(text).pl()
        except duckdb.Error as error:
            raise QueryError(str(error)) from error

    def _lock(self) -> None:
        if self._locked:
            return
        # In this order: a locked configuration takes no further setting.
        self._connection.execute(f"set allowed_paths = {_literal_list(self._files)}")
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")
        self._locked = True

    def _view(self, relation: str, files: list[str]) -> None:
        self._files += files
        self._connection.execute(
            f"create view {relation} as "
            f"select * from read_parquet({_literal_list(files)}, hive_partitioning = false)"
        )

    def _define(self, query: sql.Query) -> None:
        try:
            self._connection.execute(
                f"create or replace {query.kind} {query.relation} as\n{query.text}"
            )
        except duckdb.Error as error:
            raise QueryError(str(error), location=str(query.path)) from error


def _literal_list(values: list[str]) -> str:
    """Strings as a DuckDB list literal: a view and a setting take no parameters."""
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"
