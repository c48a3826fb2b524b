"""`roles`: who wore each role, from where it was entered, under which session names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.reports.roles.names import shape
from pipeline.reports.window import Window
from tests.front.golden import assert_golden
from tests.front.hats import roles_of
from tests.front.terminal import rolecall
from tests.world.federation import role_with_saml, role_with_web_identity
from tests.world.identity_center import permission_set_role, portal_session, workforce
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.signin import console_login, switch_role
from tests.world.sts import assume_role, assume_root
from tests.world.workloads import ec2_instance, service_linked_role, service_linked_session
from tests.world.world import World


@pytest.fixture
def cast() -> Cast:
    return Cast(World("roles"))


def test_a_role_counts_sessions_days_calls_and_wearers(cast: Cast) -> None:
    """Two sessions of alice on two days, one of bob; a denied call is counted."""
    for day in ("2026-11-20", "2026-11-21"):
        cast.world.at(f"{day}T09:00:00Z")
        use(assume_role(cast.alice, cast.analyst, "alice"))
    use(assume_role(cast.bob, cast.analyst, "bob"), denied=True)
    seen = roles_of(cast.world)
    (role,) = seen.rows("roles")
    assert (role["sessions"], role["day_count"], role["events"], role["denied"]) == (3, 2, 3, 1)
    assert (role["people"], role["machines"], role["unresolved"]) == (2, 0, 0)
    assert (role["proven_sessions"], role["proven_percent"]) == (3, 100.0)
    wearers = [(w["actor_name"], w["sessions"], w["evidence"]) for w in seen.rows("wearers")]
    assert wearers == [("alice", 2, "proven"), ("bob", 1, "proven")]
    assert role["last_time"] == "2026-11-21T09:00:20Z"


def test_people_machines_services_and_outsiders_are_counted_apart(cast: Cast) -> None:
    """One role, four kinds of wearers; the one that nothing proves has no name."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    use(ec2_instance(cast.world, cast.analyst)[0])
    stranger = cast.world.user(cast.elsewhere, "eve")
    stranger.key = "AKIAEVE0000000000001"
    use(assume_role(stranger, cast.analyst, "eve"))
    lost = assume_role(cast.bob, cast.analyst, "carol")
    lose_issue(lost)
    use(lost)
    seen = roles_of(cast.world)
    (role,) = seen.rows("roles")
    counts = [role[k] for k in ("people", "machines", "services", "outside_accounts", "unresolved")]
    # That ec2 handed out a second key, never used, makes ec2 no wearer.
    assert counts == [1, 1, 0, 1, 1]
    assert (role["claimed_sessions"], role["proven_percent"]) == (1, 75.0)
    assert "unresolved (session name says “carol”) ×1 (claimed)" in seen.text(200)
    assert "carol" not in {row["actor_name"] for row in seen.rows("wearers")}
    assert {"medium outside-account Analyst", "low wearer-unknown Analyst"} <= set(seen.found())


def test_proven_wearers_of_ones_own_are_no_finding(cast: Cast) -> None:
    """A role worn by its people under their own names asks for nothing."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    use(assume_role(cast.bob, cast.analyst, "bob"))
    assert roles_of(cast.world).found() == []


def test_a_role_is_entered_from_a_role_or_from_another_account(cast: Cast) -> None:
    """Analyst by alice at home; BreakGlass from Analyst, across accounts."""
    analyst = assume_role(cast.alice, cast.analyst, "alice")
    use(analyst)
    use(assume_role(analyst, cast.break_glass, "alice"))
    seen = roles_of(cast.world)
    ways = {row["role_arn"].rsplit("/", 1)[-1]: row for row in seen.rows("ways")}
    assert ways["Analyst"]["from_kind"] == "iam-user"
    assert ways["Analyst"]["from_name"] == "alice"
    assert ways["Analyst"]["crosses_accounts"] is False
    assert ways["BreakGlass"]["from_arn"] == cast.analyst.arn
    assert ways["BreakGlass"]["crosses_accounts"] is True
    assert "entered from   Analyst in 200000000002 ×1 (proven)" in seen.text()
    assert seen.text().count("entered from") == 1


def test_a_role_that_was_handed_out_and_not_seen_in_use_is_no_session(cast: Cast) -> None:
    """The other account's trail is not ingested: the role was put on, its calls are not there."""
    away = cast.role(cast.elsewhere, "Away")
    use(assume_role(cast.alice, away, "alice"))
    seen = roles_of(cast.world)
    (role,) = seen.rows("roles")
    assert (role["role_name"], role["sessions"], role["not_seen"]) == ("Away", 0, 1)
    assert role["proven_percent"] is None
    assert "alice ×1 never seen in use (proven)" in seen.text()


def test_a_session_in_use_is_not_handed_out_once_more(cast: Cast) -> None:
    """Both copies of a cross-account call are one call, and its session was seen."""
    use(assume_role(cast.alice, cast.break_glass, "alice"))
    (role,) = roles_of(cast.world).rows("roles")
    assert (role["sessions"], role["not_seen"]) == (1, 0)


