"""The account of a run: what run.json says, what the log tells, and the exit code."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from pipeline.attribution import BuildSummary
from pipeline.errors import RolecallError
from pipeline.ingest import IngestSummary
from pipeline.lake import Care
from pipeline.nightly.log import Level, Log
from pipeline.report import SEVERITIES, Report, Severity

VERSION = 1
"""Version of run.json."""

_MOST_UNREADABLE = 20


class Account:
    """Gathers what a run did; each thing is also a line of the log.

    started -- when the run began (UTC).
    read_paths, unread_paths -- the sources that were read, and those that could not be.
    """

    def __init__(self, started: datetime, log: Log) -> None:
        self._log = log
        self._started = started
        self._began = time.monotonic()
        self.read_paths: set[str] = set()
        self.unread_paths: list[str] = []
        self._sources: list[dict[str, Any]] = []
        self._records = Counter[str]()
        self._failures: list[str] = []
        self._incomplete: list[str] = []
        self._seconds: dict[str, float] = {}
        self._reports: dict[str, list[dict[str, Any]]] = {}
        self._severities: dict[str, Counter[Severity]] = {}
        self._document: dict[str, Any] = {}
        self.exit_code = 0
        log.say("begin")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        began = time.monotonic()
        yield
        self._seconds[name] = round(time.monotonic() - began, 3)

    @contextmanager
    def failing(self, what: str) -> Iterator[None]:
        """A step whose failure is told and does not end the run; a bug keeps its traceback."""
        try:
            yield
        except RolecallError as error:
            self._failures.append(f"{what}: {error}")
            self._log.say("failed", "error", what=what, error=str(error))

    @contextmanager
    def report(self, night: str, name: str) -> Iterator[Callable[[Report], None]]:
        """A report; whatever goes wrong with it, a bug too, must not cost the others."""
        entry: dict[str, Any] = {"name": name, "findings": 0, "error": None}
        began = time.monotonic()

        def done(report: Report) -> None:
            entry["findings"] = report.findings
            severities = self._severities.setdefault(night, Counter())
            severities.update(dict(report.severities))

        try:
            yield done
        except Exception as error:  # noqa: BLE001 (told, and the run ends with exit code 1)
            entry["error"] = f"{type(error).__name__}: {error}"
            self._failures.append(f"report {name} of {night}: {entry['error']}")
            self._log.say("failed", "error", night=night, report=name, error=entry["error"])
        entry["seconds"] = round(time.monotonic() - began, 3)
        self._reports.setdefault(night, []).append(entry)

    def read(self, path: str, summary: IngestSummary | None, fault: str, seconds: float) -> None:
        """A source was read, or could not be: an empty folder is one that is not there."""
        if summary is not None and summary.is_astray:
            fault = "nothing to read here: is it the right place, and mounted?"
        if fault:
            self.unread_paths.append(path)
        else:
            self.read_paths.add(path)
        entry: dict[str, Any] = {"path": path, "error": fault or None, "seconds": round(seconds, 3)}
        if summary is not None:
            counts = {
                "read": summary.records_read,
                "stored": summary.records_stored,
                "duplicate": summary.records_duplicate,
                "rejected": summary.records_rejected,
            }
            self._records.update(counts)
            entry |= {
                "files_found": summary.files_found,
                "files_read": summary.files_new,
                "files_skipped": summary.files_skipped,
                "files_rejected": summary.files_rejected,
                "records": counts,
                "unreadable": [
                    {"uri": item.uri, "reason": item.reason}
                    for item in summary.unreadable[:_MOST_UNREADABLE]
                ],
                "unreadable_count": len(summary.unreadable),
            }
            self._log.say("ingest", "info", source=path, files=summary.files_new, **counts)
        self._sources.append(entry)
        if fault:
            self._incomplete.append(f"{path}: {fault}")
            self._log.say("source not read", "error", source=path, error=fault)
        elif summary is not None and (not summary.complete or summary.is_all_foreign):
            reason = _what_is_missing(summary)
            self._incomplete.append(f"{path}: {reason}")
            self._log.say("not all is stored", "warning", source=path, reason=reason)

    def built(self, summary: BuildSummary) -> None:
        """The models are up to date."""
        self._log.say("build", sessions=summary.sessions_built, is_full=summary.is_full)

    def skipped(self, nights: Sequence[date]) -> None:
        """Missed nights that are too many to be written."""
        words = f"{nights[0]} to {nights[-1]}"
        self._log.say("nights skipped", "warning", nights=words, count=len(nights))
        self._document["nights_skipped"] = [str(night) for night in nights]

    def put_off(self, nights: Sequence[date]) -> None:
        """Nights that were due, and of which nothing can be told as no source was read."""
        words = ", ".join(map(str, nights))
        self._log.say("nights put off", "error", nights=words, reason="no source was read")
        self._document["nights_put_off"] = [str(night) for night in nights]

    def wrote(self, night: str, files: Sequence[str], *, changed: bool) -> None:
        """A night's folder is there."""
        self._log.say("report", night=night, files=len(files), changed=changed)

    def cared(self, care: Care) -> None:
        """The lake was cared for."""
        self._document["compact"] = {
            "removed_days": {day.day: day.events for day in care.removed},
            "files_merged": sum(merged.files_before for merged in care.merged),
            "files_deleted": care.deleted.files,
        }
        self._log.say("compact", "info", **self._document["compact"])

    def end(self, fail_on: Severity | None) -> None:
        """The run is over; decides the exit code."""
        urgent = 0
        if fail_on:
            counted = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
            urgent = sum(found[name] for found in self._severities.values() for name in counted)
        self.exit_code = 1 if self._failures else 3 if urgent else 4 if self._incomplete else 0
        self._document |= {
            "version": VERSION,
            "started_at": _iso(self._started),
            "ended_at": _iso(datetime.now(UTC)),
            "seconds": round(time.monotonic() - self._began, 3),
            "exit_code": self.exit_code,
            "records": {
                name: self._records[name] for name in ("read", "stored", "duplicate", "rejected")
            },
            "sources": self._sources,
            "step_seconds": self._seconds,
            "failures": self._failures,
            "incomplete": self._incomplete,
            "findings_to_fail_on": urgent,
        }
        level: Level = "info"
        if self.exit_code:
            level = "error" if self.exit_code == 1 else "warning"
        self._log.say("end", level, exit_code=self.exit_code, seconds=self._document["seconds"])

    def to_json(self, night: date | None) -> str:
        """run.json: of a night with its reports, of the run with all its nights."""
        nights = {
            day: {
                "reports": reports,
                "severities": {
                    name: self._severities.get(day, Counter())[name] for name in SEVERITIES
                },
            }
            for day, reports in self._reports.items()
            if night is None or day == str(night)
        }
        document = {**self._document, "nights": nights}
        return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _what_is_missing(summary: IngestSummary) -> str:
    parts = []
    if summary.is_all_foreign:
        parts.append(
            f"none of its {_count(summary.files_new + summary.files_skipped, 'file')} is CloudTrail"
        )
    if summary.records_rejected or summary.files_rejected:
        parts.append(
            f"rejected {_count(summary.records_rejected, 'record')} and "
            f"{_count(summary.files_rejected, 'whole file')};"
            " rolecall status names them"
        )
    if summary.unreadable:
        parts.append(
            f"{len(summary.unreadable)} objects could not be read, and are tried again;"
            f" the first: {summary.unreadable[0].uri}: {summary.unreadable[0].reason}"
        )
    return "; ".join(parts)


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
