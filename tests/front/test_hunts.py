"""Every hunt finds what it is for, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pipeline import sql
from pipeline.report import SEVERITIES
from pipeline.reports.query import query_report, read_catalogue
from pipeline.warehouse import Warehouse
from tests.attribution.crowd import moved, renumber, restore
from tests.front.facts import at
from tests.front.hunts import CASES
from tests.front.hunts.case import Row, Values
from tests.world.model import Record
from tests.world.scenarios.scenario import Cast
from tests.world.table import events_table
from tests.world.world import World

HUNTS = {name: query for name, query in sql.catalogue().items() if name.startswith("hunts/")}
EVERY_HUNT = pytest.mark.parametrize("query", HUNTS.values(), ids=HUNTS.keys())


class Stories:
    """All stories in one lake, each in accounts of its own: a hunt finds its own among them."""

    def __init__(self) -> None:
        self.given: list[Values] = []
        records: list[Record] = []
        self._number_of: dict[object, int] = {}
        for number, case in enumerate(CASES):
            cast = Cast(World(case.fact))
            given = case.play(cast) or {}
            self.given.append({name: _text(renumber, given[name], number) for name in given})
            told = moved(cast.world, number)
            self._number_of |= {record["eventID"]: number for record in told}
            records += told
        self._warehouse = Warehouse.of(events_table(records))
        sessions = self._warehouse.sql(
            "select session_id, min(event_id) from attributed_events"
            " where session_id is not null group by session_id"
        )
        self._number_of |= {
            session: self._number_of[event] for session, event in sessions.iter_rows()
        }

    def found(self, number: int, **window: object) -> list[Row]:
        """The rows that the hunt of a story finds of it, in the accounts that it was played in."""
        query = read_catalogue().find(CASES[number].hunt)
        report = query_report(self._warehouse, query, self.given[number] | window)
        return [
            {name: _text(restore, row[name], number) for name in row}
            for row in report.tables[0].rows()
            if self._number_of[row["event_id"] or row["session_id"]] == number
        ]


def _text(change: Callable[[str, int], str], value: object, number: int) -> object:
    """A value with each text in it changed."""
    if isinstance(value, str):
        return change(value, number)
    if isinstance(value, list):
        return [_text(change, item, number) for item in value]
    return value


@pytest.fixture(scope="module")
def stories() -> Stories:
    return Stories()


@pytest.mark.parametrize(
    "number",
    range(len(CASES)),
    ids=[f"{case.hunt}: {case.fact}" for case in CASES],
)
def test_a_hunt_finds_its_rows(number: int, stories: Stories) -> None:
    """Exactly the expected rows, each with the columns that matter; none for a miss. Nothing
    before the story began and nothing after it was over: the worlds begin on 2026-11-20.
    """
    case = CASES[number]
    begin = at("08:00:00")
    end = begin + timedelta(days=400)
    rows = stories.found(number)
    assert len(rows) == len(case.rows), rows
    assert stories.found(number, since=begin, until=end) == rows
    if rows:
        assert stories.found(number, until=begin) == []
        assert stories.found(number, since=end) == []
    for expected in case.rows:
        alike = [row for row in rows if {name: row[name] for name in expected} == expected]
        assert alike, (expected, rows)
    for row in rows:
        assert row["event_id"] or row["session_id"]
        if row["actor_kind"] == "unresolved":
            assert (row["actor_name"], row["actor_display"]) == (None, None)


@EVERY_HUNT
def test_a_hunt_has_a_hit_and_a_miss(query: sql.Query) -> None:
    """A hunt that was never seen to find, or not to find, may be blind or may cry wolf."""
    of_hunt = [bool(case.rows) for case in CASES if case.hunt == query.relation]
    assert set(of_hunt) == {True, False}


@EVERY_HUNT
def test_a_hunt_says_what_it_is(query: sql.Query) -> None:
    """Severity, technique, blind spots, every parameter, and a window of time."""
    assert query.severity in SEVERITIES
    assert query.technique.startswith("T1")
    assert query.blind_spots.endswith(".")
    assert {parameter.name for parameter in query.declared} == set(query.parameters)
    assert all(parameter.sentence.endswith(".") for parameter in query.declared)
    assert {"since", "until"} <= set(query.parameters)


def test_there_are_at_least_twelve() -> None:
    """The incident questions of a first night."""
    assert len(HUNTS) >= 12
