"""Every hunt finds what it is for, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline import sql
from pipeline.report import SEVERITIES
from pipeline.reports.query import query_report, read_catalogue
from tests.front.facts import at
from tests.front.hunts import CASES, Case
from tests.front.tracing import warehouse_of
from tests.world.scenarios.scenario import Cast
from tests.world.world import World

HUNTS = {name: query for name, query in sql.catalogue().items() if name.startswith("hunts/")}
EVERY_HUNT = pytest.mark.parametrize("query", HUNTS.values(), ids=HUNTS.keys())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.hunt}: {case.fact}")
def test_a_hunt_finds_its_rows(case: Case) -> None:
    """Exactly the expected rows, each with the columns that matter; none for a miss. Nothing
    before the story began and nothing after it was over: the worlds begin on 2026-11-20.
    """
    cast = Cast(World(case.fact))
    given = case.play(cast) or {}
    begin = at("08:00:00")
    end = begin + timedelta(days=400)
    warehouse = warehouse_of(cast.world)
    query = read_catalogue().find(case.hunt)

    def found(**window: object) -> list[dict[str, object]]:
        return list(query_report(warehouse, query, given | window).tables[0].rows())

    rows = found()
    assert len(rows) == len(case.rows), rows
    assert found(since=begin, until=end) == rows
    if rows:
        assert found(until=begin) == []
        assert found(since=end) == []
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
