"""The keys report: which credentials there are, how urgent each is, and what came out of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline.report import Report
from pipeline.reports.keys import long_term_keys_table
from pipeline.warehouse import Warehouse
from tests.front.facts import at
from tests.front.keying import Keys, keys
from tests.front.tracing import key_of, warehouse_of
from tests.world.forward import forwarded
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, use
from tests.world.signin import console_call, console_login, failed_login, switch_role
from tests.world.sts import (
    access_key,
    assume_role,
    get_federation_token,
    get_session_token,
)
from tests.world.times import DAY
from tests.world.world import World

ADMINISTERS = ("iam", "AttachUserPolicy")


@pytest.fixture
def cast() -> Cast:
    """Alice and bob with keys, a few roles, an empty log."""
    return Cast(World("keys"))


def row_of(cast: Cast, credential: Credential) -> dict[str, Any]:
    return keys(cast.world).of(key_of(credential))


def kinds(answer: Keys) -> dict[str, int]:
    return {row["credential_kind"]: row["events"] for row in answer.rows()}


# --- which credentials there are -------------------------------------------------------------


def test_an_access_key_with_its_use(cast: Cast) -> None:
    """Owner, first and last use, days, calls, denied, services, regions, where from."""
    use(cast.alice)
    use(cast.alice, denied=True)
    cast.world.tick(DAY)
    use(cast.alice, region="eu-west-1")
    row = row_of(cast, cast.alice)
    assert (row["actor_kind"], row["actor_name"]) == ("iam-user", "alice")
    assert (row["first_used"], row["last_used"]) == (
        "2026-11-20T08:00:05Z",
        "2026-11-21T08:00:15Z",
    )
    assert (row["days_used"], row["events"], row["denied"]) == (2, 3, 1)
    assert row["services"] == ["s3.amazonaws.com"]
    assert row["regions"] == ["eu-west-1", "us-east-1"]
    assert row["source_addresses"] == ["203.0.113.10"]
    assert (row["severity"], row["events_without_mfa"]) == ("low", 3)


def test_what_was_reached_through_chains(cast: Cast) -> None:
    """Every role and account below the key, each with what was done there; nothing twice."""
    first = assume_role(cast.alice, cast.analyst, "x")
    use(first)
    second = assume_role(first, cast.break_glass, "x")
    second.call("iam", "PutRolePolicy")
    answer = keys(cast.world)
    row = answer.of(key_of(cast.alice))
    assert row["roles"] == sorted([cast.analyst.arn, cast.break_glass.arn])
    assert row["accounts"] == ["200000000002", "300000000003"]
    assert (row["events"], row["all_events"]) == (1, 4)
    reached = answer.rows("reached")
    assert [(r["chain"], r["evidence"], r["events"]) for r in reached] == [
        ([cast.analyst.arn, cast.break_glass.arn], "proven", 1),
        ([cast.analyst.arn], "proven", 2),
    ]
    assert reached[0]["actions"][0]["action"] == "PutRolePolicy"
    assert "alice → Analyst → BreakGlass" in answer.text()


def test_own_sessions_belong_to_the_key_that_asked_for_them(cast: Cast) -> None:
    """GetSessionToken with MFA and a role from it; GetFederationToken under another name."""
    token = get_session_token(cast.alice, mfa=True)
    use(assume_role(token, cast.analyst, "x"))
    use(get_federation_token(cast.alice, "helper"))
    answer = keys(cast.world)
    row = answer.of(key_of(cast.alice))
    assert (row["events"], row["all_events"]) == (2, 5)
    assert row["events_without_mfa"] == 2
    assert {(r["reached_kind"], r["events_without_mfa"]) for r in answer.rows("reached")} == {
        ("session", 0),
        ("role", 0),
        ("federated", 1),
    }
    assert "alice → federated session helper" in answer.text()


def test_two_keys_of_one_user_are_two_credentials(cast: Cast) -> None:
    """Each with what came out of it."""
    other = access_key(cast.alice_user)
    use(assume_role(cast.alice, cast.analyst, "x"))
    use(other)
    answer = keys(cast.world)
    assert answer.of(key_of(cast.alice))["roles"] == [cast.analyst.arn]
    assert answer.of(key_of(other))["roles"] == []


def test_a_console_password_with_its_sessions_and_switched_roles(cast: Cast) -> None:
    """The sign-in, the calls of the console, the role switched to; a failed sign-in is no use."""
    failed_login(cast.bob_user)
    session = console_login(cast.bob_user)
    console_call(session, "ec2", "DescribeInstances")
    hat = switch_role(session, cast.analyst)
    console_call(hat, "ec2", "DescribeInstances")
    answer = keys(cast.world)
    row = answer.one()
    assert (row["credential"], row["actor_name"]) == ("console password", "bob")
    assert row["roles"] == [cast.analyst.arn]
    assert row["actions"][0]["action"] in ("AssumeRole", "ConsoleLogin", "DescribeInstances")
    assert row["source_addresses"][0] == "203.0.113.11"
    assert (row["severity"], row["events_without_mfa"]) == ("info", 0)


def test_what_a_service_does_for_somebody_is_no_known_credential(cast: Cast) -> None:
    """Forward access: the key that Athena derived could be of any credential of alice."""
    forwarded(cast.alice, "athena", "s3", "GetObject")
    (row,) = [r for r in keys(cast.world).rows() if r["credential_kind"] == "unknown"]
    assert (row["credential"], row["severity"]) == ("not shown in the log", "info")
    assert row["actor_name"] == "alice"


@pytest.mark.parametrize(("service", "call"), [("codecommit", "GitPush"), ("cassandra", "Select")])
def test_a_service_specific_credential(cast: Cast, service: str, call: str) -> None:
    """CodeCommit and Keyspaces without an access key."""
    cast.alice_user.call(service, call, key=None)
    row = keys(cast.world).one()
    assert row["credential_kind"] == "service-specific"
    assert row["credential"] == f"service credential ({service})"
    assert "probably" in row["reason"]


def test_the_same_call_with_an_access_key_is_the_keys(cast: Cast) -> None:
    """A CodeCommit call that a key signed."""
    cast.alice.call("codecommit", "GetRepository")
    assert kinds(keys(cast.world)) == {"access-key": 1}


BEARER = {"callWithBearerToken": True}


def test_a_bedrock_key_of_a_user_is_long_term(cast: Cast) -> None:
    """And is told apart from the user's access key."""
    use(cast.alice)
    cast.alice_user.call("bedrock", "InvokeModel", key=None, additional=BEARER)
    answer = keys(cast.world)
    assert kinds(answer) == {"access-key": 1, "api-key": 1}
    (row,) = [r for r in answer.rows() if r["credential_kind"] == "api-key"]
    assert (row["credential"], row["severity"]) == ("API key (bedrock)", "low")


