"""What a night writes: one line a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipeline.least_privilege.answers import Asked, overview
from pipeline.least_privilege.used import UsedFilter
from pipeline.nightly.beside import Beside
from pipeline.nightly.config import Config
from pipeline.report import Report
from pipeline.reports.keys import KeysFilter, keys_report
from pipeline.reports.new import NewFilter, new_report, night_window
from pipeline.reports.new_words import Known
from pipeline.reports.people import PeopleFilter, people_report
from pipeline.reports.roles import RolesFilter, roles_report
from pipeline.reports.status import status_report
from pipeline.reports.who import WhoFilter, who_report
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Night:
    """A night that is to be reported: its UTC day, the config, and what its files say."""

    day: date
    config: Config
    beside: Beside

    @property
    def window(self) -> Window:
        """The day."""
        return night_window(self.day)

    @property
    def look_back(self) -> Window:
        """The days up to the day's end that are looked at where one night is too short."""
        until = self.window.until
        assert until is not None
        return Window(until - timedelta(days=self.config.reports.look_back_days), until)


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """A report that each night writes, under its name."""

    name: str
    make: Callable[[Warehouse, Night], Report]


def _new(warehouse: Warehouse, night: Night) -> Report:
    known = night.config.organisation
    wanted = NewFilter(
        night=night.day,
        known=Known(known.break_glass_roles, known.known_accounts),
        fall=night.config.thresholds.proven_share_fall,
        limit=night.config.reports.limit,
    )
    return new_report(warehouse, wanted)


def _who(warehouse: Warehouse, night: Night) -> Report:
    return who_report(warehouse, WhoFilter(window=night.window))


def _keys(warehouse: Warehouse, night: Night) -> Report:
    wanted = KeysFilter(window=night.look_back, credential_report=night.beside.credential_report)
    return keys_report(warehouse, wanted)


def _roles(warehouse: Warehouse, night: Night) -> Report:
    wanted = RolesFilter(
        window=night.look_back,
        inventory=night.beside.inventory,
        known_accounts=frozenset(night.config.organisation.known_accounts),
    )
    return roles_report(warehouse, wanted)


def _people(warehouse: Warehouse, night: Night) -> Report:
    return people_report(warehouse, PeopleFilter(window=night.look_back))


def _least_privilege(warehouse: Warehouse, night: Night) -> Report:
    files = tuple(Path(path) for path in night.config.organisation.inventory)
    return overview(warehouse, Asked(wanted=UsedFilter(window=night.look_back), granted=files))


def _status(warehouse: Warehouse, night: Night) -> Report:
    return status_report(warehouse, night.config.lake, night.look_back)


NIGHTLY_REPORTS: tuple[NightlyReport, ...] = (
    NightlyReport("new", _new),
    NightlyReport("who", _who),
    NightlyReport("keys", _keys),
    NightlyReport("roles", _roles),
    NightlyReport("people", _people),
    NightlyReport("least-privilege", _least_privilege),
    NightlyReport("status", _status),
)
"""All of them, what needs a look first."""
