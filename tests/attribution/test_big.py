"""Large random organisations whose truth is known: no wrong name, hardly a gap.

In `make test` a share of the 100,000 events; `make soak` plays them all.
"""

from __future__ import annotations

import os

import pytest

from tests.attribution.nights import attributed
from tests.world.big import days
from tests.world.expected import Expected
from tests.world.model import Record
from tests.world.score import Score, score

EVENTS = int(os.environ.get("ROLECALL_TEST_EVENTS", "24000"))
"""Events in all worlds together."""
WORLDS = ((1, 0.03), (2, 0.1), (4, 0.4))
"""Seeds, and in which share of the episodes an issuing call is lost."""


@pytest.mark.parametrize(("seed", "lost"), WORLDS)
def test_a_random_organisation(seed: int, lost: float) -> None:
    """Precision 1.0; at least 99 % of what the trail shows is named, at least 99 % of chains."""
    found = played(seed, lost, EVENTS // len(WORLDS))
    assert found.wrong == []
    assert found.absent == []
    assert found.precision == 1.0
    assert found.recall >= 0.99
    assert found.chains >= 0.99
    assert found.provable > 0.5 * found.events


def played(seed: int, lost: float, events: int) -> Score:
    """The score of one world, all its days in one build."""
    records: list[Record] = []
    truth: dict[str, Expected] = {}
    for day in days(events=events, seed=seed, lost=lost):
        records += day.records
        truth |= day.truth
    return score(truth.values(), attributed(records))
