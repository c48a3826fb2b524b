"""The command `compact`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline.attribution import build
from pipeline.cli.options import DEFAULT_LAKE, LakeOption
from pipeline.lake import MOST_DAYS, Care, Lake

RETENTION_HOURS = 168


def compact_command(
    *,
    lake: LakeOption = DEFAULT_LAKE,
    keep_days: Annotated[
        int | None,
        typer.Option(
            "--keep-days",
            min=1,
            max=MOST_DAYS,
            help="Remove events older than N days.",
            metavar="N",
        ),
    ] = None,
    retention_hours: Annotated[
        int,
        typer.Option(
            "--retention-hours",
            min=0,
            max=RETENTION_HOURS,
            help="Keep files that were replaced as long as a reader may need them.",
            metavar="H",
        ),
    ] = RETENTION_HOURS,
) -> None:
    """Merge the small files of past days, delete files nobody needs, shorten the logs.

    Answers stay the same, but for events that --keep-days removes; what was learned from those
    (sessions, chains, who was behind them) stays until the models are built from nothing again.
    """
    place = Lake.open(lake)
    with place.locked():
        build(place)
        care = place.compact(
            datetime.now(UTC), keep_days=keep_days, retention_hours=retention_hours
        )
    for line in closing_lines(care):
        typer.echo(line)


def closing_lines(care: Care) -> list[str]:
    """What was removed, merged and deleted, a line each."""
    lines = [
        f"removed {day.day}: {day.events:,} events, {_size(day.bytes)}" for day in care.removed
    ]
    before = sum(merged.files_before for merged in care.merged)
    after = sum(merged.files_after for merged in care.merged)
    lines.append(
        f"merged {before:,} small files into {after:,}" if care.merged else "nothing to merge"
    )
    lines.append(
        f"deleted {care.deleted.files:,} old files, {_size(care.deleted.bytes)}"
        if care.deleted.files
        else "no old files to delete yet"
    )
    return lines


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
