"""`trace` on small worlds whose truth is known: up, down, the timeline, and what is missing."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from pipeline.render import render
from pipeline.warehouse import Warehouse
from tests.front.tracing import Traced, key_of, last_event, played, trace, warehouse_of
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.sts import access_key, assume_role, create_access_key, deny_assume_role
from tests.world.times import HOUR
from tests.world.world import World

ANALYST_IN_SECURITY = "Analyst in 200000000002 as “alice”"
HOSTILE = "\x1b[2J → admin └─ root\u202e"


def gaps(traced: Traced) -> list[str]:
    return [row["what"] for row in traced.rows("missing")]


def test_up_names_every_hop_with_its_rule_and_proof(
    three_levels: tuple[Warehouse, Credential, Credential, Credential],
) -> None:
    """From the user's key down to the session asked for; each hop by its own call."""
    warehouse, alice, first, second = three_levels
    up = trace(warehouse, key_of(second)).rows("up")
    assert [row["kind"] for row in up] == ["actor", "session", "session"]
    assert up[0]["actor_name"] == "alice"
    assert up[0]["access_key_ids"] == [alice.key]
    assert up[0]["mfa"] is False
    assert [row["rule"] for row in up[1:]] == ["issued-key", "issued-key"]
    assert [row["evidence"] for row in up] == ["proven"] * 3
    assert first.issue is not None
    assert first.issue.call.id in up[1]["proof_events"]
    assert second.issue is not None
    assert second.issue.owner_copy is not None
    assert set(up[2]["proof_events"]) == {second.issue.call.id, second.issue.owner_copy.id}


def test_down_follows_every_session_into_every_account_and_out(
    three_levels: tuple[Warehouse, Credential, Credential, Credential],
) -> None:
    """From a long-term key: both sessions, and the way out that only the caller's copy shows."""
    warehouse, alice, _, _ = three_levels
    traced = trace(warehouse, key_of(alice))
    assert traced.labels() == [
        f"access key {alice.key} of alice",
        f".{ANALYST_IN_SECURITY}",
        "..BreakGlass in 300000000003 as “alice”",
        "...Away in 900000000009 as “alice”: way out; that account's trail is not ingested",
    ]
    assert [row["kind"] for row in traced.rows("down")] == ["key", "session", "session", "exit"]


def test_the_timeline_is_by_hat_and_marks_what_was_denied(
    three_levels: tuple[Warehouse, Credential, Credential, Credential],
) -> None:
    """Put on, calls in order, last seen, expiry; a denied call says so without colour."""
    warehouse, _, _, second = three_levels
    traced = trace(warehouse, key_of(second))
    assert [row["what"] for row in traced.rows("timeline")] == [
        "put-on",
        "call",
        "call",
        "call",
        "last-seen",
        "expires",
    ]
    assert traced.calls() == ["s3:ListBuckets", "sts:AssumeRole", "sts:AssumeRole"]
    assert [row["is_denied"] for row in traced.rows("timeline")][1:4] == [False, False, True]
    assert "✗ DENIED" in traced.text()


def test_depth_cuts_the_tree_and_says_so(
    three_levels: tuple[Warehouse, Credential, Credential, Credential],
) -> None:
    """What is below the cut is counted."""
    warehouse, alice, _, _ = three_levels
    traced = trace(warehouse, key_of(alice), depth=1)
    assert traced.labels() == [f"access key {alice.key} of alice", f".{ANALYST_IN_SECURITY}"]
    assert "tree cut at depth 1: 1 below are not shown" in " ".join(traced.report.notes)
    assert trace(warehouse, key_of(alice), depth=0).rows("down")[0]["depth"] == 0


def test_a_window_leaves_out_what_was_before_and_after() -> None:
    """A session that did nothing in it goes, unless something below it did."""
    world = World("window")
    cast = Cast(world)
    early = assume_role(cast.alice, cast.analyst, "early")
    use(early)
    world.tick(5 * HOUR)
    late = assume_role(cast.alice, cast.analyst, "late")
    moment = world.now
    use(late)
    traced = trace(world, key_of(cast.alice), since=datetime.fromtimestamp(moment).astimezone())
    assert [row["session_name"] for row in traced.rows("down")] == [None, "late"]
    assert all(row["session_id"] != "early" for row in traced.rows("timeline"))
    assert len(traced.calls()) == 2


