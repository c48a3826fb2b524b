"""Options of `ingest`: which part of a bucket, and how to reach it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer

from pipeline.cli.forms import checked
from pipeline.cli.times import parse_window
from pipeline.sources import Selection

AccountOption = Annotated[
    list[str] | None,
    typer.Option("--account", help="S3: only this account; may be repeated.", metavar="ID"),
]
RegionOption = Annotated[
    list[str] | None,
    typer.Option("--region", help="S3: only this region; may be repeated.", metavar="REGION"),
]
OrganisationOption = Annotated[
    list[str] | None,
    typer.Option("--org-id", help="S3: only this organisation; may be repeated.", metavar="ID"),
]
SinceOption = Annotated[
    str | None,
    typer.Option("--from", help="S3: only days of delivery from this one on.", metavar="TIME"),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--to", help="S3: only days of delivery that begin before.", metavar="TIME"),
]
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="Say how many objects and bytes would be read; read nothing."),
]
ProfileOption = Annotated[
    str,
    typer.Option("--profile", help="S3: profile of the AWS configuration.", metavar="NAME"),
]
RoleOption = Annotated[
    str, typer.Option("--role-arn", help="S3: role to assume for reading.", metavar="ARN")
]
EndpointOption = Annotated[
    str,
    typer.Option("--endpoint-url", help="S3: another server that speaks S3.", metavar="URL"),
]
BucketRegionOption = Annotated[
    str,
    typer.Option("--aws-region", help="S3: region of the bucket, where asked.", metavar="REGION"),
]
PayerOption = Annotated[
    bool,
    typer.Option("--request-payer", help="S3: pay for requests and transfer (requester pays)."),
]


def selection_of(
    *,
    accounts: Sequence[str] | None,
    regions: Sequence[str] | None,
    organisations: Sequence[str] | None,
    since: str | None,
    until: str | None,
    now: datetime,
) -> Selection:
    """What is wanted of a bucket. A day is wanted where it, or a part of it, lies in the window.

    Raises UsageError for what is no account, region, organisation or time.
    """
    window = parse_window(since, until, now)
    last = window.until - timedelta(microseconds=1) if window.until else None
    return Selection(
        accounts=_checked("--account", accounts),
        regions=_checked("--region", regions),
        organisations=_checked("--org-id", organisations),
        since=window.since.date() if window.since else None,
        until=last.date() + timedelta(days=1) if last else None,
    )


def _checked(option: str, values: Sequence[str] | None) -> frozenset[str]:
    return frozenset(checked(option, value) for value in values or ())
