"""What belongs to which night: told once, taken back once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.attribution import build
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.nightly.nights import close, closed_nights
from pipeline.reports.new import NewFilter, new_report
from pipeline.warehouse import Warehouse
from tests.world.model import Record
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import assume_role
from tests.world.times import HOUR
from tests.world.world import World

DAYS = [date(2026, 11, day) for day in (20, 21, 22)]


class Nights:
    """A lake that gets records, and nights that are closed one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake.create_or_open(str(folder / "lake"))
        self._count = 0

    def get(self, *records: Record) -> None:
        """Records arrive and are built."""
        self._count += 1
        path = self.folder / f"{self._count}.json"
        path.write_text(json.dumps({"Records": records}))
        ingest([str(path)], self.lake, workers=1)
        build(self.lake)

    def close(self, *days: date) -> None:
        with self.lake.locked():
            close(self.lake, days, datetime.now(UTC))

    def told(self, day: date, table: str = "facts") -> list[str]:
        """What the report of a night says in a table, of people in roles."""
        with Warehouse.open(self.lake) as warehouse:
            report = new_report(warehouse, NewFilter(night=day))
        return [
            str(row["what"])
            for found in report.tables
            if found.name == table
            for row in found.rows()
            if row["kind"] == "person-role"
        ]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_a_wrong_name_is_taken_back_in_the_night_that_knows_better(nights: Nights) -> None:
    """The first night knows the account alone; the second alice; the third says nothing more. The
    first, written again, no longer tells what was wrong.
    """
    cast = Cast(World("nights"))
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    made = use(hat)
    assert hat.issue is not None
    assert hat.issue.owner_copy is not None
    nights.get(hat.issue.owner_copy.record, made.record)
    nights.close(DAYS[0])
    (theirs,) = nights.told(DAYS[0])
    assert theirs.startswith("account 200000000002 (AIDA")
    nights.get(hat.issue.call.record)
    nights.close(DAYS[1])
    nights.close(DAYS[2])
    assert nights.told(DAYS[1]) == ["alice → BreakGlass in 300000000003"]
    assert nights.told(DAYS[1], "retracted") == [theirs]
    assert nights.told(DAYS[2], "retracted") == []
    assert nights.told(DAYS[0]) == []


def visits(cast: Cast) -> list[list[Record]]:
    """What arrives when: an account comes into BreakGlass; that it was alice, as Analyst; the
    account again, and once more, in sessions of which nobody knows better.
    """
    arrivals = []
    for _ in range(3):
        cast.world.tick(2 * HOUR)
        first = assume_role(cast.alice, cast.analyst, "x")
        hat = assume_role(first, cast.break_glass, "alice")
        made = use(hat)
        assert first.issue is not None
        assert hat.issue is not None
        assert hat.issue.owner_copy is not None
        arrivals.append([hat.issue.owner_copy.record, made.record])
        if len(arrivals) == 1:
            arrivals.append([first.issue.call.record, hat.issue.call.record])
    return arrivals


def test_a_fact_that_was_taken_back_and_is_shown_again_is_told_again(nights: Nights) -> None:
    """Once; and each night, written again, says what it said: the one that took it back, too."""
    theirs, known, again, more = visits(Cast(World("nights")))
    nights.get(*theirs)
    nights.close(DAYS[0])
    (wrong,) = nights.told(DAYS[0])
    nights.get(*known)
    nights.close(DAYS[1])
    said = nights.told(DAYS[1]), nights.told(DAYS[1], "retracted")
    assert said[1] == [wrong]
    assert "alice → BreakGlass in 300000000003" in said[0]
    nights.get(*again)
    nights.close(DAYS[2])
    nights.get(*more)
    nights.close(date(2026, 11, 23))
    assert (nights.told(DAYS[1]), nights.told(DAYS[1], "retracted")) == said
    assert (nights.told(DAYS[2]), nights.told(DAYS[2], "retracted")) == ([wrong], [])
    assert nights.told(date(2026, 11, 23)) == []
    assert nights.told(date(2026, 11, 23), "retracted") == []


def test_a_fact_that_was_in_doubt_between_two_nights_is_not_told_again(nights: Nights) -> None:
    """Nobody heard that it was: the first night says it still, the second nothing of it."""
    theirs, known, again, _ = visits(Cast(World("nights")))
    nights.get(*theirs)
    nights.close(DAYS[0])
    (wrong,) = nights.told(DAYS[0])
    nights.get(*known)
    nights.get(*again)
    nights.close(DAYS[1])
    assert nights.told(DAYS[0]) == [wrong]
    assert wrong not in nights.told(DAYS[1])
    assert "alice → BreakGlass in 300000000003" in nights.told(DAYS[1])
    assert nights.told(DAYS[1], "retracted") == []


def test_what_is_learned_after_a_night_was_closed_belongs_to_the_next(nights: Nights) -> None:
    """Also when the closed night is closed again, or one before it."""
    cast = Cast(World("nights"))
    first = use(assume_role(cast.alice, cast.analyst, "alice"))
    nights.get(*cast.world.records())
    nights.close(DAYS[0])
    assert first.record["eventTime"].startswith(str(DAYS[0]))
    known = len(cast.world.records())
    use(assume_role(cast.bob, cast.analyst, "bob"))
    nights.get(*cast.world.records()[known:])
    nights.close(DAYS[0])
    nights.close(date(2026, 11, 1))
    nights.close(DAYS[1])
    assert closed_nights(nights.lake)["night"].to_list() == DAYS[:2]
    assert nights.told(DAYS[0]) == ["alice → Analyst in 200000000002"]
    assert nights.told(DAYS[1]) == ["bob → Analyst in 200000000002"]


def test_a_night_that_was_not_closed_tells_of_its_day(nights: Nights) -> None:
    """For somebody who asks before any night was run."""
    cast = Cast(World("nights"))
    use(assume_role(cast.alice, cast.analyst, "alice"))
    nights.get(*cast.world.records())
    assert nights.told(DAYS[0]) == ["alice → Analyst in 200000000002"]
    assert nights.told(DAYS[1]) == []
