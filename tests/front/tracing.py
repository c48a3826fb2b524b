"""Traces of small worlds, read as facts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.render import Page, render
from pipeline.report import Report
from pipeline.reports.trace import TraceOptions, trace_report
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse
from tests.world.model import Credential
from tests.world.scenarios import SCENARIOS
from tests.world.table import events_table
from tests.world.world import World


@dataclass(frozen=True)
class Traced:
    """A trace as data, and as people see it."""

    report: Report
    document: dict[str, Any]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of one of its tables; [] where it has none of that name."""
        found: list[dict[str, Any]] = self.document["tables"].get(table, [])
        return found

    def text(self, width: int = 100) -> str:
        """What people read."""
        return render(self.report, "table", Page(width=width))

    def labels(self) -> list[str]:
        """The tree: each row's depth in dots, and its label."""
        return ["." * row["depth"] + row["label"] for row in self.rows("down")]

    def calls(self) -> list[str]:
        """The calls of the timeline, as `s3:ListBuckets`."""
        return [
            f"{row['event_source'].split('.')[0]}:{row['event_name']}"
            for row in self.rows("timeline")
            if row["what"] == "call"
        ]


def played(name: str) -> World:
    """The world of a scenario."""
    return next(scenario for scenario in SCENARIOS if scenario.name == name).world()


def warehouse_of(world: World) -> Warehouse:
    """The delivered records of a world, attributed; the same warehouse again for the same
    records, so it is to be read, and not to be closed.
    """
    return _attributed(json.dumps(world.records()))


@lru_cache(maxsize=16)
def _attributed(records: str) -> Warehouse:
    return Warehouse.of(events_table(json.loads(records)))


def trace(where: World | Warehouse, wanted: str, **options: Any) -> Traced:
    """The trace of an id; `since` and `until` make the window."""
    window = Window(options.pop("since", None), options.pop("until", None))
    warehouse = warehouse_of(where) if isinstance(where, World) else where
    report = trace_report(warehouse, wanted, TraceOptions(window=window, **options))
    return Traced(report, json.loads(render(report, "json")))


def key_of(credential: Credential) -> str:
    """The access key of a credential that has one."""
    assert credential.key is not None
    return credential.key


def last_event(world: World) -> str:
    """The id of the last event that was delivered."""
    return [event for event in world.events if event.delivered][-1].id
