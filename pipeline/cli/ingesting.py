"""What `ingest` says: a progress bar on a terminal, and at the end lines that add up."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.ingest import IngestSummary
from pipeline.ingest import Progress as Done
from pipeline.reports.left_out import LeftOut

UNKNOWN_CONTAINER = "CloudTrail in an unknown container"
"""The kind of a file whose records could not be got at (see pipeline.decoders)."""


@contextlib.contextmanager
def progress_on_terminal() -> Iterator[Callable[[Done], None] | None]:
    """A callback that draws files, events a second and the time left; None without a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.fields[files]}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("ingest", total=None, files="", rate="")

        def show(done: Done) -> None:
            elapsed = bar.tasks[task].elapsed
            bar.update(
                task,
                completed=done.bytes_done,
                total=done.bytes_total,
                files=f"{done.files_done:,} of {done.files_total:,} files",
                rate=f"{done.records / elapsed:,.0f} events/s" if elapsed else "",
            )

        yield show


def closing_lines(
    summary: IngestSummary, paths: Sequence[str], left_out: Sequence[LeftOut]
) -> list[str]:
    """What was left out and why, and last the line that adds up."""
    lines = [f"could not be read: {_near(item.uri)}: {item.reason}" for item in summary.unreadable]
    lines += [_left_out_line(list(items)) for _, items in groupby(left_out, _what)]
    if not summary.files_found:
        lines.append(f"no files in {', '.join(paths)}; is it the right folder?")
    elif _is_all_foreign(summary):
        lines.append(
            "none of it is CloudTrail that rolecall reads; give files of {“Records”: […]} or "
            "NDJSON, or the folder that holds them (AWSLogs/…)"
        )
    lines.append(
        f"records read {summary.records_read:,} = {summary.records_stored:,} stored "
        f"+ {summary.records_duplicate:,} duplicate + {summary.records_rejected:,} rejected; "
        f"files: {summary.files_new:,} read, "
        f"{summary.files_skipped:,} skipped (already in the lake)"
    )
    return lines


def is_complete(summary: IngestSummary) -> bool:
    """Whether all that could be CloudTrail is stored.

    False where something was rejected or could not be read, where records are in a container
    that is not known, and where none of the files holds CloudTrail at all.
    """
    return (
        summary.complete and UNKNOWN_CONTAINER not in summary.kinds and not _is_all_foreign(summary)
    )


def _is_all_foreign(summary: IngestSummary) -> bool:
    return (
        summary.files_new > 0
        and not summary.files_skipped
        and summary.files_not_cloudtrail == summary.files_new
    )


def _what(item: LeftOut) -> str:
    return f"{'rejected' if item.is_reject else 'not read'}: {{}}{item.reason}"


def _left_out_line(items: Sequence[LeftOut]) -> str:
    """`rejected: 2 records: The record has no eventTime. First: FILE, record 11`."""
    first = items[0]
    place = _near(first.uri)
    if first.record_number:
        place += f", record {first.record_number}"
    if len(items) == 1:
        return _what(first).format(f"{place}: ")
    noun = "records" if first.record_number else "files"
    return f"{_what(first).format(f'{len(items):,} {noun}: ')}; first: {place}"


def _near(uri: str) -> str:
    """A path as seen from the working directory, where it lies below it."""
    path, here = PurePosixPath(uri), PurePosixPath(Path.cwd().as_posix())
    return str(path.relative_to(here)) if path.is_relative_to(here) else uri
