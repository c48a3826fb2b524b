"""One DuckDB in memory: time in UTC, no reach into Python's variables, bounded memory."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipeline import sql
from pipeline.errors import LakeError, QueryError

MEMORY_LIMIT = "2GiB"
"""What DuckDB may hold in memory before it spills to disk; ROLECALL_MEMORY_LIMIT overrides."""

ONE_SELECT = "one SELECT (or FROM, WITH, DESCRIBE, EXPLAIN) statement"
_READ_ONLY = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


def connect() -> duckdb.DuckDBPyConnection:
    """A fresh in-memory DuckDB."""
    connection = duckdb.connect(
        config={
            "python_enable_replacements": False,
            "preserve_insertion_order": False,
            "memory_limit": os.environ.get("ROLECALL_MEMORY_LIMIT", MEMORY_LIMIT),
            "temp_directory": tempfile.gettempdir() + f"/rolecall-{os.getpid()}",
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set parquet_metadata_cache = true")
    connection.execute("set enable_progress_bar = false")
    return connection


def view_files(connection: duckdb.DuckDBPyConnection, relation: str, files: Sequence[str]) -> None:
    """A view over Parquet files; columns in hive-style folder names are columns too."""
    reach(connection, files)
    connection.execute(
        f"create or replace view {relation} as select * from "
        f"read_parquet({literal_list(files)}, hive_partitioning = true, union_by_name = true)"
    )


def reach(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> None:
    """Let the connection read files of S3, where there are any; it needs no extension."""
    if not any(file.startswith("s3://") for file in files):
        return
    from pipeline.lake.remote import S3Files  # noqa: PLC0415 -- fsspec, for lakes in S3 only

    if not connection.filesystem_is_registered(S3Files.protocol):
        connection.register_filesystem(S3Files())


def define(connection: duckdb.DuckDBPyConnection, query: sql.Query, relation: str = "") -> None:
    """Create the table or view that a model defines, under its own name or another.

    Raises QueryError naming the file where DuckDB refuses the statement.
    """
    try:
        connection.execute(
            f"create or replace {query.kind} {relation or query.relation} as\n{query.text}"
        )
    except duckdb.Error as error:
        raise QueryError(str(error), location=str(query.path)) from error


def register(connection: duckdb.DuckDBPyConnection, relation: str, data: pa.Table) -> None:
    """Make an Arrow table readable under a name."""
    connection.register(relation, data)


def one_select(connection: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement | None:
    """The statement of a text that is one SELECT, else None; duckdb.Error where it is no SQL."""
    statements = connection.extract_statements(text)
    return statements[0] if len(statements) == 1 and statements[0].type in _READ_ONLY else None


def not_one_select(text: str, path: str) -> QueryError:
    """What is raised where a file holds something else."""
    return QueryError(f"a query is {ONE_SELECT}", location=place(text, path))


def place(text: str, path: str, error: str = "") -> str:
    """`path:line` of a statement that DuckDB refuses: the line it tells, else where the
    statement begins after its header.
    """
    told = _LINE.search(error)
    if told:
        return f"{path}:{told[1]}"
    lines = text.splitlines()
    code = [n for n, line in enumerate(lines, start=1) if line and not line.startswith("--")]
    return f"{path}:{code[0] if code else 1}"


def check_select(text: str, path: str) -> None:
    """Raise QueryError, with file and line, where a text is not one SELECT. Runs nothing."""
    connection = connect()
    try:
        if one_select(connection, text) is None:
            raise not_one_select(text, path)
    except duckdb.Error as error:
        raise QueryError(str(error), location=place(text, path, str(error))) from error
    finally:
        connection.close()


def no_room(error: BaseException | None) -> LakeError | None:
    """What to raise where DuckDB had no room, in memory or on the disk it spills to; else None."""
    cause = error.__cause__ if isinstance(error, QueryError) else error
    if not isinstance(cause, (duckdb.OutOfMemoryException, duckdb.IOException)):
        return None
    message = (
        f"DuckDB has no room to build the models: {str(cause).splitlines()[0]} "
        "What was ingested is stored. Free room there, or name a larger disk in TMPDIR, or raise "
        "ROLECALL_MEMORY_LIMIT; then run again."
    )
    return LakeError(message, location=tempfile.gettempdir())


def literal_list(values: Sequence[str]) -> str:
    """Strings as a DuckDB list literal: a view and a setting take no parameters."""
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"
