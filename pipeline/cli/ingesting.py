"""What `ingest` says: a progress bar on a terminal, and at the end lines that add up."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.ingest import IngestSummary
from pipeline.ingest import Progress as Done
from pipeline.reports.left_out import LeftOut

SHOWN = 10
"""How many of the records and files that were left out are named."""


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
    lines = [f"could not be read: {item.uri}: {item.reason}" for item in summary.unreadable]
    lines += [str(item) for item in left_out[:SHOWN]]
    if len(left_out) > SHOWN:
        lines.append(
            f"… and {len(left_out) - SHOWN:,} more; all: rolecall sql "
            '"select uri, record_number, reason from rejects"'
        )
    if not summary.files_found:
        lines.append(f"no files in {', '.join(paths)}; is it the right folder?")
    elif is_all_foreign(summary):
        lines.append(
            "none of it is CloudTrail; give files of {“Records”: […]} or NDJSON, "
            "or the folder that holds them (AWSLogs/…)"
        )
    lines.append(
        f"records read {summary.records_read:,} = {summary.records_stored:,} stored "
        f"+ {summary.records_duplicate:,} duplicate + {summary.records_rejected:,} rejected; "
        f"files: {summary.files_new:,} read, "
        f"{summary.files_skipped:,} skipped (already in the lake)"
    )
    return lines


def is_all_foreign(summary: IngestSummary) -> bool:
    """Whether there were files and not one of them, now or before, could be CloudTrail."""
    return (
        summary.files_new > 0
        and not summary.files_skipped
        and summary.files_not_cloudtrail == summary.files_new
    )
