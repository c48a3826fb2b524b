"""Tables for a terminal, from 40 cells on: what a tired person reads at 3 a.m.

A row is one line of cells and, under it, its detail lines. Where the cells do not fit even when
wrapped, columns of least worth are left out; where that does not help, each row becomes a list of
`name  value` lines. Styles are laid around texts, and rich markup is never read, so `[red]` in a
session name is five letters and two brackets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from rich.cells import cell_len

from pipeline.render.data import escape_unsafe
from pipeline.render.layout import Cell, Line, drawn, fit, pad, wrap
from pipeline.render.page import Page
from pipeline.render.values import for_people, printable
from pipeline.report import Column, Kind, Report, Table

GAP = 2
INDENT = "    "
CELLS_A_LIST_ITEM = 25
"""A detail line shows as many items of a list as the page has this many cells."""
NOTHING = "–"
"""What is drawn in a cell without a value."""
LEAST_WIDTH = 16
"""A column of text is wrapped down to this width before a table gives up being one."""

EVIDENCE_STYLES = {
    "direct": "green",
    "proven": "green",
    "matched": "cyan",
    "ambiguous": "yellow",
    "claimed": "bold yellow",
    "none": "dim",
}
SEVERITY_STYLES = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
}
_STYLES: dict[Kind, str] = {"timestamp": "dim", "date": "dim", "span": "dim"}
_RIGHT: frozenset[Kind] = frozenset({"integer", "number", "denied"})
_WRAPPED: frozenset[Kind] = frozenset({"text", "chain", "list", "actions", "json", "tree"})


def render_table(report: Report, page: Page) -> str:
    """The report for a terminal (or, with no colour, for a file that people read)."""
    lines = _bold(report.title, page.width)
    for table in report.tables:
        if not table.people_columns():
            continue
        if lines:
            lines.append(())
        lines += _bold(table.heading, page.width)
        lines += _table_lines(table, page.width)
    return "".join(drawn(line, colour=page.colour) + "\n" for line in lines)


def _bold(text: str, width: int) -> list[Line]:
    return [(Cell(line, "bold"),) for line in wrap(printable(text), width)] if text else []


def _table_lines(table: Table, width: int) -> list[Line]:
    columns = [column for column in table.columns if column.place == "cell"]
    details = [column for column in table.columns if column.place == "detail"]
    group = next((column for column in table.columns if column.place == "group"), None)
    rows = list(table.rows())
    if not rows:
        return [(Cell(table.empty, "dim"),)]
    if not columns:
        return _documents(rows, details)
    indent = "  " if group else ""
    columns, cells, widths = _fitted(columns, rows, width - len(indent))
    if widths is None:
        groups = [row[group.name] for row in rows] if group else []
        return _records(columns, cells, width, groups)
    heads = [Cell(column.heading, "dim", column.kind in _RIGHT) for column in columns]
    lines = [_line(heads, widths, indent)] if any(head.text for head in heads) else []
    current: object = None
    for row, row_cells in zip(rows, cells, strict=True):
        if group and row[group.name] != current:
            current = row[group.name]
            lines += [(), *_bold(str(current), width)]
        lines += _row_lines(row_cells, widths, indent)
        lines += _detail_lines(row, details, width)
    return lines


def _fitted(
    columns: list[Column], rows: Sequence[Mapping[str, object]], width: int
) -> tuple[list[Column], list[list[Cell]], list[int] | None]:
    """The columns that fit, their cells and widths; no widths where they do not fit as a table.

    What can be dropped is dropped from the last on, and only where that makes a table of it.
    """
    cells = [[_cell(row[column.name], column.kind) for column in columns] for row in rows]
    fitting = list(range(len(columns)))
    while True:
        kept = [columns[i] for i in fitting]
        kept_cells = [[row[i] for i in fitting] for row in cells]
        widths = _widths(kept, kept_cells, width)
        if widths is not None:
            return kept, kept_cells, widths
        droppable = [i for i in fitting if columns[i].droppable]
        if not droppable:
            return columns, cells, None
        fitting.remove(droppable[-1])


def _cell(value: object, kind: Kind) -> Cell:
    text = for_people(value, kind)
    if value is None:
        return Cell(NOTHING, "dim", kind in _RIGHT)
    if kind == "tree":
        branch = str(cast("Mapping[str, object]", value)["branch"])
        return Cell(text.removeprefix(branch), branch=branch)
    if kind == "evidence":
        return Cell(text, EVIDENCE_STYLES.get(str(value), ""))
    if kind == "severity":
        return Cell(text, SEVERITY_STYLES.get(str(value), ""))
    if kind == "denied":
        return Cell(text, "bold red" if value else "dim", right=True)
    return Cell(text, _STYLES.get(kind, ""), kind in _RIGHT)


def _widths(
    columns: Sequence[Column], cells: Sequence[Sequence[Cell]], width: int
) -> list[int] | None:
    natural = [
        max(cell_len(column.heading), *(cell_len(row[i].branch + row[i].text) for row in cells))
        for i, column in enumerate(columns)
    ]
    least = [
        max(LEAST_WIDTH, cell_len(column.heading)) if column.kind in _WRAPPED else natural[i]
        for i, column in enumerate(columns)
    ]
    return fit(natural, least, width - GAP * (len(columns) - 1))


def _line(cells: Sequence[Cell], widths: Sequence[int], indent: str) -> Line:
    line = []
    for i, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        before = " " * GAP if i else indent
        line += [Cell(before), Cell(pad(cell.text, width, right=cell.right), cell.style)]
    return tuple(line)


def _row_lines(cells: Sequence[Cell], widths: Sequence[int], indent: str) -> list[Line]:
    wrapped = [cell.lines(width) for cell, width in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in wrapped)
    return [
        _line(
            [
                Cell(lines[n] if n < len(lines) else "", cell.style, cell.right)
                for cell, lines in zip(cells, wrapped, strict=True)
            ],
            widths,
            indent,
        )
        for n in range(height)
    ]


def _detail_lines(row: Mapping[str, object], details: Sequence[Column], width: int) -> list[Line]:
    longest = max((cell_len(column.heading) for column in details), default=0)
    label = longest + GAP if longest else 0
    shown = max(width // CELLS_A_LIST_ITEM, 2)
    lines: list[Line] = []
    for column in details:
        text = for_people(row[column.name], column.kind, shown=shown)
        if text:
            value = Cell(text, _STYLES.get(column.kind, ""))
            lines += _labelled(INDENT, column.heading, label, value, width)
    return lines


def _labelled(indent: str, name: str, label: int, value: Cell, width: int) -> list[Line]:
    """`name  value`, the value wrapped beside its name."""
    parts = wrap(value.text, max(width - len(indent) - label, LEAST_WIDTH))
    return [
        (Cell(indent), Cell(pad("" if n else name, label), "dim"), Cell(part, value.style))
        for n, part in enumerate(parts)
    ]


def _records(
    columns: Sequence[Column],
    cells: Sequence[Sequence[Cell]],
    width: int,
    groups: Sequence[object],
) -> list[Line]:
    """Each row as `name  value` lines; a cell with nothing in it is left out.

    groups -- the heading of each row, said where it changes; empty where there are none.
    """
    label = max(cell_len(column.heading) for column in columns) + GAP
    lines: list[Line] = []
    for number, row in enumerate(cells, start=1):
        if groups and (number == 1 or groups[number - 1] != groups[number - 2]):
            lines += [(), *_bold(str(groups[number - 1]), width)]
        lines += [(), (Cell(f"row {number}", "bold"),)]
        for column, cell in zip(columns, row, strict=True):
            if cell.text != NOTHING:
                lines += _labelled("  ", column.heading, label, cell, width)
    return lines[1:]


def _documents(rows: Sequence[Mapping[str, object]], columns: Sequence[Column]) -> list[Line]:
    """JSON documents one after another, indented, nothing around them: a program can read them."""
    documents = [str(row[c.name]) for row in rows for c in columns if c.kind == "json"]
    return [(Cell(line),) for document in documents for line in _indented(document).splitlines()]


def _indented(document: str) -> str:
    return escape_unsafe(json.dumps(json.loads(document), indent=2, ensure_ascii=False))