def test_two_roles_of_one_arn_are_shown(cast: Cast) -> None:
    """A role that was deleted and made anew has another unique id."""
    again = cast.role(cast.security, "Analyst")
    for role in (cast.analyst, again):
        use(assume_role(cast.alice, role, "alice"))
    seen = roles_of(cast.world)
    (row,) = seen.rows("roles")
    assert row["role_ids"] == [cast.analyst.id, again.id]
    assert "medium recreated Analyst" in seen.found()


def test_mfa_is_that_of_the_one_who_began(cast: Cast) -> None:
    """A console user with MFA, a key without; of an instance there is nothing to say."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    console = console_login(cast.world.user(cast.security, "dora"), mfa=True)
    use(switch_role(console, cast.analyst))
    use(ec2_instance(cast.world, cast.break_glass)[0])
    seen = roles_of(cast.world)
    rows = {row["role_name"]: row for row in seen.rows("roles")}
    assert (rows["Analyst"]["with_mfa"], rows["Analyst"]["without_mfa"]) == (1, 1)
    assert "MFA at root    yes ×1, no ×1" in seen.text()
    assert [rows["BreakGlass"][k] for k in ("with_mfa", "without_mfa", "mfa_unknown")] == [0, 0, 0]


def test_service_linked_roles_are_told_apart_and_hidden(cast: Cast) -> None:
    """Only their service can wear them; asked for, they are shown."""
    role = service_linked_role(cast.world, cast.security, "rds", role_name="AWSServiceRoleForRDS")
    use(service_linked_session(cast.world, role, "rds"))
    seen = roles_of(cast.world)
    assert seen.rows("roles") == []
    assert "not shown: 1 service-linked role; --all-actors shows them" in seen.report.notes
    (row,) = roles_of(cast.world, all_actors=True).rows("roles")
    assert row["role_kind"] == "service-linked"
    assert roles_of(cast.world, role="AWSServiceRole*").rows("roles") == [row]


def test_permission_sets_and_assumed_roots_are_said(cast: Cast) -> None:
    """A permission set is a role of AWS's; AssumeRoot wears the account's root."""
    person = workforce(cast.world, cast.security).person("alice@example.com")
    use(portal_session(person, permission_set_role(cast.world, cast.production, "Admin")))
    use(assume_root(cast.alice, cast.production))
    kinds = [row["role_kind"] for row in roles_of(cast.world).rows("roles")]
    assert kinds == ["permission-set", "root"]


def test_filters_take_roles_wearers_and_accounts(cast: Cast) -> None:
    """The role worn, not one further up the chain; a claimed name is nobody's."""
    analyst = assume_role(cast.alice, cast.analyst, "alice")
    use(analyst)
    use(assume_role(analyst, cast.break_glass, "alice"))
    use(assume_role(cast.bob, cast.analyst, "alice"))

    def names(**wanted: str) -> list[tuple[str, int]]:
        rows = roles_of(cast.world, **wanted).rows("roles")
        return [(row["role_name"], row["sessions"]) for row in rows]

    assert names(role="Analyst") == [("Analyst", 2)]
    assert names(role="arn:*:role/security/*") == [("BreakGlass", 1)]
    assert names(actor="alice") == [("Analyst", 1), ("BreakGlass", 1)]
    assert names(actor="nobody") == []
    assert names(account="300000000003") == [("BreakGlass", 1)]


def test_the_window_is_of_the_calls_and_half_open(cast: Cast) -> None:
    """A session that goes on is counted in both; its calls only once."""
    hat = assume_role(cast.alice, cast.analyst, "alice", at=cast.world.at("2026-11-20T09:00:00Z"))
    use(hat, at=cast.world.at("2026-11-20T09:10:00Z"))
    use(hat, at=cast.world.at("2026-11-20T09:20:00Z"))
    half = datetime(2026, 11, 20, 9, 20, tzinfo=UTC)
    (before,) = roles_of(cast.world, window=Window(None, half)).rows("roles")
    (after,) = roles_of(cast.world, window=Window(half, None)).rows("roles")
    assert [before["events"], after["events"]] == [1, 1]
    assert [before["sessions"], after["sessions"]] == [1, 1]
    late = Window(datetime(2026, 11, 21, tzinfo=UTC), None)
    assert roles_of(cast.world, window=late).rows("roles") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alice@example.com", "e-mail"),
        ("i-0c5a1f0e9b7d2468a", "instance"),
        ("mi-0c5a1f0e9b7d2468a", "instance"),
        ("aws-go-sdk-1688990797103471741", "generated"),
        ("wozynIhxRGfTvfRlXhHKONdyrIaAmRyN", "generated"),
        ("GitHubActions-7", "generated"),
        ("GitHubActions", "word"),
        ("alice", "word"),
        ("deadbeef", "word"),
    ],
)
def test_session_names_have_a_shape(name: str, expected: str) -> None:
    """What made the name, as far as it shows."""
    assert shape(name) == expected


