r"""JSON and NDJSON: every declared value, whole, for programs.

Times are ISO 8601 in UTC with `Z`. Control and direction-changing characters are written as
`\uXXXX`, so that the text is safe in a terminal and exact for a program.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from pipeline.render.page import Page
from pipeline.render.values import iso_moment
from pipeline.report import JSON_VERSION, SEVERITIES, Report, Table

_UNSAFE = re.compile(r"[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def render_json(report: Report, page: Page) -> str:
    """The report as one JSON object: version, report, parameters, tables (name → rows), notes."""
    del page
    document = {
        "version": JSON_VERSION,
        "report": report.name,
        "title": report.title,
        "parameters": {name: plain(value) for name, value in report.parameters.items()},
        "tables": {table.name: table_rows(table) for table in report.tables},
        "notes": list(report.notes),
        "findings": report.findings,
        "severities": {name: report.severities.get(name, 0) for name in SEVERITIES},
    }
    return _dump(document, indent=2) + "\n"


def render_ndjson(report: Report, page: Page) -> str:
    """One JSON object a row; it begins with the table's name where the report has several."""
    del page
    several = len(report.flat_tables()) > 1
    lines = []
    for table in report.flat_tables():
        head = {"table": table.name} if several else {}
        lines += [_dump({**head, **row}) + "\n" for row in table_rows(table)]
    return "".join(lines)


def table_rows(table: Table) -> list[dict[str, object]]:
    """The rows of a table with its data columns only, values as JSON has them."""
    columns = table.data_columns()
    return [
        {
            column.name: _parsed(row[column.name])
            if column.kind == "json"
            else plain(row[column.name])
            for column in columns
        }
        for row in table.rows()
    ]


def plain(value: object) -> object:
    """A value as JSON can hold it: times as ISO text, bytes as hex, what is no number as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return _plain_number(value) if isinstance(value, float | Decimal) else _plain_text(value)


def _plain_number(value: float | Decimal) -> int | float | None:
    if not math.isfinite(value):
        return None
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return float(value)


def _plain_text(value: object) -> str:
    if isinstance(value, datetime):
        return iso_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def _parsed(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else plain(value)


def _dump(value: object, indent: int | None = None) -> str:
    return escape_unsafe(json.dumps(value, indent=indent, ensure_ascii=False))


def escape_unsafe(document: str) -> str:
    """JSON text in which characters that act on a terminal are escapes; the values stay the same.

    The JSON encoder escapes the C0 controls; such characters occur only inside strings.
    """
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", document)
