"""The command `least-privilege`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.forms import filled
from pipeline.cli.judging import judge, parse_severity
from pipeline.cli.opening import opened
from pipeline.cli.options import (
    DEFAULT_LAKE,
    DirectoryOption,
    FailOnOption,
    FromOption,
    LakeOption,
    OutputOption,
    ToOption,
)
from pipeline.cli.output import emit, say, write_text
from pipeline.cli.times import parse_window
from pipeline.errors import UsageError
from pipeline.least_privilege.answers import Asked, compared, explained, overview, policy_text
from pipeline.least_privilege.formats import POLICY_FORMATS
from pipeline.least_privilege.policy import MOST_ARNS
from pipeline.least_privilege.used import GRADES, UsedFilter

FilesOption = list[Path] | None


def least_privilege_command(
    role: Annotated[
        str | None,
        typer.Argument(
            help="Role or user: name or ARN. Without it, the report of all.", metavar="[ROLE]"
        ),
    ] = None,
    *,
    person: Annotated[
        str | None,
        typer.Option(
            "--person", help="Only what this actor used.", metavar="ACTOR", callback=filled
        ),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", help="Only this session (or its beginning).", metavar="ID"),
    ] = None,
    permission_set: Annotated[
        str | None,
        typer.Option(
            "--permission-set",
            help="All reserved roles of this Identity Center permission set, over all accounts.",
            metavar="NAME",
        ),
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", help="Events in this account.", metavar="ID")
    ] = None,
    min_evidence: Annotated[
        str,
        typer.Option(
            "--min-evidence",
            help="Only use of which is known at least so well who it was: direct, proven, "
            "matched, ambiguous, claimed, none.",
            metavar="GRADE",
        ),
    ] = "none",
    max_arns: Annotated[
        int,
        typer.Option("--max-arns", min=1, help="ARNs of one action before they are collapsed."),
    ] = MOST_ARNS,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why each action is in: how often, when, by whom.")
    ] = False,
    granted: Annotated[
        FilesOption,
        typer.Option(
            "--granted",
            help="Granted against used: JSON of `aws iam get-account-authorization-details`, or "
            "policy documents; may be given several times.",
            metavar="FILE",
        ),
    ] = None,
    last_accessed: Annotated[
        Path | None,
        typer.Option(
            "--last-accessed",
            help="A second witness: JSON of `aws iam get-service-last-accessed-details`, "
            "ACTION_LEVEL.",
            metavar="FILE",
        ),
    ] = None,
    since: FromOption = None,
    until: ToOption = None,
    directory: DirectoryOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Of a policy: json, terraform, cloudformation. Of a report: table, json, ndjson, "
            "csv, markdown.",
            metavar="FORMAT",
        ),
    ] = None,
    fail_on: FailOnOption = None,
    output: OutputOption = None,
) -> None:
    """The policy that allows what ROLE really used, and nothing else; JSON alone on stdout.

    With --explain why each action is in it; with --granted which granted actions were used, unused,
    or could not have been seen; without ROLE all roles, those that could lose most first.
    """
    least = parse_severity(fail_on)
    if min_evidence not in GRADES:
        raise UsageError(f"--min-evidence {min_evidence!r} is unknown; valid: {', '.join(GRADES)}")
    for name, value in (
        ("ROLE", role),
        ("--permission-set", permission_set),
        ("--person", person),
        ("--session", session),
    ):
        if value is not None and not value.strip():
            raise UsageError(f"{name} is empty; leave it out to ask for all.")
    window = parse_window(since, until, datetime.now(UTC))
    asked = Asked(
        name=role,
        permission_set=permission_set,
        wanted=UsedFilter(
            actor=person,
            session=session,
            account=account,
            window=window,
            least_evidence=min_evidence,
        ),
        most_arns=max_arns,
        granted=tuple(granted or ()),
        last_accessed=last_accessed,
    )
    wants_policy = asked.is_one and not granted and not explain
    if wants_policy and (format_name or "json") not in POLICY_FORMATS:
        valid = ", ".join(POLICY_FORMATS)
        raise UsageError(f"a policy has no format {format_name!r}; valid: {valid}")
    with opened(lake, directory) as warehouse:
        if wants_policy:
            answer = policy_text(warehouse, asked, format_name or "json")
            write_text(answer.text, output)
            for note in answer.notes:
                say(f"note: {note}")
            return
        if not asked.is_one:
            report = overview(warehouse, asked)
        else:
            report = compared(warehouse, asked) if granted else explained(warehouse, asked)
    emit(report, format_name or "table", output)
    judge(report, least)
