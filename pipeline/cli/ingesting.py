"""What `ingest` says: a progress bar on a terminal, and at the end lines that add up."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.ingest import IngestSummary, Survey
from pipeline.ingest import Progress as Done
from pipeline.reports.left_out import LeftOut
from pipeline.sources import Unreadable

_MOST_LINES = 20


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


def notes(summary: IngestSummary, paths: Sequence[str], left_out: Sequence[LeftOut]) -> list[str]:
    """What was left out and why."""
    lines = _unreadable_lines(summary.unreadable) + _passed_over_lines(summary.passed_over)
    lines += [_left_out_line(list(items)) for _, items in groupby(left_out, _gist)]
    if not summary.files_found and any(path.startswith("s3://") for path in paths):
        lines.append(
            f"nothing in {', '.join(paths)} beyond the days that earlier runs listed; "
            "if that is unexpected, check the prefix and the options"
        )
    elif not summary.files_found:
        lines.append(f"no files in {', '.join(paths)}; is it the right folder?")
    elif summary.is_all_foreign:
        lines.append(
            "none of it is CloudTrail that rolecall reads; give the files that a trail delivers "
            "({“Records”: […]}), or the folder that holds them (AWSLogs/…)"
        )
    return lines


def sum_line(summary: IngestSummary) -> str:
    """The line that adds up."""
    return (
        f"records read {summary.records_read:,} = {summary.records_stored:,} stored "
        f"+ {summary.records_duplicate:,} duplicate + {summary.records_rejected:,} rejected; "
        f"files: {summary.files_new:,} read, "
        f"{summary.files_skipped:,} skipped (already in the lake)"
    )


def before_lines(rejected: Sequence[str], paths: Sequence[str]) -> list[str]:
    """A line on the files of these sources that earlier runs rejected, whole or in part."""
    roots = [p if p.startswith("s3://") else _folder(p) for p in paths if p != "-"]
    count = sum(
        any(uri.startswith(root) or f"{uri}/" == root for root in roots) for uri in rejected
    )
    if not count:
        return []
    files = "1 file" if count == 1 else f"{count:,} files"
    return [f"rejected before, whole or in part: {files} of this source; see: rolecall status"]


def _folder(path: str) -> str:
    return f"{Path(path).expanduser().resolve().as_posix().rstrip('/')}/"


def survey_notes(survey: Survey) -> list[str]:
    """What cannot be read, and what is passed over."""
    return _unreadable_lines(survey.unreadable) + _passed_over_lines(survey.passed_over)


def survey_lines(survey: Survey) -> list[str]:
    """What an ingest would read, by account and region, and last the sum."""
    lines = [
        f"{account or 'elsewhere':<12}  {region:<14}  {count:>9,} objects  {_bytes(size):>9}"
        for (account, region), (count, size) in survey.parts.items()
    ]
    objects = sum(count for count, _ in survey.parts.values())
    size = sum(size for _, size in survey.parts.values())
    lines.append(
        f"would read {objects:,} objects, {size:,} bytes ({_bytes(size)}); "
        f"{survey.skipped:,} listed ones are in the lake already"
    )
    return lines


def is_complete(summary: IngestSummary) -> bool:
    """Whether all that could be CloudTrail is stored.

    False where something was rejected now or could not be read, where none of the files holds
    CloudTrail, and where there are none at all; in S3 a run may find none that are new.
    """
    return summary.complete and not summary.is_all_foreign and not summary.is_astray


def _unreadable_lines(items: Sequence[Unreadable]) -> list[str]:
    """A line for each, or where many have the same reason, for all of them."""
    lines = []
    by_reason: dict[str, list[str]] = {}
    for item in items:
        by_reason.setdefault(item.reason, []).append(item.uri)
    for reason, uris in by_reason.items():
        if len(uris) > _MOST_LINES:
            place = f"{len(uris):,} objects, first: {_near(uris[0])}"
            lines.append(f"could not be read: {place}: {reason}")
        else:
            lines += [f"could not be read: {_near(uri)}: {reason}" for uri in uris]
    return lines


def _passed_over_lines(passed_over: Mapping[str, int]) -> list[str]:
    if not passed_over:
        return []
    counts = ", ".join(f"{what} {count:,}" for what, count in passed_over.items())
    return [f"no CloudTrail logs, passed over (objects or folders): {counts}"]


def _bytes(size: int) -> str:
    """`12.3 MB`."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"


def _gist(item: LeftOut) -> str:
    """What items have in common that share a line: files are cut off at different places."""
    return _what(item).partition(", after ")[0]


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