def test_a_bedrock_key_of_a_role_is_short_term(cast: Cast) -> None:
    """No long-term credential: a table of its own, no finding; the call counts in the chain."""
    hat = assume_role(cast.alice, cast.analyst, "x")
    hat.call("bedrock", "InvokeModel", additional=BEARER)
    answer = keys(cast.world)
    assert kinds(answer) == {"access-key": 1}
    short = answer.one("short_term_api_keys")
    assert (short["chain"], short["evidence"], short["events"]) == (
        [cast.analyst.arn],
        "proven",
        1,
    )


def test_without_short_term_keys_there_is_no_table(cast: Cast) -> None:
    """Bedrock called with ordinary credentials."""
    assume_role(cast.alice, cast.analyst, "x").call("bedrock", "InvokeModel")
    assert keys(cast.world).rows("short_term_api_keys") == []


def test_the_short_form_for_the_demo(cast: Cast) -> None:
    """The same rows, ranked the same, with what matters most."""
    use(assume_role(cast.alice, cast.analyst, "x"))
    cast.bob.call(*ADMINISTERS)
    table = long_term_keys_table(warehouse_of(cast.world))
    assert [row["severity"] for row in table.rows()] == ["high", "low"]
    shown = {column.name for column in table.people_columns()}
    assert {"severity", "credential", "reason", "reached"} <= shown
    assert "tools" not in shown


def test_the_role_owners_copy_is_not_counted_again(cast: Cast) -> None:
    """AssumeRole into another account is recorded in both."""
    assume_role(cast.alice, cast.break_glass, "x")
    row = row_of(cast, cast.alice)
    assert (row["events"], row["all_events"]) == (1, 1)


def test_roles_of_machines_are_no_long_term_credentials() -> None:
    """A lake without users has nothing to say."""
    answer = keys(World("empty"))
    assert answer.rows() == []
    assert "no long-term credential used" in answer.text()


# --- what is asked for -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_people() -> Warehouse:
    """Alice reaches BreakGlass of another account; bob uses his key."""
    cast = Cast(World("two people"))
    use(assume_role(cast.alice, cast.break_glass, "x"))
    use(cast.bob)
    return warehouse_of(cast.world)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"actor": "ALI*"}, ["alice"]),
        ({"actor": "arn:aws:iam::200000000002:user/bob"}, ["bob"]),
        ({"role": "breakglass"}, ["alice"]),
        ({"role": "Break"}, []),
        ({"account": "300000000003"}, ["alice"]),
        ({"account": "200000000002"}, ["alice", "bob"]),
        ({"limit": 1}, ["alice"]),
    ],
)
def test_filters(two_people: Warehouse, wanted: dict[str, object], names: list[str]) -> None:
    """By owner, by a role reached, by an account of owner or call; counts stay whole."""
    rows = {row["actor_name"]: row for row in keys(two_people, **wanted).rows()}
    assert sorted(rows) == names
    if "alice" in names:
        assert rows["alice"]["all_events"] == 2


def test_what_is_cut_is_said_and_judged(two_people: Warehouse) -> None:
    """--limit hides rows, not findings."""
    report: Report = keys(two_people, limit=1).report
    assert "not shown: 1 less urgent credentials; --limit shows more" in report.notes
    assert report.severities == {"low": 2}


def test_nothing_that_matches_says_what_there_is(two_people: Warehouse) -> None:
    """A name that nobody has."""
    answer = keys(two_people, actor="alise")
    assert answer.rows() == []
    assert "actors that look alike: alice" in answer.report.notes[0]


def test_more_chains_than_are_shown(cast: Cast) -> None:
    """Twenty each; the credential's row has all roles."""
    for number in range(22):
        use(assume_role(cast.alice, cast.role(cast.security, f"R{number:02}"), "x"))
    answer = keys(cast.world)
    assert len(answer.rows("reached")) == 20
    assert len(answer.of(key_of(cast.alice))["roles"]) == 22
    assert any("2 of the chains" in note for note in answer.report.notes)
    assert len(keys(cast.world, limit=30).rows("reached")) == 22


def test_the_window_is_half_open(cast: Cast) -> None:
    """By event time; credentials without a call in it are not shown."""
    use(cast.alice, at=cast.world.at("2026-11-20T09:00:00Z"))
    use(cast.alice, at=cast.world.at("2026-11-20T10:00:00Z"))
    use(cast.bob, at=cast.world.at("2026-11-20T10:00:00Z"))
    start = at("2026-11-20 09:00:00")
    answer = keys(cast.world, since=start, until=start + timedelta(hours=1))
    assert answer.one()["events"] == 1
