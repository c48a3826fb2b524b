"""The command `ingest`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline import ingest as use_case
from pipeline import sources
from pipeline.attribution import build
from pipeline.cli.ingest_options import (
    AccountOption,
    BucketRegionOption,
    DryRunOption,
    EndpointOption,
    OrganisationOption,
    PayerOption,
    ProfileOption,
    RegionOption,
    RoleOption,
    SinceOption,
    UntilOption,
    selection_of,
)
from pipeline.cli.ingesting import (
    before_lines,
    is_complete,
    notes,
    progress_on_terminal,
    sum_line,
    survey_lines,
    survey_notes,
)
from pipeline.cli.options import DEFAULT_LAKE, LakeOption
from pipeline.cli.output import say
from pipeline.lake import Lake
from pipeline.render.values import printable
from pipeline.reports.left_out import LeftOut, left_out_since, rejected_before
from pipeline.sources import Access, Request
from pipeline.warehouse import Warehouse

NOT_ALL = 4
"""Exit code: done, but something was rejected or could not be read."""


def ingest_command(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files and folders of CloudTrail, s3://bucket/prefix, or - for standard input.",
            metavar="SOURCE...",
        ),
    ],
    *,
    account: AccountOption = None,
    region: RegionOption = None,
    org_id: OrganisationOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    dry_run: DryRunOption = False,
    profile: ProfileOption = "",
    role_arn: RoleOption = "",
    endpoint_url: EndpointOption = "",
    aws_region: BucketRegionOption = "",
    request_payer: PayerOption = False,
    lake: LakeOption = DEFAULT_LAKE,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Worker processes; one a core if not given."),
    ] = None,
) -> None:
    """Read CloudTrail into the lake, then work out who is behind every session.

    What the lake has already is skipped; running it twice changes nothing.
    Exit code 4: done, but a record or file was rejected, a file could not be read, or there is no
    CloudTrail. What earlier runs rejected is told, but is no longer exit code 4.
    """
    now = datetime.now(UTC)
    access = Access(profile, role_arn, endpoint_url, aws_region, request_payer)
    selection = selection_of(
        accounts=account,
        regions=region,
        organisations=org_id,
        since=since,
        until=until,
        now=now,
    )
    request = Request(access, selection, now.date())
    sources.check(paths, request)  # what does not exist is an error before a lake is made
    if dry_run:
        _say_what_would_be_read(paths, lake, request)
        return
    if not Lake.is_there(lake):
        if "-" in paths:
            request = replace(request, piped=sources.read_all())
        seen = use_case.look(paths, request)
        if seen is not None:
            others = [LeftOut(uri, 0, kind, is_reject=False) for uri, kind in seen[1].items()]
            others.sort(key=lambda item: item.reason)
            _close(seen[0], notes(seen[0], paths, others))
            return
    place = Lake.create_or_open(lake)
    with place.locked():
        with progress_on_terminal() as progress:
            summary = use_case.ingest(
                paths, place, workers=workers, progress=progress, request=request
            )
        build(place)
    with Warehouse.open(place) as warehouse:
        left_out = left_out_since(warehouse, now)
        before = rejected_before(warehouse, now)
    _close(summary, [*notes(summary, paths, left_out), *before_lines(before, paths)])


def _close(summary: use_case.IngestSummary, said: list[str]) -> None:
    for line in said:
        say(line)
    typer.echo(sum_line(summary))
    if not is_complete(summary):
        raise typer.Exit(NOT_ALL)


def _say_what_would_be_read(paths: list[str], lake: str, request: Request) -> None:
    place = Lake.open(lake) if Lake.is_there(lake) else None
    survey = use_case.survey(paths, place, request)
    for line in survey_notes(survey):
        say(line)
    for line in survey_lines(survey):
        typer.echo(printable(line))
    if survey.unreadable:
        raise typer.Exit(NOT_ALL)
