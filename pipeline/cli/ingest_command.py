"""The command `ingest`."""

from __future__ import annotations

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
    closing_lines,
    is_complete,
    progress_on_terminal,
    survey_lines,
)
from pipeline.cli.options import DEFAULT_LAKE, LakeOption
from pipeline.lake import Lake
from pipeline.render.values import printable
from pipeline.reports.left_out import left_out_since
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
    Exit code 4: done, but a record was rejected or a file could not be read.
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
    place = Lake.create_or_open(lake)
    with place.locked():
        with progress_on_terminal() as progress:
            summary = use_case.ingest(
                paths, place, workers=workers, progress=progress, request=request
            )
        build(place)
    with Warehouse.open(place) as warehouse:
        left_out = left_out_since(warehouse, now)
    for line in closing_lines(summary, paths, left_out):
        typer.echo(printable(line))
    if not is_complete(summary):
        raise typer.Exit(NOT_ALL)


def _say_what_would_be_read(paths: list[str], lake: str, request: Request) -> None:
    place = Lake.open(lake) if Lake.is_there(lake) else None
    survey = use_case.survey(paths, place, request)
    for line in survey_lines(survey):
        typer.echo(printable(line))
    if survey.unreadable:
        raise typer.Exit(NOT_ALL)
