"""The commands `roles` and `people`: who wore which hat."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.forms import checked, filled
from pipeline.cli.judging import judge, parse_severity
from pipeline.cli.opening import named, opened
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
from pipeline.cli.times import parse_window
from pipeline.inventory import read_inventory
from pipeline.render import find_renderer
from pipeline.reports.people import PeopleFilter, people_report
from pipeline.reports.roles import WEARERS_SHOWN, RolesFilter, roles_report


def roles_command(
    *,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", help="The role worn: ARN, name or glob.", metavar="ROLE", callback=filled
        ),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option(
            "--actor", help="Who wore it: name, ARN or glob.", metavar="ACTOR", callback=filled
        ),
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
        typer.Option(
            "--limit",
            min=1,
            help=f"Wearers of each role; if not given, {WEARERS_SHOWN} for people and all as data.",
        ),
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
    least = parse_severity(fail_on)
    is_data = find_renderer(format_name).is_data
    with named("--inventory"):
        roles = read_inventory(inventory) if inventory else None
    wanted = RolesFilter(
        role=role,
        actor=actor,
        account=checked("--account", account) if account is not None else None,
        window=parse_window(since, until, datetime.now(UTC)),
        limit=limit or (None if is_data else WEARERS_SHOWN),
        all_actors=all_actors,
        inventory=roles,
        known_accounts=frozenset(
            checked("--known-account", known) for known in known_account or ()
        ),
    )
    with opened(lake, directory) as warehouse:
        report = roles_report(warehouse, wanted)
    emit(report, format_name, output)
    judge(report, least)


def people_command(
    *,
    actor: Annotated[
        str | None,
        typer.Option(
            "--actor", help="The person: name, ARN or glob.", metavar="ACTOR", callback=filled
        ),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", help="Role in the chain: ARN, name or glob.", metavar="ROLE", callback=filled
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", help="Account of the event or of the person.", metavar="ID"),
    ] = None,
    limit: LimitOption = None,
    since: FromOption = None,
    until: ToOption = None,
    directory: DirectoryOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: FormatOption = "table",
    output: OutputOption = None,
) -> None:
    """Every hat of each person, the times of two hats at once, and names that are only claimed."""
    find_renderer(format_name)
    wanted = PeopleFilter(
        actor=actor,
        role=role,
        account=checked("--account", account) if account is not None else None,
        window=parse_window(since, until, datetime.now(UTC)),
        limit=rows_for(limit, format_name),
    )
    with opened(lake, directory) as warehouse:
        report = people_report(warehouse, wanted)
    emit(report, format_name, output)