def habits(cast: Cast) -> dict[str, str]:
    return {
        row["role_name"]: row["session_name_habit"] for row in roles_of(cast.world).rows("roles")
    }


def test_session_name_habits(cast: Cast) -> None:
    """Always one name; each person their own; e-mail addresses; instances."""
    for _ in range(2):
        use(role_with_web_identity(cast.world, cast.role(cast.security, "CI"), "repo:x", "deploy"))
    use(assume_role(cast.alice, cast.analyst, "alice"))
    use(assume_role(cast.bob, cast.analyst, "bob"))
    mail = cast.role(cast.security, "Mail")
    for subject in ("a@example.com", "b@example.com"):
        use(role_with_saml(cast.world, mail, subject))
    for _ in range(2):
        use(ec2_instance(cast.world, cast.break_glass)[0])
    found = habits(cast)
    assert found["CI"] == "always “deploy”"
    assert found["Analyst"] == "each person their own: “alice”, “bob”"
    assert found["Mail"] == "each person their own: “a@example.com”, “b@example.com”"
    assert found["BreakGlass"].startswith("2 instance ids: “i-0")


def test_people_who_share_a_session_name_are_found(cast: Cast) -> None:
    """Two people as “admin”; a name of the one person who bears it is none."""
    use(assume_role(cast.alice, cast.analyst, "admin"))
    use(assume_role(cast.bob, cast.analyst, "admin"))
    use(assume_role(cast.alice, cast.break_glass, "night-shift"))
    seen = roles_of(cast.world)
    assert seen.found() == ["low shared-name Analyst"]
    (row,) = seen.rows("findings")
    assert row["reason"] == (
        "people share a session name: “admin” is alice in 200000000002, bob in 200000000002"
    )


def test_one_person_with_several_session_names_is_found(cast: Cast) -> None:
    """Chosen names count, those that a tool generates do not."""
    for name in ("night-shift", "day-shift"):
        use(assume_role(cast.alice, cast.analyst, name))
    for name in ("botocore-session-1700000001", "botocore-session-1700000002"):
        use(assume_role(cast.bob, cast.break_glass, name))
    assert roles_of(cast.world).found() == ["info several-names Analyst"]


def test_a_name_of_a_known_person_who_is_another_is_found(cast: Cast) -> None:
    """Bob calls his session alice; alice is known by her own calls."""
    use(cast.alice)
    use(assume_role(cast.bob, cast.analyst, "alice"))
    seen = roles_of(cast.world)
    assert seen.found() == ["medium borrowed-name Analyst"]
    assert "another: bob as “alice”" in seen.rows("findings")[0]["reason"]


def test_ones_own_name_through_identity_center_is_not_borrowed(cast: Cast) -> None:
    """The person's id stands for the name in the second role; both are her."""
    person = workforce(cast.world, cast.security).person("alice@example.com", user_id="u-alice")
    hat = portal_session(person, permission_set_role(cast.world, cast.production, "Admin"))
    use(hat)
    use(assume_role(hat, cast.analyst, "alice@example.com"))
    assert roles_of(cast.world).found() == []


def test_wearers_are_cut_and_the_counts_are_not(cast: Cast) -> None:
    """The limit is of each role; a note says how many rows are missing."""
    for name in ("dan", "eve", "fay"):
        user = cast.world.user(cast.security, name)
        user.key = f"AKIA{name.upper():0<16}"
        use(assume_role(user, cast.analyst, name))
    seen = roles_of(cast.world, limit=2)
    assert [row["actor_name"] for row in seen.rows("wearers")] == ["eve", "fay"]
    assert seen.rows("roles")[0]["people"] == 3
    assert any("1 of the wearers' rows" in note for note in seen.report.notes)
    assert not any("wearers' rows" in note for note in roles_of(cast.world, limit=3).report.notes)


def test_hostile_session_names_draw_nothing(cast: Cast) -> None:
    """An arrow in a name makes no role, a control character does nothing."""
    lost = assume_role(cast.bob, cast.analyst, "x\x1b[31m\u202e")
    lose_issue(lost)
    use(lost)
    text = roles_of(cast.world).text()
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("width", [80, 120])
def test_roles_of_the_samples(lake: Path, width: int) -> None:
    """The incident, role by role."""
    ran = rolecall("roles", "--lake", lake, columns=width)
    assert ran.exit_code == 0, ran.stderr
    assert_golden(f"samples-roles-{width}.txt", ran.stdout)


def test_fail_on_stops_at_findings_that_are_urgent_enough(lake: Path) -> None:
    """The samples have medium findings, none that is high; the report is written before."""
    stopped = rolecall("roles", "--lake", lake, "--fail-on", "medium")
    assert stopped.exit_code == 3
    assert "Who wore which role" in stopped.stdout
    assert rolecall("roles", "--lake", lake, "--fail-on", "high").exit_code == 0
