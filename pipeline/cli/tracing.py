"""The command `trace`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline.cli.opening import opened
from pipeline.cli.options import (
    DEFAULT_LAKE,
    DirectoryOption,
    FormatOption,
    FromOption,
    LakeOption,
    OutputOption,
    ToOption,
)
from pipeline.cli.output import emit
from pipeline.cli.times import parse_window
from pipeline.render import find_renderer
from pipeline.reports.trace import DEEPEST, ROWS, TREE_ROWS, TraceOptions, trace_report


def trace_command(
    wanted: Annotated[
        str,
        typer.Argument(
            help="Access key, session (or its beginning), event id, ARN, actor, role or source "
            "address.",
            metavar="ID",
        ),
    ],
    *,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth",
            min=0,
            max=100,
            help=f"Levels of the tree below what was asked for; {DEEPEST} if not given.",
        ),
    ] = None,
    write_only: Annotated[
        bool,
        typer.Option("--write-only", help="No reading calls in the timeline, but denied ones."),
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            min=1,
            help="At most so many rows of the timeline (writing and denied calls first) and the "
            f"tree; {ROWS} and {TREE_ROWS:,} if not given.",
        ),
    ] = None,
    since: FromOption = None,
    until: ToOption = None,
    directory: DirectoryOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """Where it comes from, what came out of it, and what was done under each hat.

    ID may be an access key, a session id or its beginning, an event id, the ARN of a role, user
    or assumed role, an actor's name, a role's name or a source address; its shape decides.
    """
    find_renderer(format_name)
    options = TraceOptions(
        depth=depth,
        window=parse_window(since, until, datetime.now(UTC)),
        write_only=write_only,
        limit=limit,
    )
    with opened(lake, directory) as warehouse:
        report = trace_report(warehouse, wanted, options)
    emit(report, format_name, output)
