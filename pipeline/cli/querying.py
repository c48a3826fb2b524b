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
from pipeline.nightly import Config, read_config
from pipeline.render import find_renderer
from pipeline.reports.query import catalogue_report, query_report, read_catalogue
from pipeline.reports.query.report import check_values, parameters_of, takes

BREAK_GLASS_USE = "hunts/break_glass_use"

QueriesOption = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        envvar="ROLECALL_QUERIES",
        help="Folder of your own .sql files, which join the catalogue.",
        metavar="DIR",
    ),
]

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="A rolecall.toml: its lake, directory and queries, its break-glass roles and known "
        "accounts; other options go before it.",
        metavar="FILE",
    ),
]


def query_command(
    context: typer.Context,
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
    config: ConfigOption = None,
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
    settings = read_config(config) if config else None
    if settings is not None:
        if not _is_typed(context, "lake"):
            lake = settings.lake
        if not _is_typed(context, "queries") and settings.queries:
            queries = Path(settings.queries)
        if not _is_typed(context, "directory"):
            directory = [Path(path) for path in settings.organisation.directory]
    catalogue = read_catalogue(queries)
    if name is None:
        if parameter:
            raise UsageError("-p needs the NAME of a query; `rolecall query` lists them")
        emit(catalogue_report(catalogue), format_name, output)
        return
    query = catalogue.find(name)
    window = [f"{key}={text}" for key, text in (("since", since), ("until", until)) if text]
    values = parse_values(query, [*(parameter or []), *window], datetime.now(UTC))
    if settings is not None:
        values = from_config(query, settings) | values
    check_values(query, values)
    with opened(lake, directory) as warehouse:
        rows = rows_for(limit, format_name)
        report = query_report(warehouse, query, values, limit=rows)
    emit(report, format_name, output)
    judge(report, least)


def _is_typed(context: typer.Context, option: str) -> bool:
    """Whether an option is on the command line: a config goes before the environment."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def from_config(query: sql.Query, config: Config) -> dict[str, object]:
    """The values that a config has for a query: name → list of texts.

    They are for parameters of the names that the config has, and the roles of `break_glass_use`.
    """
    known = config.organisation
    lists = {
        "break_glass_roles": list(known.break_glass_roles),
        "known_accounts": list(known.known_accounts),
    }
    if query.name == BREAK_GLASS_USE:
        lists["role"] = lists["break_glass_roles"]
    kinds = {parameter.name: parameter.kind for parameter in parameters_of(query)}
    return {name: values for name, values in lists.items() if values and kinds.get(name) == "list"}


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
