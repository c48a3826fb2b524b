"""The commands `roles` and `people`: who wore which hat."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

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
    OutputOption,
    ToOption,
)
from pipeline.cli.output import emit
from pipeline.cli.times import parse_window
from pipeline.inventory import read_inventory
from pipeline.render import find_renderer
from pipeline.reports.roles import RolesFilter, roles_report


def roles_command(
    *,
    role: Annotated[
        str | None,
        typer.Option("--role", help="The role worn: ARN, name or glob.", metavar="ROLE"),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option("--actor", help="Who wore it: name, ARN or glob.", metavar="ACTOR"),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", help="Account of the role or of the actor.", metavar="ID"),
    ] = None,
    inventory: Annotated[
        list[Path] | None,
        typer.Option(
            "--inventory",
            help="JSON of `aws iam get-account-authorization-details`: roles and trusts that "
            "nobody used; may be given several times.",
            metavar="FILE",
        ),
    ] = None,
    known_account: Annotated[
        list[str] | None,
        typer.Option(
            "--known-account",
            help="An account of yours that is not in the lake; may be given several times.",
            metavar="ID",
        ),
    ] = None,
    all_actors: Annotated[
        bool, typer.Option("--all-actors", help="Show service-linked roles too.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="Wearers shown of each role; 10 if not given."),
    ] = None,
    fail_on: FailOnOption = None,
    since: FromOption = None,
    until: ToOption = None,
    directory: DirectoryOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """Who wore each role, from where it was entered, and which roles and trusts nobody used."""
    find_renderer(format_name)
    least = parse_severity(fail_on)
    wanted = RolesFilter(
        role=role,
        actor=actor,
        account=account and checked("--account", account),
        window=parse_window(since, until, datetime.now(UTC)),
        limit=limit,
        all_actors=all_actors,
        inventory=read_inventory(inventory) if inventory else None,
        known_accounts=frozenset(checked("--account", known) for known in known_account or ()),
    )
    with opened(lake, directory) as warehouse:
        report = roles_report(warehouse, wanted)
    emit(report, format_name, output)
    judge(report, least)
