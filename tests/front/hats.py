"""Reports on hats, read as facts: each table as data, and what people see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pipeline.render import Page, render
from pipeline.report import Report
from pipeline.reports.people import PeopleFilter, people_report
from pipeline.reports.roles import RolesFilter, roles_report
from tests.front.tracing import warehouse_of
from tests.world.world import World


@dataclass(frozen=True)
class Seen:
    """A report, and its JSON."""

    report: Report
    document: dict[str, Any]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table as data."""
        found: list[dict[str, Any]] = self.document["tables"][table]
        return found

    def text(self, width: int = 100) -> str:
        """What people read."""
        return render(self.report, "table", Page(width=width))

    def found(self) -> list[str]:
        """The findings, as `medium recreated Analyst`."""
        return [
            f"{row['severity']} {row['finding']} {row['role_name']}"
            for row in self.rows("findings")
        ]


def roles_of(world: World, **wanted: Any) -> Seen:
    """The report `roles` on a world."""
    report = roles_report(warehouse_of(world), RolesFilter(**wanted))
    return Seen(report, json.loads(render(report, "json")))


def people_of(world: World, **wanted: Any) -> Seen:
    """The report `people` on a world."""
    report = people_report(warehouse_of(world), PeopleFilter(**wanted))
    return Seen(report, json.loads(render(report, "json")))
