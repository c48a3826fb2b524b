"""The command `new`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from pipeline.cli.forms import filled
from pipeline.cli.judging import judge, parse_severity
from pipeline.cli.opening import opened
from pipeline.cli.options import (
    DEFAULT_LAKE,
    DirectoryOption,
    FailOnOption,
    FormatOption,
    LakeOption,
    OutputOption,
    ToOption,
)
from pipeline.cli.output import emit
from pipeline.cli.times import parse_window
from pipeline.errors import UsageError
from pipeline.render import find_renderer
from pipeline.reports.new import ROWS, NewFilter, new_report
from pipeline.reports.new_words import Known

DEFAULT_SINCE = "7d"

NightOption = Annotated[
    str | None,
    typer.Option(
        "--night", help="What the report of this night tells: 2026-11-23.", metavar="DATE"
    ),
]


def new_command(
    *,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            "--from",
            help=f"First seen from this time on (UTC): 2026-11-20, 7d, 12h; {DEFAULT_SINCE} if not "
            "given.",
            metavar="TIME",
        ),
    ] = None,
    until: ToOption = None,
    night: NightOption = None,
    actor: Annotated[
        str | None,
        typer.Option("--actor", help="Actor: name, ARN or glob.", metavar="ACTOR", callback=filled),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", help="Role: ARN, name or glob.", metavar="ROLE", callback=filled),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", help="Account of either side, or of the actor.", metavar="ID"),
    ] = None,
    break_glass: Annotated[
        list[str] | None,
        typer.Option(
            "--break-glass",
            help="Role for emergencies only: ARN, name or glob; may be repeated.",
            metavar="ROLE",
        ),
    ] = None,
    known_account: Annotated[
        list[str] | None,
        typer.Option(
            "--known-account",
            help="Account that is known, though its trail is not read; may be repeated.",
            metavar="ID",
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option("--limit", min=1, help="At most so many facts, the most urgent first."),
    ] = ROWS,
    fail_on: FailOnOption = None,
    directory: DirectoryOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """What was seen for the first time: people in roles, ways from role to role and into other
    accounts, long-term keys and their networks, sign-ins, bursts of denied calls; and evidence gone
    bad.

    New is what the lake never held before, not even in events that `compact` removed since.
    """
    find_renderer(format_name)
    least = parse_severity(fail_on)
    wanted = NewFilter(
        window=parse_window(since or DEFAULT_SINCE, until, datetime.now(UTC)),
        night=parse_night(night, since=since, until=until),
        actor=actor,
        role=role,
        account=account,
        known=Known(tuple(break_glass or ()), tuple(known_account or ())),
        limit=limit,
    )
    with opened(lake, directory) as warehouse:
        report = new_report(warehouse, wanted)
    emit(report, format_name, output)
    judge(report, least)


def parse_night(
    text: str | None, *, since: str | None = None, until: str | None = None
) -> date | None:
    """The UTC day of `--night`. Raises UsageError for no date, or beside a window."""
    if text is None:
        return None
    if since or until:
        raise UsageError("--night is a window of its own; leave out --since and --to")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--night {text!r} is no date; write 2026-11-23") from error
