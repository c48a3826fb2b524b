"""One night: lock the lake, ingest what is new, build, write the reports, care for the lake."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipeline.attribution import build
from pipeline.errors import RolecallError, SourceError, UsageError
from pipeline.ingest import IngestSummary, ingest
from pipeline.lake import Lake
from pipeline.nightly import folder, nights
from pipeline.nightly.account import Account
from pipeline.nightly.beside import read_beside
from pipeline.nightly.config import Config, Source
from pipeline.nightly.log import Log
from pipeline.nightly.reports import NIGHTLY_REPORTS, Night
from pipeline.report import Report
from pipeline.sources import Access, Request, Selection
from pipeline.warehouse import Warehouse

Files = Callable[[Report], Mapping[str, str]]
"""A report as files: name → text."""

Page = Callable[[Warehouse, Night, Sequence[Report]], Mapping[str, str]]
"""The page of a night as files: name → text."""


def nightly(
    config: Config,
    *,
    now: datetime,
    files: Files,
    page: Page | None = None,
    night: date | None = None,
    log: Log,
) -> int:
    """Do a night's work; the exit code (design section 4).

    now -- the moment it begins (UTC). night -- write this night alone, else every one that is due.
    files, page -- make texts of reports. What fails is told in the log and in run.json, and does
    not keep the rest from being done; 1 is worse than 3, and 3 than 4. Where no source at all could
    be read, only a `night` that is asked for is written: of the others nothing is known yet.
    Raises RolecallError where nothing can be done: a file of the config that cannot be used, no
    lake, no folder, another writer.
    """
    today = now.astimezone(UTC).date()
    if night is not None and night >= today:
        raise UsageError(f"--night {night}: the day is not over (it is {today} UTC)")
    beside = read_beside(config)
    target = Path(config.reports.folder)
    folder.prepare(target)
    account = Account(now, log)
    lake = Lake.create_or_open(config.lake)
    with lake.locked():
        for source in config.sources:
            _ingest(source, config, lake, now, account)
        with account.step("build"):
            built = build(lake)
            account.built(built)
        due = [night] if night else _due(config, lake, target, now, account)
        if due and night is None and not account.read_paths:
            account.put_off(due)
            due = []
        nights.close(lake, nights.up_to(lake, due), datetime.now(UTC))
        with Warehouse.open(lake) as warehouse:
            warehouse.name_people(beside.people)
            for day in due:
                wanted = Night(day, config, beside)
                _write(warehouse, wanted, target, account, files=files, page=page)
        with account.failing("compact"), account.step("compact"):
            care = lake.compact(
                now,
                keep_days=config.retention.keep_days,
                retention_hours=config.retention.retention_hours,
            )
            account.cared(care)
    account.end(config.fail_on)
    for day in due:
        if (target / str(day)).is_dir():
            folder.put_file(target / str(day) / folder.RUN, account.to_json(day))
    folder.put_file(target / folder.RUN, account.to_json(None))
    return account.exit_code


def _ingest(source: Source, config: Config, lake: Lake, now: datetime, account: Account) -> None:
    request = Request(
        Access(
            source.profile,
            source.role_arn,
            source.endpoint_url,
            source.aws_region,
            source.request_payer,
        ),
        Selection(
            accounts=frozenset(source.accounts),
            regions=frozenset(source.regions),
            organisations=frozenset(source.org_ids),
            since=source.since,
        ),
        now.date(),
    )
    started = time.monotonic()
    summary: IngestSummary | None = None
    fault = ""
    try:
        summary = ingest([source.path], lake, workers=config.workers, request=request)
    except (SourceError, UsageError) as error:
        fault = str(error)
    account.read(source.path, summary, fault, time.monotonic() - started)


def _due(config: Config, lake: Lake, target: Path, now: datetime, account: Account) -> list[date]:
    """The nights up to yesterday (UTC) that are not whole, of the last `catch_up_days`."""
    last = now.astimezone(UTC).date() - timedelta(days=1)
    closed = nights.closed_nights(lake)["night"].to_list()
    written = nights.written_nights(target)
    whole = nights.whole_nights(target, account.read_paths)
    due = nights.due_nights(last, written, whole, closed)
    oldest = last - timedelta(days=config.reports.catch_up_days - 1)
    newest = max((night for night in written if night < last), default=date.min)
    skipped = [night for night in due if newest < night < oldest]
    if skipped:
        account.skipped(skipped)
    return [night for night in due if night >= oldest]


def _write(
    warehouse: Warehouse,
    night: Night,
    target: Path,
    account: Account,
    *,
    files: Files,
    page: Page | None,
) -> None:
    """Make a night's reports and let its folder appear."""
    name = str(night.day)
    texts: dict[str, str] = {}
    made: list[Report] = []
    for wanted in NIGHTLY_REPORTS:
        with account.report(name, wanted.name) as done:
            report = _with_unread(wanted.make(warehouse, night), account)
            texts |= files(report)
            made.append(report)
            done(report)
    if page is not None and night.config.reports.page:
        with account.report(name, "page"):
            texts |= page(warehouse, night, made)
    with account.failing(f"folder {name}"):
        changed = _put(target, name, texts)
        account.wrote(name, sorted(texts), changed=changed)


def _with_unread(report: Report, account: Account) -> Report:
    """The report with a note for each source that is missing in it."""
    notes = (
        f"the source {path} could not be read: what is new in it is missing here; run.json says why"
        for path in account.unread_paths
    )
    return replace(report, notes=(*report.notes, *notes))


def _put(target: Path, name: str, texts: Mapping[str, str]) -> bool:
    with _written_to(target):
        changed = folder.put(target, name, texts)
        newest = max(str(night) for night in nights.written_nights(target))
        folder.point_latest(target, newest)
        return changed


@contextmanager
def _written_to(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"The folder of reports cannot be written: {error.strerror}."
        raise RolecallError(message, location=str(error.filename or target)) from error