def test_equal_calls_one_after_another_are_one_row_and_limit_is_shared() -> None:
    """Twelve reads are one row; a hat with many rows does not take the others' share."""
    world = World("folded")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    for _ in range(12):
        use(hat)
    for number in range(20):
        hat.call("ec2", "DescribeInstances" if number % 2 else "DescribeVpcs")
    other = assume_role(cast.alice, cast.break_glass, "alice")
    use(other)
    warehouse = warehouse_of(world)
    whole = trace(warehouse, key_of(cast.alice))
    (folded,) = [row for row in whole.rows("timeline") if row["calls"] == 12]
    assert folded["event_name"] == "ListBuckets"
    assert "s3:ListBuckets ×12" in whole.text()
    cut = trace(warehouse, key_of(cast.alice), limit=6)
    assert len(cut.calls()) == 6
    assert {row["session_id"] for row in cut.rows("timeline") if row["what"] == "call"} >= {
        whole.rows("down")[1]["id"],
        whole.rows("down")[2]["id"],
    }
    assert "timeline cut: 17 rows" in " ".join(cut.report.notes)
    assert "17 more rows are not shown" in cut.text()


def test_write_only_leaves_reading_out() -> None:
    """Only what can change something."""
    world = World("writes")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    use(hat)
    hat.call("iam", "CreateUser", read_only=False)
    traced = trace(world, key_of(hat), write_only=True)
    assert traced.calls() == ["iam:CreateUser"]
    assert "* write" in traced.text()


def test_write_only_keeps_denied_calls() -> None:
    """A refused AssumeRole counts as reading; it is shown, and its number is that of all."""
    world = World("writes")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    use(hat)
    deny_assume_role(hat, cast.role(cast.production, "Payments"))
    whole = trace(world, key_of(hat)).rows("down")[0]["denied"]
    traced = trace(world, key_of(hat), write_only=True)
    assert traced.rows("down")[0]["denied"] == whole == 1
    assert traced.calls() == ["sts:AssumeRole"]


def test_a_call_made_by_a_service_is_marked() -> None:
    """It stays under the hat, and says who made it."""
    traced = trace(played("forward/role"), last_event(played("forward/role")))
    assert "(invoked by " in traced.text()


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("assume-role/by-user/lost", "is not in the lake; the trail of account 200000000002 is"),
        ("accounts/from-elsewhere", "the trail of account 900000000009 is not ingested"),
        ("accounts/after-a-hop/account-missing", "account 200000000002 is not ingested"),
        ("console/user/lost", "no sign-in record for the console session of"),
        ("console/switch/same-second", "2 callers; none is picked"),
        ("account-access/unmarked", "account access manager"),
    ],
)
def test_where_the_evidence_stops_is_said_in_words(scenario: str, words: str) -> None:
    """What is missing, and what would close it."""
    world = played(scenario)
    traced = trace(world, last_event(world))
    (gap,) = traced.rows("missing")
    assert words in gap["what"]
    assert gap["closed_by"]


def test_a_missing_call_is_named_with_role_session_and_second() -> None:
    """All that is needed to look for it."""
    world = World("lost")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice", at=world.at("2026-11-21T10:00:03Z"))
    use(hat)
    lose_issue(hat)
    (words,) = gaps(trace(world, key_of(hat)))
    assert words.startswith(
        "AssumeRole of arn:aws:iam::200000000002:role/Analyst as "
        '"alice" at 2026-11-21T10:00:03Z is not in the lake'
    )
    assert "the session name says “alice”, which is a claim and no proof" in words


@pytest.mark.parametrize("scenario", ["assume-role/chained", "console/switch", "saml/cli"])
def test_nothing_is_missing_of_a_known_chain(scenario: str) -> None:
    """The way up ends at somebody."""
    world = played(scenario)
    traced = trace(world, last_event(world))
    assert gaps(traced) == []
    assert traced.rows("up")[0]["actor_kind"] != "unresolved"
    assert "nothing is missing" in traced.text()


def test_an_ambiguous_session_stands_under_each_possible_caller() -> None:
    """As what it is: perhaps theirs, and perhaps another's."""
    world = played("console/switch/same-second")
    for name in ("alice", "bob"):
        possible = [r for r in trace(world, name).rows("down") if r["kind"] == "possible"]
        assert possible
        assert "which others could have put on as well" in possible[0]["label"]


