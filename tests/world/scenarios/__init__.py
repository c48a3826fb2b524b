"""Small stories, one for each way AWS hands out credentials, also with evidence removed.

`SCENARIOS` lists them all; `scenario.world()` plays one, `tests.world.expected.expected`
gives every event's answer, and `scenario.answer` is the last event's, written by hand.
"""

from __future__ import annotations

from tests.world.scenarios import accounts, assuming, console, machines, outside
from tests.world.scenarios.scenario import Scenario, last, told

SCENARIOS: tuple[Scenario, ...] = (
    *assuming.SCENARIOS,
    *accounts.SCENARIOS,
    *outside.SCENARIOS,
    *console.SCENARIOS,
    *machines.SCENARIOS,
)

__all__ = ["SCENARIOS", "Scenario", "last", "told"]
