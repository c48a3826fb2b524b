"""The SQL and a slow, obvious walker say the same of small random worlds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attribution.nights import EXAMPLES, Row, attributed
from tests.attribution.oracle import Oracle, Said
from tests.attribution.worlds import RawWorld
from tests.world.model import Record
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import assume_role, like
from tests.world.world import World

WORLDS = 240
"""Worlds in one build, each with ids of its own: planning the SQL costs more than running it."""


def differences(records: list[Record], rows: dict[str, Row]) -> dict[str, tuple[Said, Said]]:
    """Event id -> what the oracle says and what the SQL says, where they differ."""
    oracle = Oracle(records)
    found = {}
    for record in records:
        row = rows[record["eventID"]]
        told = Said(row["actor_kind"], row["actor_name"], tuple(row["chain"]), row["evidence"])
        if (wanted := oracle.answer(record)) != told:
            found[record["eventID"]] = (wanted, told)
    return found


@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 10**9))
def test_sql_and_oracle_agree(seed: int) -> None:
    """Kind, name, chain and evidence of every event of many worlds."""
    worlds = {f"RawWorld({seed}-{n})": RawWorld(f"{seed}-{n}", n).records for n in range(WORLDS)}
    rows = attributed(record for records in worlds.values() for record in records)
    wrong = {name: differences(records, rows) for name, records in worlds.items()}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_worlds_are_worth_it() -> None:
    """They hold every grade, chains of several hops, and events of every kind of actor."""
    worlds = [RawWorld(f"worth-{n}", n).records for n in range(180)]
    rows = attributed(record for records in worlds for record in records).values()
    assert {row["evidence"] for row in rows} >= {
        "direct", "proven", "matched", "ambiguous", "claimed",
    }  # fmt: skip
    assert {row["actor_kind"] for row in rows} == {
        "iam-user", "saml-user", "workload", "aws-service", "external-account", "unresolved",
    }  # fmt: skip
    assert max(row["hops"] for row in rows) > 3


def test_a_key_that_issued_itself_shows_when_both_copies_are_there() -> None:
    """The owner's copy shows no key of the caller's; the key in its answer proves nothing."""
    cast = Cast(World("itself"))
    look = assume_role(cast.alice, cast.analyst, "x")
    hat = assume_role(look, cast.break_glass, "x", key=look.key)
    assert hat.creation is not None
    later = use(like(hat, creation=hat.creation + 100))
    row = attributed(cast.world.records())[later.id]
    assert (row["actor_kind"], row["evidence"]) == ("unresolved", "claimed")
