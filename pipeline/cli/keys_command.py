"""The command `keys`."""

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
    OutputOption,
    ToOption,
)
from pipeline.cli.output import emit
from pipeline.cli.times import parse_window
from pipeline.credential_report import read_credential_report
from pipeline.render import find_renderer
from pipeline.reports.keys import KeysFilter, keys_report


def keys_command(
    *,
    actor: Annotated[
        str | None,
        typer.Option("--actor", help="Owner: name, ARN or glob.", metavar="ACTOR", callback=filled),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            help="Credentials that reached this role: ARN, name or glob.",
            metavar="ROLE",
            callback=filled,
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", help="Account of the owner or of a call.", metavar="ID"),
    ] = None,
    credential_report: Annotated[
        Path | None,
        typer.Option(
            "--credential-report",
            help="IAM's credential report (CSV): ages, keys that nobody uses, who has no MFA.",
            metavar="FILE",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            min=1,
            help="At most so many credentials (all if not given), and chains of each (20 if not "
            "given).",
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
    """Long-term keys and passwords in use, the most urgent first, and the roles reached by them.

    Access keys of users and root, console passwords, API keys (Bedrock) and other
    service-specific credentials: age, use, what was done through which roles, what to do.
    """
    find_renderer(format_name)
    least = parse_severity(fail_on)
    with named("--credential-report"):
        report_file = read_credential_report(credential_report) if credential_report else None
    wanted = KeysFilter(
        actor=actor,
        role=role,
        account=checked("--account", account) if account is not None else None,
        window=parse_window(since, until, datetime.now(UTC)),
        limit=limit,
        credential_report=report_file,
    )
    with opened(lake, directory) as warehouse:
        report = keys_report(warehouse, wanted)
    emit(report, format_name, output)
    judge(report, least)
