"""All scenarios in one lake, each in accounts of its own: one build, and nobody may disturb
anybody else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from tests.world.expected import Expected, expected
from tests.world.model import Record
from tests.world.scenarios import SCENARIOS, last
from tests.world.world import World

OURS = ("200000000002", "300000000003", "900000000009")
"""The accounts of `tests.world.scenarios.scenario.Cast`, the same in every scenario."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario played, in accounts of its own.

    records -- what was delivered; answers -- what is to be said, by event id;
    last -- event id of the last event; number -- tells its accounts from other scenarios'.
    """

    name: str
    number: int
    records: list[Record]
    answers: dict[str, Expected]
    last: str


def renumber(text: str, number: int) -> str:
    """The same text about other accounts."""
    for account in OURS:
        text = text.replace(account, f"{account[0]}{number:04}{account[5:]}")
    return text


def restore(text: str, number: int) -> str:
    """Undo `renumber`."""
    for account in OURS:
        text = text.replace(f"{account[0]}{number:04}{account[5:]}", account)
    return text


def moved(world: World, number: int) -> list[Record]:
    """The delivered records of a world in accounts of their own."""
    return [in_accounts(record, number) for record in world.records()]


def in_accounts(record: Record, number: int) -> Record:
    """A record in the accounts of that number."""
    found: Record = json.loads(renumber(json.dumps(record), number))
    return found


@cache
def crowd() -> dict[str, Played]:
    """Every scenario, by name."""
    played = {}
    for number, scenario in enumerate(SCENARIOS, start=1):
        world = scenario.world()
        records = moved(world, number)
        answers = expected(world)
        played[scenario.name] = Played(
            scenario.name, number, records, answers, last(world).event_id
        )
    return played
