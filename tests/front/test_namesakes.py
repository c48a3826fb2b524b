"""IAM users of one name: deleted and made again, said and told apart by their ids."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.reports.window import Window
from tests.front.hats import people_of
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import access_key, assume_role
from tests.world.world import World


@pytest.fixture
def cast() -> Cast:
    """Alice and bob with keys, a few roles, an empty log."""
    return Cast(World("namesakes"))


def test_a_user_made_again_under_an_old_name_is_said(cast: Cast) -> None:
    """One AIDA id is one user: two of one name are two, also where only a role is asked for."""
    use(cast.alice)
    again = access_key(cast.world.user(cast.security, "alice"))
    use(assume_role(again, cast.analyst, "alice"))
    use(access_key(cast.world.user(cast.production, "bob")))
    use(cast.bob)
    for wanted in ({}, {"role": "Analyst"}):
        seen = people_of(cast.world, **wanted)
        alice = next(row for row in seen.rows("people") if row["actor_name"] == "alice")
        assert alice["user_ids"] == [cast.alice.principal_id, again.principal_id]
        text = " ".join(seen.text().split())
        assert "two users of this name" in text
        assert str(again.principal_id) in text
        (note,) = (note for note in seen.report.notes if "users of one name" in note)
        assert "alice in 200000000002." in note
    assert all(r["user_ids"] == [] for r in people_of(cast.world).rows("people")[1:])


def test_an_earlier_user_of_the_name_is_not_in_a_later_window(cast: Cast) -> None:
    """What the report tells is not given to a user who was gone by then."""
    use(cast.alice)
    cast.world.tick(100 * 3600)
    again = access_key(cast.world.user(cast.security, "alice"))
    since = datetime.fromtimestamp(cast.world.now, UTC)
    use(again)
    (alice,) = (
        row
        for row in people_of(cast.world, window=Window(since, None)).rows("people")
        if row["actor_name"] == "alice"
    )
    assert alice["user_ids"] == [again.principal_id]
    assert len(people_of(cast.world).rows("people")[0]["user_ids"]) == 2


def test_a_user_with_one_id_is_one_user(cast: Cast) -> None:
    """With a second key, and beside a namesake in another account."""
    use(cast.alice)
    use(access_key(cast.alice_user))
    use(access_key(cast.world.user(cast.production, "alice")))
    seen = people_of(cast.world)
    assert [row["user_ids"] for row in seen.rows("people")] == [[], []]
    assert "users of this name" not in seen.text()
