"""The samples as three nights deliver them, and a config to read them by."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.cli.nightly_command import page_files, rendered
from pipeline.nightly import Log, nightly, read_config
from pipeline.nightly.reports import NIGHTLY_REPORTS
from tests.conftest import CHECKOUT
from tests.lake_s3.conftest import admin, aws, lake, server

__all__ = ["admin", "aws", "lake", "server"]

NIGHTS = ("2026-11-20", "2026-11-21", "2026-11-22")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Operator:
    """Who runs the nights: a folder with config, sources, lake and reports.

    log -- the lines of all runs; days -- the files of each night, still to come.
    """

    home: Path
    days: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.home / "rolecall.toml"

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    def write_config(self, text: str = "[reports]\npage = false\n") -> None:
        """A config with these lines beside lake and source; no page, which takes its time."""
        known = '[organisation]\nbreak_glass_roles = ["*BreakGlass*"]\n'
        head = 'lake = "lake"\nworkers = 1\nsources = [{path = "trail"}]\n'
        self.config.write_text(f"{head}{known}{text}")

    def deliver(self, night: str) -> None:
        """The files of a night arrive."""
        for name, content in self.days[night].items():
            path = self.home / "trail" / night / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (0, 0))

    def run(self, now: datetime = NOON, night: str | None = None) -> int:
        """A night in this process."""
        config = read_config(self.config)
        return nightly(
            config,
            now=now,
            night=datetime.fromisoformat(night).date() if night else None,
            files=lambda report: rendered(report, config),
            page=page_files,
            log=Log(self.log.append),
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A night as cron would start it: no terminal, no environment, another directory."""
        command = [
            *(sys.executable, "-c", "from pipeline.cli import main; main()"),
            *("nightly", "--config", str(self.config), *arguments),
        ]
        return subprocess.Popen(
            command,
            cwd="/",
            env={"PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def texts(self, night: str) -> dict[str, str]:
        """The reports of a night: file name → text, without the account of the run."""
        return {
            path.name: path.read_text(encoding="utf-8")
            for path in (self.reports / night).iterdir()
            if path.name != "run.json"
        }

    def account(self, night: str) -> dict[str, object]:
        """run.json of a night."""
        found: dict[str, object] = json.loads((self.reports / night / "run.json").read_text())
        return found


def samples_by_day() -> dict[str, dict[str, bytes]]:
    """The samples, record by record, by the night that brings them; what is older comes first."""
    days: dict[str, dict[str, bytes]] = {night: {} for night in NIGHTS}
    trail = CHECKOUT / "data" / "samples" / "org-trail"
    for path in sorted(trail.rglob("*.json.gz")):
        by_day = defaultdict(list)
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            day = str(record.get("eventTime", NIGHTS[1]))[:10]
            by_day[max(day, NIGHTS[0])].append(record)
        for day, records in by_day.items():
            days[day][path.name] = gzip.compress(json.dumps({"Records": records}).encode(), mtime=0)
    return days


@pytest.fixture(scope="session")
def days() -> dict[str, dict[str, bytes]]:
    return samples_by_day()


@pytest.fixture
def operator(tmp_path: Path, days: dict[str, dict[str, bytes]]) -> Operator:
    """Somebody with a config and nothing delivered yet."""
    return engaged(tmp_path / "operator", days)


@pytest.fixture
def two_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nights write `new` and `who` only, for tests that read no others: half of the time."""
    monkeypatch.setattr("pipeline.nightly.run.NIGHTLY_REPORTS", NIGHTLY_REPORTS[:2])


def engaged(home: Path, days: Mapping[str, Mapping[str, bytes]]) -> Operator:
    home.mkdir()
    (home / "trail").mkdir()
    new = Operator(home, days)
    new.write_config()
    return new
