"""What `trace` shows when there is much: every session, the grave calls first, no event twice."""

from __future__ import annotations

from tests.front.tracing import key_of, trace, warehouse_of
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import access_key, assume_role
from tests.world.world import World


def test_all_sessions_of_an_id_are_followed_in_the_order_of_time() -> None:
    """Seven sessions are seven trees with their counts; nothing is cut, so nothing says so."""
    world = World("several")
    cast = Cast(world)
    for number in range(7):
        hat = assume_role(cast.alice, cast.analyst, f"n{number}")
        for _ in range(number + 1):
            use(hat)
    traced = trace(world, cast.analyst.arn)
    assert [row["session_name"] for row in traced.rows("down")] == [f"n{n}" for n in range(7)]
    assert [row["events"] for row in traced.rows("down")] == list(range(1, 8))
    assert len(traced.rows("tree")) == 7
    assert traced.report.notes == ()


def test_more_trees_than_the_limit_are_cut_with_a_word_in_the_table() -> None:
    """The limit is stated on the page itself, with the number that shows all."""
    world = World("many")
    cast = Cast(world)
    for number in range(6):
        use(assume_role(cast.alice, cast.analyst, f"n{number}"))
    text = trace(world, cast.analyst.arn, limit=4).text()
    assert "All that were found (the first 4 of 6; --limit 6 lists all" in text
    assert "… 2 of 6 rows are not shown; --limit 6 shows all" in text


def test_a_cut_timeline_keeps_the_writes_and_the_denied_calls() -> None:
    """Two hundred readings in between do not hide what was done at the end."""
    world = World("late")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    for number in range(40):
        hat.call("ec2", "DescribeInstances" if number % 2 else "DescribeVpcs")
    for _ in range(5):
        hat.call("ec2", "CreateTags", read_only=False)
        hat.call("ec2", "DescribeVpcs")
    hat.call("iam", "ListUsers", denied=True)
    hat.call("cloudtrail", "DeleteTrail", read_only=False)
    warehouse = warehouse_of(world)
    traced = trace(warehouse, key_of(hat), limit=4)
    assert traced.calls() == [
        "ec2:CreateTags",
        "ec2:CreateTags",
        "iam:ListUsers",
        "cloudtrail:DeleteTrail",
    ]
    text = traced.text()
    assert "(4 of 52 rows: writing and denied calls first; --limit 52 shows all)" in " ".join(
        text.split()
    )
    assert "48 more rows are not shown (3 writing or denied)" in text
    whole = trace(warehouse, key_of(hat), limit=52)
    assert len(whole.calls()) == 52
    assert "not shown" not in whole.text()


def test_every_hat_has_a_row_whatever_the_limit() -> None:
    """So its denied calls are counted also where there are more hats than rows."""
    world = World("hats")
    cast = Cast(world)
    for number in range(5):
        hat = assume_role(cast.alice, cast.analyst, f"n{number}")
        hat.call("iam", "ListUsers", denied=True)
        use(hat)
    traced = trace(world, cast.analyst.arn, limit=3)
    assert len(traced.calls()) == 5
    assert [row["denied"] for row in traced.rows("down") if row["kind"] == "session"] == [1, 1, 1]


def test_own_sessions_of_a_user_are_told_once() -> None:
    """Every record of them names the user: the way up of the second says nothing new."""
    world = World("own")
    cast = Cast(world)
    for second in range(3):
        event = use(cast.alice)
        event.record["userIdentity"] = {
            **event.record["userIdentity"],
            "accessKeyId": None,
            "sessionContext": {"attributes": {"creationDate": f"2026-11-21T08:00:0{second}Z"}},
        }
    traced = trace(world, "alice")
    assert [row["kind"] for row in traced.rows("up")] == ["actor", "session", "cut"]
    assert "2 more sessions of the user's own" in traced.text()
    assert len(traced.rows("down")) == 3


def test_a_long_term_key_with_a_session_context_is_not_counted_twice() -> None:
    """Its record belongs to the session: the key's own are the others."""
    world = World("context")
    cast = Cast(world)
    use(cast.alice)
    for _ in range(2):
        event = use(cast.alice)
        event.record["userIdentity"] = {
            **event.record["userIdentity"],
            "sessionContext": {"attributes": {"creationDate": "2026-11-21T08:00:00Z"}},
        }
    warehouse = warehouse_of(world)
    for wanted in ("alice", key_of(cast.alice)):
        traced = trace(warehouse, wanted)
        assert sorted(row["events"] for row in traced.rows("overview")) == [1, 2]
        assert sum(row["calls"] or 0 for row in traced.rows("timeline")) == 3


def test_an_address_has_its_own_count_beside_the_whole() -> None:
    """Of the session's four events one came from the address; an actor has no such column."""
    world = World("address")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    for _ in range(3):
        use(hat)
    hat.call("s3", "ListBuckets", ip="198.51.100.66")
    use(cast.bob).record["sourceIPAddress"] = "198.51.100.66"
    traced = trace(world, "198.51.100.66")
    assert {(row["kind"], row["events"], row["address_events"]) for row in traced.rows("down")} == {
        ("key", 1, 1),
        ("session", 4, 1),
    }
    assert [row["address_events"] for row in traced.rows("overview")] == [1, 1]
    assert "from it" in traced.text()
    assert "from it" not in trace(world, "alice").text()


def test_what_leaves_a_way_in_behind_is_never_cut() -> None:
    """A key, a password and a trust policy among hundreds of writing calls; also beyond the limit.
    One that was refused left nothing.
    """
    world = World("persistence")
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    for number in range(30):
        hat.call("ec2", f"CreateThing{number}", read_only=False)
    hat.call("iam", "CreateUser", read_only=False)
    for _ in range(2):
        hat.call("iam", "AttachUserPolicy", read_only=False)
        hat.call("ec2", "DescribeVpcs")
        hat.call("iam", "UpdateAssumeRolePolicy", read_only=False)
    hat.call("iam", "CreateAccessKey", read_only=False, denied=True)
    warehouse = warehouse_of(world)
    lasting = ["iam:CreateUser", *["iam:AttachUserPolicy", "iam:UpdateAssumeRolePolicy"] * 2]
    assert trace(warehouse, key_of(hat), limit=2).calls() == lasting
    assert trace(warehouse, key_of(hat), limit=6).calls()[-5:] == lasting
    assert "30 more rows" not in trace(warehouse, key_of(hat), limit=60).text()


def test_within_a_second_what_is_made_comes_before_what_is_done_with_it() -> None:
    """Whatever the event ids; and the hat that issued a key before the one that the key signed."""
    for seed in range(4):
        world = World(f"second {seed}")
        cast = Cast(world)
        now = world.tick()
        hat = assume_role(cast.alice, cast.analyst, "alice", at=now)
        user = world.user(cast.security, "mole")
        for name in ("DeleteUserPolicy", "ListUsers", "AttachUserPolicy", "CreateUser"):
            hat.call("iam", name, at=now, read_only=name.startswith("List"))
        key = access_key(user, at=now, by=hat)
        key.call("s3", "ListBuckets", at=now)
        traced = trace(world, key_of(cast.alice))
        assert traced.calls()[:2] == ["sts:AssumeRole", "iam:CreateUser"]
        assert set(traced.calls()[2:4]) == {"iam:CreateAccessKey", "iam:AttachUserPolicy"}
        assert traced.calls()[4:] == ["iam:ListUsers", "iam:DeleteUserPolicy", "s3:ListBuckets"]
