"""Night by night gives what one build from nothing gives, whatever came on which night."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.crowd import crowd, in_accounts
from tests.attribution.mixed import mix
from tests.attribution.nights import EXAMPLES, Models, Nights, differences
from tests.attribution.worlds import RawWorld
from tests.world.big import days
from tests.world.model import Record
from tests.world.scenarios.scenario import Cast, use
from tests.world.signin import console_call, console_from_credentials
from tests.world.sts import assume_role, like
from tests.world.times import iso
from tests.world.world import World


def built(*nights: list[Record]) -> Models:
    """All models after these nights, and the facts that were first seen in them."""
    lake = Nights()
    for records in nights:
        lake.build(records)
    return models_of(lake)


def models_of(lake: Nights) -> Models:
    """All models of a lake, and the facts that were first seen in it."""
    return {**lake.models(), "first_seen": lake.facts()}


def dealt(records: list[Record], nights: int, dice: Random) -> list[list[Record]]:
    """The records split into nights: at random, by time, or the issuing calls first or last."""
    orders: tuple[Callable[[Record], object], ...] = (
        lambda _: dice.random(),
        lambda _: dice.random(),
        lambda record: record["eventTime"],
        lambda record: (record["eventName"].startswith("Assume"), dice.random()),
        lambda record: (not record["eventName"].startswith("Assume"), dice.random()),
    )
    ordered = sorted(records, key=dice.choice(orders))  # type: ignore[arg-type]
    cuts = sorted(dice.randint(0, len(ordered)) for _ in range(nights - 1))
    return [ordered[a:b] for a, b in pairwise([0, *cuts, len(ordered)])]


@pytest.fixture(scope="module")
def everything() -> list[Record]:
    """The records of all scenarios, each in accounts of its own."""
    return [record for played in crowd().values() for record in played.records]


@pytest.fixture(scope="module")
def at_once(everything: list[Record]) -> Models:
    """The models of all scenarios, built at once."""
    return built(everything)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), nights=st.integers(2, 4))
def test_all_scenarios_in_any_nights(
    seed: int, nights: int, everything: list[Record], at_once: Models
) -> None:
    """Every record of every scenario on any night."""
    split = dealt(everything, nights, Random(seed))
    assert differences(built(*split), at_once) == {}


@settings(max_examples=EXAMPLES)
@given(
    seed=st.integers(0, 10**6),
    lost=st.sampled_from((0.0, 0.1, 0.5)),
    nights=st.integers(2, 4),
    size=st.integers(50, 1500),
)
def test_random_organisations_in_any_nights(seed: int, lost: float, nights: int, size: int) -> None:
    """A small random organisation, any record on any night."""
    records = [r for day in days(events=size, seed=seed, lost=lost) for r in day.records]
    split = dealt(records, nights, Random(seed))
    assert differences(built(*split), built(records)) == {}


@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 10**9), nights=st.integers(2, 4))
def test_damaged_records_in_any_nights(seed: int, nights: int) -> None:
    """Mixes of scenarios with times, keys, callers and copies gone astray; worlds of rivals."""
    worlds = {f"mix('{seed}-{n}')": mix(f"{seed}-{n}", n) for n in range(1, 91)}
    worlds |= {
        f"RawWorld('{seed}-{n}')": RawWorld(f"{seed}-{n}", n).records for n in range(100, 190)
    }
    dice = Random(seed)
    splits = {name: dealt(records, nights, dice) for name, records in worlds.items()}
    wanted = built([record for records in worlds.values() for record in records])
    all_nights = [[r for split in splits.values() for r in split[n]] for n in range(nights)]
    if wrong := differences(built(*all_nights), wanted):
        alone = {
            name: found
            for name, records in worlds.items()
            if (found := differences(built(*splits[name]), built(records)))
        }
        assert alone == {}
        assert wrong == {}


def near(
    world: World, *, seconds: int, other_key: bool = False, gap: int = 1
) -> tuple[Record, Record, Record]:
    """An AssumeRole, a use whose session began a gap later, and a use in a session that began so
    many seconds later, with the issued key or with another.
    """
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "x")
    assert hat.issue is not None
    assert hat.creation is not None
    beside = like(hat, creation=hat.creation + gap, key=world.ids.access_key("ASIA", "2" * 12))
    holder = like(hat, creation=hat.creation + seconds)
    if other_key:
        holder.key = world.ids.access_key("ASIA", "3" * 12)
    return hat.issue.call.record, use(beside).record, use(holder).record


def test_a_call_that_is_explained_later_is_not_near_anybody() -> None:
    """A near-second link goes when the session itself turns up: with the issued key or another,
    in the call's second or beside it, whether the call names its principal or not.
    """
    calls: list[Record] = []
    besides: list[Record] = []
    holders: list[Record] = []
    ways = product([(0, False), (0, True), (-1, False), (2, False)], [True, False], [1, -2])
    for number, ((seconds, other_key), names_principal, gap) in enumerate(ways, start=1):
        world = World(f"near {number}")
        call, *uses = near(world, seconds=seconds, other_key=other_key, gap=gap)
        if not names_principal:
            del call["responseElements"]["assumedRoleUser"]
        for records, record in zip((calls, besides, holders), (call, *uses), strict=True):
            records.append(in_accounts(record, number))
    lake = Nights()
    lake.build([*calls, *besides])
    found = {row["principal_id"] for row in lake.models()["loose_candidates"]}
    assert found == {record["userIdentity"]["principalId"] for record in besides}
    assert len(found) == 16
    at_once = built([*calls, *besides, *holders])
    assert at_once["loose_candidates"] == []
    lake.build(holders)
    assert differences(models_of(lake), at_once) == {}


def test_a_call_that_is_no_longer_explained_is_near_again() -> None:
    """A use before its issue takes the key's proof away, and the near session gets the call."""
    world = World(2)
    call, beside, holder = near(world, seconds=2)
    early = holder | {"eventID": world.ids.uuid(), "eventTime": "2026-11-01T00:00:00Z"}
    at_once = built([call, beside, holder, early])
    assert at_once["loose_candidates"] != []
    assert differences(built([call, beside, holder], [early]), at_once) == {}


