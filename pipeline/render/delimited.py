"""CSV for spreadsheets and for `cut`: RFC 4180, UTF-8, a header line.

A cell that a spreadsheet could take for a formula begins with an apostrophe (OWASP, CSV
injection). Lists are joined with `; `. A report of several tables is one CSV with the union of
their columns, the first of which, `table`, names the table (`report_table` where a table has a
column `table` of its own).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import cast

from pipeline.render.data import plain
from pipeline.render.page import Page
from pipeline.render.values import printable, short_service
from pipeline.report import Kind, Report

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render_csv(report: Report, page: Page) -> str:
    """The report's data columns as CSV."""
    del page
    tables = report.flat_tables()
    several = len(tables) > 1
    names = list(dict.fromkeys(c.name for table in tables for c in table.data_columns()))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    own = "report_table" if "table" in names else "table"
    writer.writerow([own, *names] if several else names)
    for table in tables:
        kinds: dict[str, Kind] = {column.name: column.kind for column in table.data_columns()}
        for row in table.rows():
            cells = [cell(row[name], kinds[name]) if name in kinds else "" for name in names]
            writer.writerow([table.name, *cells] if several else cells)
    return out.getvalue()


def cell(value: object, kind: Kind) -> str:
    """A value as a CSV cell: nothing in it acts on a spreadsheet or a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return guard_formula(_text(value, kind))


def guard_formula(text: str) -> str:
    """The text on one line, after an apostrophe where it could start a formula."""
    safe = printable(text)
    return "'" + safe if text.startswith(_FORMULA_STARTS) else safe


def _text(value: object, kind: Kind) -> str:
    if kind == "actions":
        items = cast("Sequence[Mapping[str, object]]", value)
        return "; ".join(
            f"{short_service(str(item['service']))}:{item['action']}={item['events']}"
            for item in items
        )
    simple = plain(value)
    if isinstance(simple, list) and all(isinstance(item, str) for item in simple):
        return "; ".join(cast("list[str]", simple))
    if isinstance(simple, str):
        return simple
    return json.dumps(simple, ensure_ascii=False)
