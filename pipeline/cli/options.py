"""Options that commands share (design section 4)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.render import find_renderer
from pipeline.reports.cut import ROWS

DEFAULT_LAKE = "./lake"

LakeOption = Annotated[
    str,
    typer.Option(
        "--lake",
        envvar="ROLECALL_LAKE",
        help="Lake: a folder, or s3://bucket/prefix.",
        metavar="PATH",
    ),
]
FormatOption = Annotated[
    str,
    typer.Option("--format", help="table, json, ndjson, csv or markdown.", metavar="FORMAT"),
]
OutputOption = Annotated[
    str | None,
    typer.Option("--output", help="Write to this file instead of stdout.", metavar="FILE"),
]
DirectoryOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--directory",
        envvar="ROLECALL_DIRECTORY",
        help="Names for ids: JSON of `aws identitystore list-users`, or CSV with a header "
        "id,name,e-mail,team; may be given several times.",
        metavar="FILE",
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Events from this time on (UTC): 2026-11-20, 2026-11-20T09:00Z, 7d, 12h.",
        metavar="TIME",
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", help="Events before this time (UTC).", metavar="TIME"),
]
LimitOption = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        help=f"At most so many rows; if not given, {ROWS} for people and all as data.",
    ),
]
FailOnOption = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        help="Exit code 3 where there are findings of this severity or above: critical, high, "
        "medium, low, info.",
        metavar="SEVERITY",
    ),
]


def rows_for(limit: int | None, format_name: str) -> int | None:
    """How many rows `--limit` and the format allow; None allows all."""
    return limit if limit or find_renderer(format_name).is_data else ROWS
