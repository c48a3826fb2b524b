"""Facts about the worlds: their records look like CloudTrail's, and their truth is sound."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.world.big import days, write_files
from tests.world.expected import expected
from tests.world.ids import Ids, account_of_key
from tests.world.model import Event, Record
from tests.world.scenarios import SCENARIOS, Scenario, last, told
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.score import score
from tests.world.sts import assume_role
from tests.world.times import expiration_text, iso, seconds
from tests.world.world import World

ALWAYS = {
    "Root": {"principalId", "arn", "accountId"},
    "IAMUser": {"principalId", "arn", "accountId", "userName"},
    "AssumedRole": {"principalId", "arn", "accountId", "sessionContext"},
    "FederatedUser": {"principalId", "arn", "accountId", "accessKeyId", "sessionContext"},
    "AWSAccount": {"principalId", "accountId"},
    "AWSService": {"invokedBy"},
    "SAMLUser": {"principalId", "userName", "identityProvider"},
    "WebIdentityUser": {"principalId", "userName", "identityProvider"},
    "IdentityCenterUser": {"accountId", "onBehalfOf", "credentialId"},
}
SOMETIMES = {
    "Root": {"accessKeyId", "userName", "sessionContext", "invokedBy"},
    "IAMUser": {"accessKeyId", "sessionContext", "invokedBy"},
    "AssumedRole": {"accessKeyId", "invokedBy", "onBehalfOf", "inScopeOf"},
    "FederatedUser": {"invokedBy"},
}
REQUIRED = {"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion"}
REQUIRED |= {"sourceIPAddress", "eventID", "eventType", "recipientAccountId", "eventCategory"}
REQUIRED |= {"requestID", "readOnly", "managementEvent", "requestParameters", "responseElements"}


@pytest.fixture(scope="module")
def all_events() -> list[Event]:
    """Every event of every scenario, and of a day of a random organisation."""
    played = [event for s in SCENARIOS for event in s.world().events]
    return played + [event for day in days(events=6_000, seed=5) for event in day.events]


def copies(events: Iterable[Event]) -> Iterator[tuple[Record, Record]]:
    """Caller's copy and role owner's copy of each cross-account call."""
    return ((e.copy_of.record, e.record) for e in events if e.copy_of is not None)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_scenario_says_what_was_written_by_hand(scenario: Scenario) -> None:
    """The answer worked out for a scenario's last event is the one that a person wrote."""
    assert told(last(scenario.world())) == scenario.answer


def test_identities_follow_the_presence_matrix(all_events: list[Event]) -> None:
    """Each type of identity has the fields of semantics.md 1.3, and no others."""
    odd = []
    for event in all_events:
        who = event.record["userIdentity"]
        if event.record.get("errorMessage") == "Failed authentication":
            continue
        kind, fields = who["type"], set(who) - {"type"}
        if ALWAYS[kind] - fields or fields - ALWAYS[kind] - SOMETIMES.get(kind, set()):
            odd.append((kind, sorted(fields)))
    assert odd == []


def test_records_have_the_common_fields(all_events: list[Event]) -> None:
    """No record lacks a field that every CloudTrail record has."""
    assert [e.record for e in all_events if REQUIRED - set(e.record)] == []


def test_event_ids_are_unique(all_events: list[Event]) -> None:
    """One eventID, one record."""
    assert len({event.id for event in all_events}) == len(all_events)


def test_temporary_keys_come_with_a_session(all_events: list[Event]) -> None:
    """ASIA keys have a creationDate, not later than the call; AKIA keys have none."""
    for event in all_events:
        who = event.record["userIdentity"]
        created = who.get("sessionContext", {}).get("attributes", {}).get("creationDate")
        key = who.get("accessKeyId") or ""
        assert not (key.startswith("ASIA") and created is None)
        assert not (key.startswith("AKIA") and created is not None)
        assert created is None or created <= event.record["eventTime"]


def test_role_sessions_are_created_when_they_are_issued(all_events: list[Event]) -> None:
    """A session's creationDate is the second of the call that issued it."""
    for event in all_events:
        session = event.session
        if session is None or session.issue is None or session.user_type == "IAMUser":
            continue
        if session.issue.call.record["eventName"] != "GetSigninToken":
            assert iso(session.creation or 0) == session.issue.call.record["eventTime"]


def test_copies_of_a_call_agree(all_events: list[Event]) -> None:
    """Both copies share ids, time and response; only the recipient and the caller differ."""
    same = ("requestID", "sharedEventID", "eventTime", "responseElements", "sourceIPAddress")
    pairs = list(copies(all_events))
    assert pairs
    for caller, owner in pairs:
        assert [caller[f] for f in same] == [owner[f] for f in same]
        assert caller["eventID"] != owner["eventID"]
        assert caller["recipientAccountId"] != owner["recipientAccountId"]
        assert caller["userIdentity"]["principalId"] == owner["userIdentity"]["principalId"]


