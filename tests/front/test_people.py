"""`people`: every hat of each person, two hats at once, who may be one, who only claims."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.reports.window import Window
from tests.front.golden import assert_golden
from tests.front.hats import Seen, people_of
from tests.front.terminal import rolecall
from tests.world.federation import role_with_saml, role_with_web_identity
from tests.world.identity_center import permission_set_role, portal_session, workforce
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.signin import console_login, failed_login
from tests.world.sts import assume_role
from tests.world.workloads import ec2_instance
from tests.world.world import World


@pytest.fixture
def cast() -> Cast:
    return Cast(World("people"))


def names(seen: Seen) -> list[str]:
    return [row["actor_name"] for row in seen.rows("people")]


def hats(seen: Seen) -> list[tuple[str, int]]:
    return [
        ("/".join(arn.rsplit("/", 1)[-1] for arn in row["chain"]), row["events"])
        for row in seen.rows("hats")
    ]


def later(cast: Cast, seconds: int) -> None:
    cast.world.tick(seconds)


def test_a_person_has_a_row_and_each_hat_has_one(cast: Cast) -> None:
    """Bare, Analyst, and BreakGlass from it; counts and accounts are of all hats."""
    use(cast.alice)
    analyst = assume_role(cast.alice, cast.analyst, "alice")
    use(analyst, denied=True)
    use(assume_role(analyst, cast.break_glass, "alice"))
    seen = people_of(cast.world, actor="alice")
    (person,) = seen.rows("people")
    assert (person["actor_name"], person["roles"], person["denied"]) == ("alice", 2, 1)
    assert person["accounts"] == ["200000000002", "300000000003"]
    assert person["events"] == sum(events for _, events in hats(seen))
    assert {chain for chain, _ in hats(seen)} == {"", "Analyst", "Analyst/BreakGlass"}
    assert "Analyst → BreakGlass" in seen.text()
    assert "no role" in seen.text()


def test_machines_and_the_unresolved_are_no_people(cast: Cast) -> None:
    """An instance is not shown; a session that only claims stands apart, without the name."""
    use(ec2_instance(cast.world, cast.analyst)[0])
    lost = assume_role(cast.bob, cast.analyst, "carol")
    lose_issue(lost)
    use(lost)
    seen = people_of(cast.world)
    assert names(seen) == []
    (claim,) = seen.rows("claimed")
    assert (claim["claimed_actor"], claim["claim_source"]) == ("carol", "session-name")
    assert claim["known_people"] == []
    assert "unresolved (session name says “carol”)" in seen.text()


def test_a_claimed_name_that_somebody_bears_proves_nothing(cast: Cast) -> None:
    """Alice is known; the claim stands beside her and adds nothing to her row."""
    use(cast.alice)
    lost = assume_role(cast.bob, cast.analyst, "alice")
    lose_issue(lost)
    use(lost)
    seen = people_of(cast.world)
    (person,) = seen.rows("people")
    assert (person["actor_name"], person["events"]) == ("alice", 1)
    (claim,) = seen.rows("claimed")
    assert claim["known_people"] == [
        "alice · IAM user in 200000000002, who is not proven to be this one"
    ]


def test_outside_identities_and_accounts_are_people(cast: Cast) -> None:
    """SAML, GitHub, another account: whoever is behind it, it is no machine of ours."""
    use(role_with_saml(cast.world, cast.analyst, "erin@example.com"))
    use(role_with_web_identity(cast.world, cast.analyst, "repo:example/shop", "ci"))
    stranger = cast.world.user(cast.elsewhere, "eve")
    stranger.key = "AKIAEVE0000000000001"
    use(assume_role(stranger, cast.analyst, "eve"))
    assert names(people_of(cast.world)) == [
        "erin@example.com",
        "repo:example/shop",
        "900000000009",
    ]


def mfa(cast: Cast) -> dict[str, tuple[int, int, int]]:
    return {
        row["actor_name"]: (row["with_mfa"], row["without_mfa"], row["mfa_unknown"])
        for row in people_of(cast.world).rows("people")
    }


def test_mfa_of_keys_consoles_and_roles(cast: Cast) -> None:
    """A key has none, also under a role; a sign-in says it, also for its session."""
    use(cast.alice)
    use(assume_role(cast.alice, cast.analyst, "alice"))
    use(console_login(cast.world.user(cast.security, "dora"), mfa=True))
    use(console_login(cast.world.user(cast.security, "emil"), mfa=False))
    assert mfa(cast) == {"alice": (0, 3, 0), "dora": (2, 0, 0), "emil": (0, 2, 0)}


def test_of_outside_identities_mfa_is_unknown(cast: Cast) -> None:
    """CloudTrail always says false there, whatever happened at the provider."""
    use(role_with_saml(cast.world, cast.analyst, "erin@example.com"))
    with_mfa, without_mfa, unknown = mfa(cast)["erin@example.com"]
    assert (with_mfa, without_mfa) == (0, 0)
    assert unknown > 0


@pytest.mark.parametrize(
    ("agent", "tool"),
    [
        ("aws-cli/2.34.30 md/awscrt#0.31.2", "CLI"),
        ("Boto3/1.26.90", "SDK"),
        ("APN/1.0 HashiCorp/1.0 Terraform/1.9.0 aws-sdk-go-v2/1.30", "Terraform"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "console"),
        ("[S3Console/0.4, aws-internal/3]", "console"),
        ("curl/8.0", "other"),
    ],
)
def test_tools_are_told_by_user_agent(cast: Cast, agent: str, tool: str) -> None:
    """What the caller says that it is."""
    use(cast.alice, agent=agent)
    (person,) = people_of(cast.world).rows("people")
    assert person["tools"] == [f"{tool} ×1"]
    assert person["user_agents"] == [agent]


def hat(credential: Credential, role: Any) -> Credential:
    return assume_role(credential, role, "alice")


def how(seen: Seen) -> list[tuple[str, list[str]]]:
    """Each stretch: how, and its roles."""
    stretches: dict[str, tuple[str, list[str]]] = {}
    for row in seen.rows("two_hats"):
        stretches.setdefault(row["began_at"], (row["how"], []))[1].append(row["role_name"])
    return list(stretches.values())


def test_two_roles_worn_at_once(cast: Cast) -> None:
    """Calls under one lie among the calls under the other; neither led to the other."""
    one, other = hat(cast.alice, cast.analyst), hat(cast.alice, cast.break_glass)
    for session in (one, other, one, other):
        use(session)
    assert how(people_of(cast.world)) == [("at-once", ["Analyst", "BreakGlass"])]


def test_roles_changed_within_minutes(cast: Cast) -> None:
    """One after the other, five minutes apart; six minutes are two stretches."""
    one, other = hat(cast.alice, cast.analyst), hat(cast.alice, cast.break_glass)
    use(one)
    later(cast, 295)
    use(other)
    assert how(people_of(cast.world)) == [("changed", ["Analyst", "BreakGlass"])]


def test_roles_changed_after_longer_are_not_two_hats(cast: Cast) -> None:
    """More than five minutes between."""
    one, other = hat(cast.alice, cast.analyst), hat(cast.alice, cast.break_glass)
    use(one)
    later(cast, 296)
    use(other)
    assert how(people_of(cast.world)) == []


def test_a_role_entered_from_the_other_is_a_chain(cast: Cast) -> None:
    """Both are on, as they must be."""
    one = hat(cast.alice, cast.analyst)
    use(one)
    other = hat(one, cast.break_glass)
    for session in (one, other, one):
        use(session)
    assert how(people_of(cast.world)) == [("chained", ["Analyst", "BreakGlass"])]


def test_a_third_role_beside_a_chain_is_at_once(cast: Cast) -> None:
    """That two of them belong together explains nothing of the third."""
    third = cast.role(cast.security, "Third")
    aside = hat(cast.alice, third)
    use(aside)
    one = hat(cast.alice, cast.analyst)
    use(one)
    use(hat(one, cast.break_glass))
    use(aside)
    assert [stretch[0] for stretch in how(people_of(cast.world))] == ["at-once"]


def test_one_role_or_two_people_are_no_two_hats(cast: Cast) -> None:
    """Two sessions of one role; two roles of two people at once; jobs of a repository."""
    use(hat(cast.alice, cast.analyst))
    use(hat(cast.alice, cast.analyst))
    use(hat(cast.bob, cast.break_glass))
    for role in (cast.analyst, cast.break_glass):
        use(role_with_web_identity(cast.world, role, "repo:example/shop", "ci"))
    assert how(people_of(cast.world)) == []


def test_two_hats_are_filtered_by_one_of_the_roles(cast: Cast) -> None:
    """The stretch stays whole."""
    one, other = hat(cast.alice, cast.analyst), hat(cast.alice, cast.break_glass)
    for session in (one, other, one):
        use(session)
    whole = [("at-once", ["Analyst", "BreakGlass"])]
    assert how(people_of(cast.world, role="Break*")) == whole
    assert how(people_of(cast.world, account="300000000003")) == whole
    assert how(people_of(cast.world, role="Other")) == []
    assert how(people_of(cast.world, actor="bob")) == []


def test_identities_of_one_name_are_listed_and_not_merged(cast: Cast) -> None:
    """A person of Identity Center and an IAM user, from one address."""
    use(cast.alice)
    person = workforce(cast.world, cast.security).person(
        "alice@example.com", user_id="u-alice", ip=cast.alice.ip
    )
    use(portal_session(person, permission_set_role(cast.world, cast.production, "Admin")))
    use(cast.bob)
    seen = people_of(cast.world)
    assert {"alice", "u-alice", "bob"} <= set(names(seen))
    (same,) = seen.rows("perhaps_same")
    assert same["name"] == "alice"
    assert same["reason"].endswith("and a source address in common")
    assert same["shared_addresses"] == [cast.alice.ip]
    assert any("(u-alice) · Identity Center user" in identity for identity in same["identities"])


def test_iam_users_of_one_name_in_two_accounts(cast: Cast) -> None:
    """Perhaps one person, and perhaps not: no address in common."""
    use(cast.alice)
    other = cast.world.user(cast.production, "alice", ip="198.51.100.9")
    other.key = "AKIAALICE00000000002"
    use(other)
    (same,) = people_of(cast.world).rows("perhaps_same")
    assert same["reason"] == "IAM users of one name in several accounts"
    assert same["shared_addresses"] == []


def test_roots_and_people_of_other_names_are_not_the_same(cast: Cast) -> None:
    """Every account has a root."""
    for account in (cast.security, cast.production):
        root = cast.world.root(account)
        root.key = f"AKIAROOT{account.id}"
        use(root)
    use(cast.alice)
    use(cast.bob)
    assert people_of(cast.world).rows("perhaps_same") == []


def test_a_person_with_two_displays_is_one(cast: Cast) -> None:
    """Under the permission set the e-mail shows, in the next role only the id."""
    person = workforce(cast.world, cast.security).person("alice@example.com", user_id="u-alice")
    session = portal_session(person, permission_set_role(cast.world, cast.production, "Admin"))
    use(session)
    use(assume_role(session, cast.analyst, "alice@example.com"))
    rows = [r for r in people_of(cast.world).rows("people") if r["actor_name"] == "u-alice"]
    assert [row["actor_display"] for row in rows] == ["alice@example.com"]


def test_a_name_typed_at_a_failed_sign_in_is_a_claim(cast: Cast) -> None:
    """It adds nothing to the user of that name."""
    failed_login(cast.alice_user)
    seen = people_of(cast.world)
    assert names(seen) == []
    assert [row["claim_source"] for row in seen.rows("claimed")] == ["sign-in-name"]


def test_the_window_is_half_open(cast: Cast) -> None:
    """A call at its end is not in it."""
    use(cast.alice, at=cast.world.at("2026-11-20T09:00:00Z"))
    use(cast.alice, at=cast.world.at("2026-11-20T10:00:00Z"))
    ten = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert [
        r["events"] for r in people_of(cast.world, window=Window(None, ten)).rows("people")
    ] == [1]
    (row,) = people_of(cast.world, window=Window(ten, None)).rows("people")
    assert row["first_time"] == "2026-11-20T10:00:00Z"


def test_what_does_not_match_says_what_there_is(cast: Cast) -> None:
    """No rows, and a note."""
    use(cast.alice)
    seen = people_of(cast.world, actor="nobody")
    assert names(seen) == []
    assert any("no events match" in note for note in seen.report.notes)


def test_a_limit_cuts_and_says_so(cast: Cast) -> None:
    """Each table by itself."""
    use(cast.alice)
    use(cast.bob)
    seen = people_of(cast.world, limit=1)
    assert names(seen) == ["alice"]
    assert "the first 1 of 2 rows" in seen.text()


@pytest.mark.parametrize("width", [80, 120])
def test_people_of_the_samples(lake: Any, width: int) -> None:
    """The incident, person by person."""
    ran = rolecall("people", "--lake", lake, columns=width)
    assert ran.exit_code == 0, ran.stderr
    assert_golden(f"samples-people-{width}.txt", ran.stdout)
