"""The command `query`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline import sql
from pipeline.cli.forms import checked
from pipeline.cli.judging import judge, parse_severity
from pipeline.cli.opening import opened
from pipeline.cli.options import (
    DEFAULT_LAKE,
    DirectoryOption,
    FailOnOption,
    FormatOption,
    FromOption,
    LakeOption,
    LimitOption,
    OutputOption,
    ToOption,
    rows_for,
)
from pipeline.cli.output import emit
from pipeline.cli.times import parse_moment
from pipeline.errors import UsageError
from pipeline.render import find_renderer
from pipeline.reports.query import catalogue_report, query_report, read_catalogue
from pipeline.reports.query.report import check_values, parameters_of, takes

QueriesOption = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        envvar="ROLECALL_QUERIES",
        help="Folder of your own .sql files, which join the catalogue.",
        metavar="DIR",
    ),
]


def query_command(
    name: Annotated[
        str | None,
        typer.Argument(help="The query; all of them are listed without it.", metavar="[NAME]"),
    ] = None,
    *,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            help="What the query asks for: -p key=AKIA…; several values with commas or by giving "
            "it again; times as for --from.",
            metavar="NAME=VALUE",
        ),
    ] = None,
    queries: QueriesOption = None,
    since: FromOption = None,
    until: ToOption = None,
    directory: DirectoryOption = None,
    limit: LimitOption = None,
    fail_on: FailOnOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """List the questions that are ready to be asked, or ask one.

    Each answer says what it cannot see. Your own .sql files are run read-only, as by `sql`.
    """
    find_renderer(format_name)
    least = parse_severity(fail_on)
    catalogue = read_catalogue(queries)
    if name is None:
        if parameter:
            raise UsageError("-p needs the NAME of a query; `rolecall query` lists them")
        emit(catalogue_report(catalogue), format_name, output)
        return
    query = catalogue.find(name)
    window = [f"{key}={text}" for key, text in (("since", since), ("until", until)) if text]
    values = parse_values(query, [*(parameter or []), *window], datetime.now(UTC))
    check_values(query, values)
    with opened(lake, directory) as warehouse:
        rows = rows_for(limit, format_name)
        report = query_report(warehouse, query, values, limit=rows)
    emit(report, format_name, output)
    judge(report, least)


def parse_values(query: sql.Query, given: Sequence[str], now: datetime) -> dict[str, object]:
    """The values of `NAME=VALUE` texts, each of the kind that its parameter takes.

    Raises UsageError, with what the query takes, for an unknown name or a value of another kind.
    """
    kinds = {parameter.name: parameter.kind for parameter in parameters_of(query)}
    values: dict[str, object] = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise UsageError(f"-p {text!r} is not NAME=VALUE; {takes(query)}")
        if name not in kinds:
            raise UsageError(f"{query.relation} has no parameter {name!r}; {takes(query)}")
        if kinds[name] == "list":
            before = values.get(name, [])
            items = [item.strip() for item in value.split(",") if item.strip()]
            values[name] = [*(before if isinstance(before, list) else []), *items]
            continue
        if name in values:
            raise UsageError(f"{name} is given twice and takes one {kinds[name]}")
        values[name] = _value(name, value, kinds[name], now)
    return values


def _value(name: str, text: str, kind: sql.ParameterKind, now: datetime) -> object:
    if kind == "time":
        return parse_moment(text, now)
    if kind == "account":
        return checked("--account", text)
    if kind != "integer":
        return text
    try:
        return int(text)
    except ValueError as error:
        raise UsageError(f"{name} takes a whole number, not {text!r}") from error
