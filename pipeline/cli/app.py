"""Every command of `rolecall`: parse → one use-case → `emit`. Errors are caught once, in `main`."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli.caring import compact_command
from pipeline.cli.forms import checked, filled
from pipeline.cli.hats import people_command, roles_command
from pipeline.cli.iam_actions import iam_actions_command
from pipeline.cli.ingest_command import ingest_command
from pipeline.cli.keys_command import keys_command
from pipeline.cli.least_privilege import least_privilege_command
from pipeline.cli.new_command import new_command
from pipeline.cli.nightly_command import init_command, nightly_command
from pipeline.cli.opening import opened
from pipeline.cli.options import (
    DEFAULT_LAKE,
    DirectoryOption,
    FormatOption,
    FromOption,
    LakeOption,
    LimitOption,
    OutputOption,
    ToOption,
    rows_for,
)
from pipeline.cli.output import emit, say
from pipeline.cli.page_command import page_command
from pipeline.cli.querying import query_command
from pipeline.cli.times import parse_window
from pipeline.cli.tracing import trace_command
from pipeline.demo import demo_report
from pipeline.errors import QueryError, RolecallError
from pipeline.lake import Lake
from pipeline.render import find_renderer
from pipeline.reports.schema import schema_report
from pipeline.reports.show import show_report
from pipeline.reports.statement import sql_report
from pipeline.reports.status import status_report
from pipeline.reports.who import WhoFilter, who_report
from pipeline.warehouse import Warehouse

app = typer.Typer(
    name="rolecall",
    help="Who did what, under which AWS role: CloudTrail files to a lake, role chains to people, "
    "each name with its evidence. Start with `rolecall demo`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rolecall {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Options of `rolecall` itself; `_version` does the work before any command."""
    del version


app.command("ingest", short_help="Read CloudTrail into the lake.")(ingest_command)


@app.command("who", short_help="Who did what under which roles, with the evidence.")
def who_command(
    *,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", help="Role in the chain: ARN, name or glob.", metavar="ROLE", callback=filled
        ),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option("--actor", help="Actor: name, ARN or glob.", metavar="ACTOR", callback=filled),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", help="Account of the event or of the actor.", metavar="ID"),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(
            "--service", help="s3 or s3.amazonaws.com.", metavar="SERVICE", callback=filled
        ),
    ] = None,
    all_actors: Annotated[
        bool, typer.Option("--all-actors", help="Show workloads and AWS services too.")
    ] = False,
    limit: LimitOption = None,
    since: FromOption = None,
    until: ToOption = None,
    directory: DirectoryOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """Who did what under each chain of roles, people first, each with its evidence."""
    find_renderer(format_name)
    window = parse_window(since, until, datetime.now(UTC))
    wanted = WhoFilter(
        role=role,
        actor=actor,
        account=checked("--account", account) if account is not None else None,
        service=service,
        window=window,
        all_actors=all_actors,
        limit=rows_for(limit, format_name),
    )
    with opened(lake, directory) as warehouse:
        report = who_report(warehouse, wanted)
    emit(report, format_name, output)


app.command("keys", short_help="Long-term keys and passwords in use, ranked by risk.")(keys_command)
app.command("compact", short_help="Care for the lake: merge small files, delete old ones.")(
    compact_command
)
app.command("roles", short_help="Who wore each role, and how it was entered.")(roles_command)
app.command("new", short_help="What was seen for the first time, and evidence gone bad.")(
    new_command
)
app.command("people", short_help="Every hat of each person; two hats at once.")(people_command)
app.command("nightly", short_help="The batch job of every night: ingest, reports, care.")(
    nightly_command
)
app.command("init", short_help="Write a commented config for nightly.")(init_command)
app.command("iam-actions", short_help="The IAM actions that a call needs.")(iam_actions_command)
app.command("least-privilege", short_help="Policies from what was really used.")(
    least_privilege_command
)
app.command("query", short_help="Questions ready to be asked, and your own.")(query_command)
app.command("page", short_help="One HTML file to look at: who wears which hat.")(page_command)
app.command("trace", short_help="Up to the origin, down to all that came of it.")(trace_command)


@app.command("show", short_help="The original record of an event, and who made it.")
def show_command(
    event_id: Annotated[
        str, typer.Argument(help="Event id, or its beginning.", metavar="EVENT_ID")
    ],
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """The original record of an event, from every account that has a copy, and who made it."""
    find_renderer(format_name)
    with Warehouse.open(Lake.open(lake)) as warehouse:
        report = show_report(warehouse, event_id)
    emit(report, format_name, output)


@app.command("sql", short_help="Run one SELECT over the lake, read-only.")
def sql_command(
    statement: Annotated[str, typer.Argument(help="One SELECT.", metavar="STATEMENT")],
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """Run one SELECT over the lake: read-only, no files, no network. Tables: rolecall schema."""
    find_renderer(format_name)
    with Warehouse.open(Lake.open(lake)) as warehouse:
        report = sql_report(warehouse, statement)
    emit(report, format_name, output)


@app.command("schema", short_help="Every table and column, with its meaning.")
def schema_command(
    table: Annotated[str | None, typer.Argument(help="Only this table.", metavar="[TABLE]")] = None,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """Every table and column, where it comes from in the record and what it means."""
    find_renderer(format_name)
    emit(schema_report(table), format_name, output)


@app.command("status", short_help="What the lake covers, what is missing, how sure it is.")
def status_command(
    since: FromOption = None,
    until: ToOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """What the lake covers (accounts, regions, days, gaps), rejects, and evidence by grade."""
    find_renderer(format_name)
    window = parse_window(since, until, datetime.now(UTC))
    with Warehouse.open(Lake.open(lake)) as warehouse:
        report = status_report(warehouse, lake, window)
    emit(report, format_name, output)


@app.command("demo", short_help="The whole story on the bundled samples.")
def demo_command(format_name: FormatOption = "table", output: OutputOption = None) -> None:
    """The whole story on the bundled samples: an incident, and who was behind it."""
    find_renderer(format_name)
    emit(demo_report(), format_name, output)


def main() -> None:
    """The console script. A RolecallError becomes one line on stderr and its exit code.

    Any other exception is a programming error and keeps its traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except RolecallError as error:
        is_located = error.location in error.message
        message = f"rolecall: {error.message if is_located else error}"
        # DuckDB points at the place in a statement with a line of its own.
        lines = message.splitlines() if isinstance(error, QueryError) else [message]
        for line in lines:
            say(line)
        raise SystemExit(error.exit_code) from None
