"""Markdown (GitHub's tables) for tickets and reports; nothing from a log acts as markup."""

from __future__ import annotations

import re

from pipeline.render.page import Page
from pipeline.render.values import for_people, printable
from pipeline.report import Column, Report, Table

_MARKUP = re.compile(r"([\\`*_\[\]|~#!])")


def render_markdown(report: Report, page: Page) -> str:
    """The report with a heading, a table for each of its tables, and its notes."""
    del page
    parts = [f"# {escape(report.title)}"] if report.title else []
    for table in report.tables:
        if not table.people_columns():
            continue
        if table.heading:
            parts.append(f"## {escape(table.heading)}")
        parts.append(_table(table))
    parts += [f"> {escape(note)}" for note in report.notes]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """The text on one line, with Markdown's and HTML's signs taken as they are."""
    html = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKUP.sub(r"\\\1", html).replace("://", ":&#47;&#47;").replace("@", "&#64;")


def _table(table: Table) -> str:
    columns = table.people_columns()
    rows = [
        _line([escape(for_people(row[c.name], c.kind)) for c in columns]) for row in table.rows()
    ]
    if not rows:
        return f"*{escape(table.empty)}*"
    head = [escape(column.heading) for column in columns]
    return "\n".join([_line(head), _line([_rule(column) for column in columns]), *rows])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(column: Column) -> str:
    return "---:" if column.kind in ("integer", "number", "denied") else "---"