def test_a_session_that_turns_out_to_be_of_another_role() -> None:
    """Records that contradict each other about the role: the near session gets the call."""
    world = World(2)
    call, beside, holder = near(world, seconds=0, other_key=True)
    del call["responseElements"]["assumedRoleUser"]
    other = json.loads(json.dumps(holder))
    other["eventID"] = world.ids.uuid()
    other["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] += "-other"
    at_once = built([call, beside, holder, other])
    assert at_once["loose_candidates"] != []
    assert differences(built([call, beside, holder], [other]), at_once) == {}


def test_a_user_who_was_renamed() -> None:
    """One user id, two names on two nights: the calls known by the id alone follow."""
    world = World(3)
    cast = Cast(world)
    first = use(cast.alice)
    hat = assume_role(cast.alice, cast.break_glass, "x")
    renamed = like(cast.alice, user_name="zoe", arn=cast.alice.arn.replace("alice", "zoe"))
    then = use(renamed)
    assert hat.issue is not None
    assert hat.issue.owner_copy is not None
    before = [first.record, hat.issue.owner_copy.record, use(hat).record]
    at_once = built([*before, then.record])
    assert differences(built(before, [then.record]), at_once) == {}


def test_an_oauth_token_that_comes_later() -> None:
    """A session known by its sign-in session alone is linked when CreateOAuth2Token arrives."""
    world = World(4)
    cast = Cast(world)
    arn = f"arn:aws:signin:us-east-1:{cast.security.id}:session/{world.ids.uuid()}"
    hat = assume_role(cast.alice, cast.analyst, "x")
    use(hat)
    assert hat.creation is not None
    call = world.call(
        hat, "signin", "CreateOAuth2Token", key=None, additional={"signInSessionArn": arn}
    )
    later = like(hat, creation=hat.creation + 900, key=world.ids.access_key("ASIA", "4" * 12))
    later.context = {"signInSessionArn": arn}
    made = use(later)
    rest = [e.record for e in world.events if e not in (call, made)]
    at_once = built([*rest, call.record, made.record])
    assert at_once["loose_candidates"] != []
    assert differences(built([*rest, made.record], [call.record]), at_once) == {}


def test_a_sign_in_token_redeemed_after_midnight() -> None:
    """GetSigninToken of one day comes later than the console session that it made on the next."""
    world = World(5, start="2026-11-20T23:59:47Z")
    cast = Cast(world)
    cli = assume_role(cast.alice, cast.analyst, "x")
    console = console_from_credentials(cli)
    console_call(console, "ec2", "DescribeInstances")
    assert console.issue is not None
    call = console.issue.call.record
    assert console.creation is not None
    assert call["eventTime"] < "2026-11-21" <= iso(console.creation)
    rest = [record for record in world.records() if record is not call]
    at_once = built([*rest, call])
    assert at_once["loose_candidates"] != []
    assert differences(built(rest, [call]), at_once) == {}


def test_rivals_of_rivals() -> None:
    """Two people in one session name and second, and each goes on to one role, name and second:
    the later sessions are told apart by the keys, also where the earlier ones are settled.
    """
    world = World(6)
    cast = Cast(world)
    now = world.tick()
    pair = [assume_role(by, cast.analyst, "ops", at=now) for by in (cast.alice, cast.bob)]
    later = now + 60
    other = cast.role(cast.security, "Other")
    made = [use(assume_role(hat, other, "ops", at=later)).record for hat in pair]
    rest = [record for record in world.records() if record not in made]
    at_once = built([*rest, *made])
    assert {row["is_split"] for row in at_once["session_ids"]} == {True}
    assert differences(built(rest, made), at_once) == {}
    assert differences(built(rest, made[:1], made[1:]), at_once) == {}
