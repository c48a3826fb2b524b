"""What a command hands to a renderer: tables of values, and what is to be said about them.

A report knows nothing of formats and a renderer nothing of reports, so that N reports and
M formats make N + M files, not N times M. What joins them is the `Kind` of a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

import polars as pl

JSON_VERSION = 1
"""Version of the JSON that reports are written as. A change that could break a reader raises it;
a new column or table does not."""

Severity = Literal["critical", "high", "medium", "low", "info"]
"""How urgent a finding is, the most urgent first; `info` is worth knowing and asks for nothing."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Kind = Literal[
    "text",  # any text
    "integer",  # a count or size
    "number",  # a fraction, shown with one decimal
    "boolean",
    "timestamp",  # a moment, UTC
    "date",  # a UTC day
    "span",  # {first, last}: two moments, UTC
    "list",  # a list of texts
    "services",  # a list of event sources, shown as `s3`
    "chain",  # a list of texts in order: who, then each role
    "actions",  # a list of {service, action, events, denied}, most frequent first
    "evidence",  # an evidence grade (design section 3)
    "severity",  # a Severity
    "denied",  # a count that should catch the eye when it is not zero
    "json",  # JSON text, or what can be written as JSON
    "tree",  # {branch, text}: a node of a drawn tree and the lines before it
]

Place = Literal[
    "cell",  # a cell of the row
    "detail",  # a line of its own under the row, with its heading
    "group",  # the heading over neighbouring rows with the same value
    "none",  # not shown to people: data only
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    name -- snake_case name in the frame, in JSON and in CSV.
    heading -- what people read above it, or before it in a detail line.
    kind -- what the values are; decides how each format writes them.
    place -- where people find it in the terminal; Markdown shows all but "none" and "group".
    data -- whether JSON, NDJSON and CSV carry it (a value put together for people is not data).
    droppable -- whether a terminal too narrow for all cells leaves it out, the last such first.
    """

    name: str
    heading: str
    kind: Kind = "text"
    place: Place = "cell"
    data: bool = True
    droppable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. The frame may hold more columns than are declared: they are not shown.

    name -- snake_case key in JSON.
    heading -- a line over the table for people; "" where the report's title says it.
    empty -- what people read where there are no rows.
    is_aside -- beside the answer: people see it only where it has rows, and NDJSON and CSV, whose
        rows are then all of one shape, do not carry it. JSON always does.
    """

    name: str
    heading: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame
    empty: str = "nothing"
    is_aside: bool = False

    def rows(self) -> Iterator[dict[str, object]]:
        """The rows, each as column name → value; times are aware and in UTC."""
        return cast("Iterator[dict[str, object]]", self.frame.iter_rows(named=True))

    def people_columns(self) -> tuple[Column, ...]:
        """The columns that people see; a table without any is only data."""
        if self.is_aside and self.frame.is_empty():
            return ()
        return tuple(column for column in self.columns if column.place in ("cell", "detail"))

    def data_columns(self) -> tuple[Column, ...]:
        """The columns that machine-readable formats carry."""
        return tuple(column for column in self.columns if column.data)


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to one question.

    name -- the report's name: `who`, `status`.
    title -- one line for people.
    tables -- the answer, most important first.
    notes -- what has to be known to read it rightly (what was hidden, what is missing).
    parameters -- what was asked, as given; None where not.
    findings -- how many rows call for action (0 for reports that do not judge).
    severities -- how many findings of each severity; what `--fail-on` looks at.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    findings: int = 0
    severities: Mapping[Severity, int] = field(default_factory=dict)

    def flat_tables(self) -> tuple[Table, ...]:
        """The tables that NDJSON and CSV carry."""
        return tuple(table for table in self.tables if not table.is_aside)

    def findings_from(self, least: Severity) -> int:
        """How many findings are of this severity or a more urgent one."""
        reached = SEVERITIES[: SEVERITIES.index(least) + 1]
        return sum(self.severities.get(severity, 0) for severity in reached)


def kind_of(dtype: pl.DataType) -> Kind:
    """The kind of a Polars column whose meaning is not known, as in a user's own SQL."""
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_integer():
        return "integer"
    if isinstance(dtype, pl.Datetime):
        return "timestamp"
    if dtype == pl.Date:
        return "date"
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return "list"
    return "text"


def table_of(name: str, frame: pl.DataFrame, *, heading: str = "", empty: str = "no rows") -> Table:
    """A table that shows every column of a frame under its own name."""
    columns = tuple(Column(n, n, kind_of(t)) for n, t in frame.schema.items())
    return Table(name, heading, columns, frame, empty)
