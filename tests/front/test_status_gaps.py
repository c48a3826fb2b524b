"""`status` says how much is known, and why not the rest."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from pipeline.render import render
from pipeline.reports.gaps import GAPS
from pipeline.reports.status import status_report
from tests.front.tracing import played, warehouse_of
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import assume_role
from tests.world.world import World


def status(world: World) -> dict[str, list[dict[str, Any]]]:
    document = json.loads(render(status_report(warehouse_of(world), "LAKE"), "json"))
    tables: dict[str, list[dict[str, Any]]] = document["tables"]
    return tables


@pytest.mark.parametrize(
    ("scenario", "reason", "missing"),
    [
        ("assume-role/chained/second-lost", "issuing-call-not-in-the-lake", "200000000002"),
        ("accounts/from-elsewhere", "caller-account-not-ingested", "900000000009"),
        ("console/switch/same-second", "ambiguous", "300000000003"),
        ("console/wrong-password", "failed-sign-in", None),
        ("account-access/unmarked", "account-access-manager", None),
        ("accounts/owner-copy/alone", "outside-account", "200000000002"),
    ],
)
def test_each_reason_is_counted_with_what_would_close_it(
    scenario: str, reason: str, missing: str | None
) -> None:
    """By name for programs, in words for people."""
    reasons = {row["reason"]: row for row in status(played(scenario))["reasons"]}
    assert reason in reasons
    assert reasons[reason]["events"] >= 1
    assert reasons[reason]["closed_by"] == GAPS[reason].closes
    if missing:
        assert missing in reasons[reason]["missing_accounts"]


def test_before_the_lake_is_a_reason_of_its_own() -> None:
    """The session is older than the account's first event in the lake."""
    world = World("early")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    world.withhold(*world.events)
    use(hat)
    (row,) = status(world)["reasons"]
    assert row["reason"] == "before-the-lake"


def test_shares_by_account_add_up() -> None:
    """Every event has one grade; known is what names a person or machine."""
    (row,) = status(played("assume-role/by-user/lost"))["attribution"]
    grades = ("direct", "proven", "matched", "ambiguous", "claimed", "no_evidence")
    assert sum(row[grade] for grade in grades) == row["events"]
    assert row["known_percent"] == 0.0
    (row, *_) = status(played("assume-role/chained"))["attribution"]
    assert row["known_percent"] == 100.0


def test_everything_known_leaves_no_reason() -> None:
    """And no integrity finding."""
    tables = status(played("assume-role/source-identity"))
    assert tables["reasons"] == []
    assert "source_identity_changes" not in tables


def test_a_changed_source_identity_is_reported() -> None:
    """Inside a session, or from its parent."""
    world = World("forged")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "x", source_identity="alice")
    use(hat)
    forged = use(hat).record
    forged["userIdentity"] = copy.deepcopy(forged["userIdentity"])
    forged["userIdentity"]["sessionContext"]["sourceIdentity"] = "mallory"
    (change,) = status(world)["source_identity_changes"]
    assert change["differs_from"] == "session"
    assert {change["source_identity"], change["other_source_identity"]} == {"alice", "mallory"}
