"""Two people open one permission set: nothing of the one may name the other."""

from __future__ import annotations

import pytest

from pipeline.warehouse import Warehouse
from tests.world import Record, World
from tests.world.identity_center import permission_set_role, portal_session, workforce
from tests.world.table import events_table


def _is(record: Record, event_name: str, text: str) -> bool:
    return record["eventName"] == event_name and text in str(record)


@pytest.mark.parametrize("gap", [0, 1, 2, 5])
@pytest.mark.parametrize("is_saml_lost", [False, True])
def test_the_portal_call_of_one_never_names_the_other(gap: int, is_saml_lost: bool) -> None:
    """Bob's GetRoleCredentials is lost, Alice's stands within 2 s of his session: he is known by
    his SAML subject, or by nothing.
    """
    world = World(5)
    people = workforce(world, world.account("identity-center"))
    role = permission_set_role(world, world.account("production"), "Admin")
    alice, bob = people.person("alice@example.com"), people.person("bob@example.com")
    start = world.tick()
    for person, at in ((alice, start), (bob, start + gap)):
        session = portal_session(person, role, at=at, on_behalf_of=False)
        session.call("s3", "ListBuckets", at=at + 30)
    lost = [("GetRoleCredentials", bob.user_id)]
    if is_saml_lost:
        lost.append(("AssumeRoleWithSAML", bob.mail))
    delivered = [r for r in world.records() if not any(_is(r, *named) for named in lost)]
    with Warehouse.of(events_table(delivered)) as warehouse:
        rows = warehouse.sql(
            "select split_part(user_arn, '/', -1) as session, actor_name"
            " from attributed_events where event_name = 'ListBuckets'"
        )
    named = dict(rows.iter_rows())
    assert named == {alice.mail: alice.mail, bob.mail: None if is_saml_lost else bob.mail}
