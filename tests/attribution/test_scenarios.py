"""Every scenario: nobody is named wrongly, and whom the records show is named as they show."""

from __future__ import annotations

import json

import pytest

from tests.attribution.crowd import Played, crowd, restore
from tests.attribution.nights import Row, attributed, warehouse_of
from tests.world.expected import Expected
from tests.world.scenarios import SCENARIOS, Scenario
from tests.world.score import score

OTHERWISE = {
    # A key id that may be anybody's proves nothing: Alice's own session is matched.
    "assume-role/placeholder-key": "unresolved claims x: Other",
    "assume-role/placeholder-key/same-session": "matched iam-user alice: Analyst",
    # The user's id in the owner's copy is Alice's, whom other records name.
    "accounts/one-copy-lost": "proven iam-user alice: BreakGlass",
    # SwitchFrom is the user's ARN.
    "console/switch/account-missing": "matched iam-user alice: BreakGlass",
    # Two living sessions fit SwitchFrom: `ambiguous` says more than `claimed`.
    "console/switch/from-role/rivals": "ambiguous claims alice@example.com: BreakGlass",
}
"""Scenarios where some event gets another answer than the world's, which is at least as good:
that of the last event, by hand.
"""

Rows = dict[str, Row]
BY_NAME = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)


@pytest.fixture(scope="module")
def rows() -> Rows:
    """What one build says of all scenarios together."""
    return attributed(record for played in crowd().values() for record in played.records)


def of(played: Played, rows: Rows) -> Rows:
    """The rows of one scenario, in the accounts that its truth names."""
    own = {event_id: rows[event_id] for event_id in played.answers}
    restored: Rows = json.loads(restore(json.dumps(own), played.number))
    return restored


def said(row: Row, answer: Expected) -> str:
    """A row in the words of `tests.world.scenarios.told`; of names that mean the same, the
    answer's.
    """
    roles = " > ".join(arn.rsplit("/", 1)[-1] for arn in row["chain"])
    shown = answer.shown
    grade = "unresolved" if row["evidence"] in {"claimed", "none"} else row["evidence"]
    if shown is not None and shown.is_named(row["actor_kind"], row["actor_name"]):
        who = f"{shown.kind} {shown.name}"
    elif row["evidence"] == "ambiguous" and answer.candidates:
        who = " or ".join(answer.candidates)
    elif row["actor_kind"] == "unresolved":
        who = f"claims {row['claimed_actor']}"
    else:
        who = f"{row['actor_kind']} {row['actor_name']}"
    return f"{grade} {who}: {roles}".removesuffix(": ")


@BY_NAME
def test_the_last_event_gets_the_answer_written_by_hand(scenario: Scenario, rows: Rows) -> None:
    """Grade, actor or claim, and chain."""
    played = crowd()[scenario.name]
    row = of(played, rows)[played.last]
    answer = said(row, played.answers[played.last])
    assert answer == OTHERWISE.get(scenario.name, scenario.answer)


@BY_NAME
def test_no_event_is_named_wrongly_or_missed(scenario: Scenario, rows: Rows) -> None:
    """Right names and chains for every event, and no better grade than there is evidence."""
    played = crowd()[scenario.name]
    found = score(played.answers.values(), of(played, rows))
    assert found.events == len(played.records)
    assert (found.wrong, found.missed, found.bad_chain) == ([], [], [])
    assert (found.overclaimed, found.absent) == ([], [])


@BY_NAME
def test_the_grade_is_the_expected_one(scenario: Scenario, rows: Rows) -> None:
    """`direct`, `proven`, `matched`, `ambiguous`: the word that the evidence deserves."""
    played = crowd()[scenario.name]
    grades = {
        (answer.provable, grade)
        for event_id, answer in played.answers.items()
        if (grade := rows[event_id]["evidence"]) != answer.provable
    }
    if scenario.name not in OTHERWISE:
        assert grades <= {("unresolved", "claimed"), ("unresolved", "none")}


def test_nobody_is_named_where_nothing_is_known(rows: Rows) -> None:
    """A caller-chosen name is never an actor, and unresolved names nobody."""
    for played in crowd().values():
        for event_id, answer in played.answers.items():
            row = rows[event_id]
            if row["actor_kind"] == "unresolved":
                assert (row["actor_name"], row["actor_account"], row["actor_arn"]) == (None,) * 3
            if answer.claimed and row["evidence"] == "claimed":
                assert (row["claimed_actor"], row["actor_kind"]) == (answer.claimed, "unresolved")


def test_both_of_two_rivals_are_candidates() -> None:
    """Same role, name and second: where no key tells them apart, both callers are listed."""
    played = crowd()["assume-role/same-second/no-key"]
    with warehouse_of(played.records) as warehouse:
        found = warehouse.sql("select candidates from sessions where evidence = 'ambiguous'")
    names = [arn.rsplit("/", 1)[-1] for arn in found["candidates"][0]]
    assert names == ["alice", "bob"]
