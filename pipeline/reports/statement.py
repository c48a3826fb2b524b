"""`sql`: the rows of the user's own statement."""

from __future__ import annotations

from pipeline.report import Report, table_of
from pipeline.warehouse import Warehouse


def sql_report(warehouse: Warehouse, text: str) -> Report:
    """The rows that the statement gives; see `Warehouse.sql` for what is allowed and raised."""
    frame = warehouse.sql(text)
    return Report("sql", "", (table_of("rows", frame),), parameters={"sql": text})
