"""Every file of `queries/` keeps the promises of its header."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from pipeline import sql

QUERIES = sql.catalogue()
FOLDERS = ("staging", "models", "increments", "reports", "hunts", "checks")
MAY_HAVE_PARAMETERS = ("reports", "hunts")
EVERY_QUERY = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())


def statements(text: str) -> list[exp.Expr]:
    """The parsed statements of a text; DuckDB's `$name` parameters are understood."""
    return [part for part in sqlglot.parse(text, dialect="duckdb") if part is not None]


def relations_read(statement: exp.Expr) -> set[str]:
    """Names of the tables and views that a statement reads, its own CTEs left out."""
    own = {cte.alias for cte in statement.find_all(exp.CTE)}
    tables = (table.name for table in statement.find_all(exp.Table))
    return {name for name in tables if name and name not in own}


def test_queries_live_in_the_known_folders() -> None:
    """A folder of queries means something to the warehouse; there are six."""
    assert {name.partition("/")[0] for name in QUERIES} <= set(FOLDERS)
    assert all(re.fullmatch(r"[a-z_]+/[a-z0-9_]+", name) for name in QUERIES)


@EVERY_QUERY
def test_a_header_is_prose(query: sql.Query) -> None:
    """The sentence is one, with its full stop; the grain says what one row is."""
    assert query.sentence[0].isupper()
    assert query.sentence.endswith(".")
    assert query.grain.startswith("one row")


@EVERY_QUERY
def test_a_file_is_one_select(query: sql.Query) -> None:
    """One statement, it only reads, and the warehouse can wrap it: no final semicolon."""
    (statement,) = statements(query.text)
    assert isinstance(statement, exp.Query)
    assert not query.text.rstrip().endswith(";")


@EVERY_QUERY
def test_reads_is_true(query: sql.Query) -> None:
    """The header lists exactly the relations that the statement reads."""
    (statement,) = statements(query.text)
    assert set(query.reads) == relations_read(statement)
    assert len(query.reads) == len(set(query.reads))


@EVERY_QUERY
def test_parameters_are_true_and_only_in_leaves(query: sql.Query) -> None:
    """What the catalogue calls parameters, the parser does too; a view cannot hold any."""
    (statement,) = statements(query.text)
    parsed = {parameter.name for parameter in statement.find_all(exp.Parameter, exp.Placeholder)}
    assert set(query.parameters) == parsed
    assert query.name.startswith(MAY_HAVE_PARAMETERS) or not parsed


@EVERY_QUERY
def test_the_first_and_the_last_are_one_row(query: sql.Query) -> None:
    """Of rows of one time the same is taken whenever it runs: each breaks the tie itself."""
    (statement,) = statements(query.text)
    for found in statement.find_all(exp.ArgMin, exp.ArgMax):
        assert isinstance(found.expression, exp.Tuple), found.sql()
        assert len(found.expression.expressions) > 1


def test_models_are_ordered_by_what_they_read() -> None:
    """A model is built after every model that it reads."""
    built: set[str] = set()
    defined = {query.relation for query in sql.models()}
    for query in sql.models():
        assert defined & set(query.reads) <= built
        built.add(query.relation)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1", set()),
        ("with a as (select * from events) select * from a join b on true", {"events", "b"}),
        ("select (select max(x) from s) from unnest([1]) as u(x)", {"s"}),
        ("with recursive w as (select 1 union all select * from w, links) from w", {"links"}),
        ("select * from e where exists (select 1 from f where f.x = e.x)", {"e", "f"}),
        ("select r ->> '$.a' from e, unnest(e.items) as i(r)", {"e"}),
    ],
)
def test_relations_read_sees_through_ctes_and_subqueries(text: str, expected: set[str]) -> None:
    """The measure of `reads` itself: CTEs and unnested columns are not relations."""
    (statement,) = statements(text)
    assert relations_read(statement) == expected


def test_only_sql_files_are_in_queries() -> None:
    """A file with another name would be shipped and never run."""
    others = [path for path in Path(sql.folder()).rglob("*.*") if path.suffix != ".sql"]
    assert others == []