def test_a_key_made_by_a_session_is_followed() -> None:
    """A back door: the session made a key, the key put on a role."""
    world = World("back door")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    door = access_key(cast.bob_user)
    create_access_key(hat, door, at=world.tick())
    use(assume_role(door, cast.break_glass, "quiet"))
    traced = trace(world, key_of(hat))
    assert [row["kind"] for row in traced.rows("down")] == ["session", "key", "session"]
    up = trace(world, key_of(door)).rows("up")
    assert [row["kind"] for row in up] == ["maker", "actor", "key"]
    assert up[1]["actor_name"] == "bob"


def test_a_key_never_used_leads_to_who_asked_for_it() -> None:
    """The session that was never seen, by its issue."""
    world = World("unused")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    traced = trace(world, key_of(hat))
    assert "is never seen used" in " ".join(traced.report.notes)
    assert traced.labels()[1] == f".{ANALYST_IN_SECURITY}: never seen used"


def test_a_hundred_hops_are_shown_and_cut_without_harm() -> None:
    """Role juggling for weeks: the way up has every hop or both its ends."""
    world = played("assume-role/juggled/for-weeks")
    warehouse = warehouse_of(world)
    whole = trace(warehouse, last_event(world), limit=1000)
    assert len(whole.rows("up")) == 401
    cut = trace(warehouse, last_event(world), limit=20)
    assert len(cut.rows("up")) == 21
    assert "381 more hops are not shown" in cut.text()
    deep = trace(warehouse, "alice", depth=100, limit=1000)
    assert deep.rows("down")[-1]["depth"] == 100


def test_source_identity_that_changes_is_reported() -> None:
    """STS never lets it change: the session and its parent differ."""
    world = World("forged")
    cast = Cast(world)
    first = assume_role(cast.alice, cast.analyst, "x", source_identity="alice")
    use(first)
    second = assume_role(first, cast.break_glass, "x")
    forged = use(second)
    forged.record["userIdentity"]["sessionContext"]["sourceIdentity"] = "bob"
    traced = trace(world, key_of(first))
    (change,) = traced.rows("source_identity_changes")
    assert {change["source_identity"], change["other_source_identity"]} == {"alice", "bob"}
    assert traced.document["findings"] == 1
    assert "Source identity changes" in traced.text()
    assert trace(played("assume-role/source-identity"), "alice").document["findings"] == 0


def test_tags_and_source_identity_stand_at_each_hop() -> None:
    """As data a mapping, for people `key=value`."""
    traced = trace(played("assume-role/tags"), last_event(played("assume-role/tags")))
    tags = [row["session_tags"] for row in traced.rows("up") if row["session_tags"]]
    assert tags
    name, value = next(iter(tags[-1].items()))
    assert f"{name}={value}" in traced.text()


def test_hostile_names_draw_nothing() -> None:
    """No control character, arrow or branch of a session name reaches the tree."""
    world = World("hostile")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, HOSTILE)
    use(hat)
    traced = trace(world, key_of(hat))
    for width in (40, 80, 100, 120):
        text = traced.text(width)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "→ admin" not in text
        assert "└─ root" not in text
        assert max(len(line) for line in text.splitlines()) <= width
    assert traced.rows("down")[0]["session_name"] == HOSTILE


def test_the_nested_tree_is_the_tree(
    three_levels: tuple[Warehouse, Credential, Credential, Credential],
) -> None:
    """Children within children, the same nodes as the flat rows; only for programs."""
    warehouse, alice, _, _ = three_levels
    traced = trace(warehouse, key_of(alice))
    (row,) = traced.rows("tree")

    def flat(node: dict[str, object]) -> list[object]:
        children = node["children"]
        assert isinstance(children, list)
        return [node["id"], *(name for child in children for name in flat(child))]

    assert flat(row["node"]) == [found["id"] for found in traced.rows("down")]
    assert row["node"]["children"][0]["rule"] == "issued-key"
    assert "cut_below" not in traced.text()


@pytest.mark.parametrize("format_name", ["ndjson", "csv", "markdown"])
def test_every_format_carries_the_trace(
    format_name: str, three_levels: tuple[Warehouse, Credential, Credential, Credential]
) -> None:
    """Lines of JSON are JSON; the others hold the same roles."""
    warehouse, alice, _, _ = three_levels
    text = render(trace(warehouse, key_of(alice)).report, format_name)
    assert "BreakGlass" in text
    if format_name == "ndjson":
        assert {json.loads(line)["table"] for line in text.splitlines()} == {
            *("up", "down", "timeline", "tree"),
        }
