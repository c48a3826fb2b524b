"""What `trace` takes an id for, and what it says when that is not clear."""

from __future__ import annotations

import pytest

from pipeline.errors import RolecallError, UsageError
from pipeline.warehouse import Warehouse
from tests.front.tracing import key_of, last_event, played, trace, warehouse_of
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import assume_role
from tests.world.world import World


def test_every_kind_of_id_is_taken_for_what_it_is(
    three_levels: tuple[Warehouse, Credential, Credential, Credential],
) -> None:
    """By its shape, and by what is found."""
    warehouse, _, first, _ = three_levels
    found = trace(warehouse, key_of(first))
    session = found.rows("down")[0]["id"]
    assert first.issue is not None
    kinds = {
        wanted: trace(warehouse, wanted).document["parameters"]["kind"]
        for wanted in (
            key_of(first),
            session,
            session[:6],
            first.issue.call.id,
            "arn:aws:iam::200000000002:role/Analyst",
            "arn:aws:sts::200000000002:assumed-role/Analyst/alice",
            "arn:aws:iam::200000000002:user/alice",
            "alice",
            "ALICE",
            "breakglass",
            "203.0.113.10",
            first.principal_id,
        )
    }
    assert list(kinds.values()) == [
        *("access key", "session", "session", "event"),
        *("ARN", "ARN", "ARN"),
        *("actor", "actor", "role", "source address", "principal id"),
    ]


@pytest.mark.parametrize("name", ["AKIA", "AKIAROTATOR"])
def test_a_name_that_begins_like_a_key_is_a_name(name: str) -> None:
    """A role may be called so; so may half a key be given."""
    world = World("named like a key")
    cast = Cast(world)
    use(assume_role(cast.alice, cast.analyst, name))
    assert trace(world, name).document["parameters"]["kind"] == "session name"
    with pytest.raises(RolecallError, match="nothing in the lake is the actor, role"):
        trace(world, f"{name}X")


def test_an_id_that_means_several_gives_all_of_them() -> None:
    """The overview names who is behind each, oldest first."""
    world = World("several")
    cast = Cast(world)
    for number in range(7):
        use(assume_role(cast.alice if number % 2 else cast.bob, cast.analyst, f"n{number}"))
    rows = trace(world, cast.analyst.arn).rows("overview")
    assert [row["actor_name"] for row in rows] == ["bob", "alice"] * 3 + ["bob"]


def test_a_session_name_is_found_and_called_no_proof() -> None:
    """When nobody is called so."""
    world = World("named")
    cast = Cast(world)
    use(assume_role(cast.bob, cast.analyst, "mallory"))
    traced = trace(world, "mallory")
    assert "only call themselves so; it is no proof" in traced.report.notes[0]
    assert traced.rows("up")[0]["actor_name"] == "bob"


def test_nothing_found_says_what_was_searched() -> None:
    """Exit code 1, with the next step."""
    world = played("assume-role/by-user")
    with pytest.raises(RolecallError) as caught:
        trace(world, "nobody-here")
    assert caught.value.exit_code == 1
    assert "actor, role, session name or source address 'nobody-here'" in str(caught.value)
    assert "rolecall status" in str(caught.value)
    with pytest.raises(RolecallError, match="is the access key 'ASIAAAAAAAAAAAAAAAAA'"):
        trace(world, "ASIAAAAAAAAAAAAAAAAA")


def test_the_beginning_of_several_sessions_lists_them() -> None:
    """Each with who and when; an empty id is refused."""
    world = World("many")
    cast = Cast(world)
    for number in range(60):
        use(assume_role(cast.alice, cast.analyst, f"n{number}"))
    warehouse = warehouse_of(world)
    ids = warehouse.query("reports/trace_sessions", {"actor": "alice"})["session_id"].to_list()
    ids.sort()
    with pytest.raises(UsageError, match="give an access key"):
        trace(warehouse, " ")
    # Sixty ids of sixteen digits: two begin alike, but four digits seldom do.
    warehouse.register(
        "sessions",
        warehouse.table("sessions").set_column(
            warehouse.table("sessions").schema.get_field_index("session_id"),
            "session_id",
            [[f"abcd{number:012}" for number in range(60)]],
        ),
    )
    with pytest.raises(UsageError, match="60 sessions begin with 'abcd': "):
        trace(warehouse, "abcd")


def test_an_event_without_a_session_leads_to_what_it_issued() -> None:
    """AssumeRoleWithSAML is made by nobody's session; the session it issued is traced."""
    world = played("saml/cli")
    issue = next(e for e in world.events if e.record["eventName"] == "AssumeRoleWithSAML")
    traced = trace(world, issue.id)
    assert "this is what it issued" in traced.report.notes[0]
    assert traced.rows("up")[0]["actor_kind"] == "saml-user"


def test_a_refused_sign_in_is_an_event_without_more() -> None:
    """It issued nothing; the message leads to the record."""
    world = played("console/wrong-password")
    with pytest.raises(RolecallError, match="rolecall show"):
        trace(world, last_event(world))
