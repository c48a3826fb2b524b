"""Two people open one permission set: nothing of the one may name the other."""

from __future__ import annotations

from itertools import product

import pytest

from pipeline.warehouse import Warehouse
from tests.world import Record, World
from tests.world.identity_center import permission_set_role, portal_session, workforce
from tests.world.table import events_table


def _is(record: Record, event_name: str, text: str) -> bool:
    return record["eventName"] == event_name and text in str(record)


CASES = list(product([0, 1, 2, 5], [False, True]))
"""Seconds from Alice's session to Bob's; whether his AssumeRoleWithSAML is lost, too."""
Said = dict[str, str | None]


def mails(number: int) -> tuple[str, str]:
    """Alice and Bob of one organisation."""
    return f"alice@{number}.example.com", f"bob@{number}.example.com"


@pytest.fixture(scope="module")
def said() -> Said:
    """Session name -> who it is, in one lake of all organisations."""
    delivered = [record for number in range(len(CASES)) for record in organisation(number)]
    with Warehouse.of(events_table(delivered)) as warehouse:
        rows = warehouse.sql(
            "select split_part(user_arn, '/', -1) as session, actor_name"
            " from attributed_events where event_name = 'ListBuckets'"
        )
    return dict(rows.iter_rows())


def organisation(number: int) -> list[Record]:
    """Both open the same permission set; of Bob's records some are lost."""
    gap, is_saml_lost = CASES[number]
    world = World(f"portal {number}")
    people = workforce(world, world.account("identity-center"))
    role = permission_set_role(world, world.account("production"), "Admin")
    alice, bob = (people.person(mail) for mail in mails(number))
    start = world.tick()
    for person, at in ((alice, start), (bob, start + gap)):
        session = portal_session(person, role, at=at, on_behalf_of=False)
        session.call("s3", "ListBuckets", at=at + 30)
    lost = [("GetRoleCredentials", bob.user_id)]
    if is_saml_lost:
        lost.append(("AssumeRoleWithSAML", bob.mail))
    return [r for r in world.records() if not any(_is(r, *named) for named in lost)]


@pytest.mark.parametrize("number", range(len(CASES)), ids=map(str, CASES))
def test_the_portal_call_of_one_never_names_the_other(number: int, said: Said) -> None:
    """Bob's GetRoleCredentials is lost, Alice's stands within 2 s of his session: he is known by
    his SAML subject, or by nothing.
    """
    alice, bob = mails(number)
    _, is_saml_lost = CASES[number]
    assert said[alice] == alice
    assert said[bob] == (None if is_saml_lost else bob)


def test_nobody_else_was_there(said: Said) -> None:
    """Two sessions in each organisation."""
    assert len(said) == 2 * len(CASES)