def test_failed_calls_have_no_response(all_events: list[Event]) -> None:
    """A call with an errorCode issued nothing."""
    failed = [e.record for e in all_events if "errorCode" in e.record]
    assert failed
    assert [r for r in failed if r["responseElements"] is not None] == []


def test_services_without_assumed_role_user(all_events: list[Event]) -> None:
    """AssumeRole by ec2, lambda and ecs-tasks answers with credentials only, and is shared."""
    silent = {"ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"}
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for event in all_events:
        who = event.record["userIdentity"]
        if event.record["eventName"] == "AssumeRole" and who.get("invokedBy") in silent:
            seen[who["invokedBy"]] |= set(event.record["responseElements"])
            assert "sharedEventID" in event.record
    assert seen == {service: {"credentials"} for service in silent}


def test_same_seed_same_world() -> None:
    """A world is fixed by its seed, and another seed is another world."""
    scenario = SCENARIOS[0]
    assert scenario.world(1).records() == scenario.world(1).records()
    assert scenario.world(1).records() != scenario.world(2).records()


def test_keys_carry_their_account() -> None:
    """An access key id decodes to its account (semantics.md section 6)."""
    key = Ids(1).access_key("AKIA", "012345678901")
    assert (len(key), account_of_key(key)) == (20, "012345678901")


def test_times_read_as_cloudtrail_writes_them() -> None:
    """ISO to the second, and the expiration as US text."""
    at = seconds("2023-07-10T13:28:26Z")
    assert iso(at) == "2023-07-10T13:28:26Z"
    assert expiration_text(at) == "Jul 10, 2023, 1:28:26 PM"
    assert expiration_text(at, comma=False) == "Jul 10, 2023 1:28:26 PM"


def test_written_files_hold_the_delivered_records(tmp_path: Path) -> None:
    """What is written is what is delivered, in S3's layout, whatever the order."""
    world = World(3)
    world.org_id = "o-abcdefghij"
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    use(hat)
    lose_issue(hat)
    paths = world.write(tmp_path, duplicated_files=1)
    found = [r for p in paths for r in json.loads(gzip.decompress(p.read_bytes()))["Records"]]
    assert len(found) == 2
    assert found[0] == found[1] == world.records()[0]
    assert "/o-abcdefghij/300000000003/CloudTrail/us-east-1/2026/11/20/" in paths[0].as_posix()


def test_score_of_the_right_answers_is_perfect() -> None:
    """Rows that repeat the expected answers have no fault."""
    day = next(days(events=3_000, seed=2))
    rows = {
        e.event_id: {
            "actor_kind": e.shown.kind if e.shown else "unresolved",
            "actor_account": e.shown.account if e.shown else None,
            "actor_name": e.shown.name if e.shown else None,
            "chain": list(e.shown_chain),
            "evidence": "none" if e.provable == "unresolved" else e.provable,
        }
        for e in day.truth.values()
    }
    found = score(day.truth.values(), rows)
    assert (found.precision, found.recall, found.chains) == (1.0, 1.0, 1.0)
    assert not found.overclaimed


def test_score_sees_wrong_names_gaps_and_chains() -> None:
    """Each kind of fault is counted as what it is."""
    cast = Cast(World(4))
    first = use(assume_role(cast.alice, cast.analyst, "x"))
    second = use(assume_role(cast.bob, cast.analyst, "y"))
    third = use(assume_role(cast.bob, cast.analyst, "z"))
    row = {"actor_kind": "iam-user", "actor_account": cast.security.id, "evidence": "proven"}
    rows: dict[str, dict[str, object]] = {
        first.id: row | {"actor_name": "bob", "chain": [cast.analyst.arn]},
        second.id: row | {"actor_name": "bob", "chain": []},
        third.id: {"actor_kind": "unresolved", "actor_name": None, "chain": [], "evidence": "none"},
    }
    answers = [expected(cast.world)[e.id] for e in (first, second, third)]
    found = score(answers, rows)
    assert (found.wrong, found.bad_chain) == ([first.id], [second.id])
    assert found.missed == [first.id, third.id]


def test_big_world_has_the_size_asked_for(tmp_path: Path) -> None:
    """Exactly so many events, so many a file, with one line of truth each."""
    written = write_files(tmp_path, events=2_500, per_file=1_000, events_per_day=2_000)
    paths = sorted((tmp_path / "trail").rglob("*.json.gz"))
    sizes = [len(json.loads(gzip.decompress(p.read_bytes()))["Records"]) for p in paths]
    assert (written.events, written.files, sum(sizes), len(sizes)) == (2_500, 3, 2_500, 3)


def test_big_world_mixes_every_grade_and_kind() -> None:
    """A day has all evidence grades and all kinds of actors, known and hidden."""
    truth = [e for day in days(events=20_000, seed=3) for e in day.truth.values()]
    assert {e.provable for e in truth} == {
        "direct", "proven", "matched", "ambiguous", "unresolved",
    }  # fmt: skip
    kinds = {e.shown.kind for e in truth if e.shown}
    assert kinds >= {"iam-user", "workload", "web-identity", "external-account", "aws-service"}
    assert max(len(e.chain) for e in truth) > 8
