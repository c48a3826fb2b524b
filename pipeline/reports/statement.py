"""`sql`: the rows of the user's own statement."""

from __future__ import annotations

from polars.exceptions import PolarsError

from pipeline.errors import QueryError
from pipeline.report import Report, table_of
from pipeline.warehouse import Warehouse


def sql_report(warehouse: Warehouse, text: str) -> Report:
    """The rows that the statement gives; see `Warehouse.sql` for what is allowed and raised.

    Raises QueryError also for a column of a type that has no counterpart outside DuckDB.
    """
    try:
        frame = warehouse.sql(text)
    except PolarsError as error:
        raise QueryError(
            f"a column of the result has a type that cannot be shown ({error}); "
            "cast it, for example: (last_seen - first_seen)::varchar"
        ) from error
    return Report("sql", "", (table_of("rows", frame),), parameters={"sql": text})
