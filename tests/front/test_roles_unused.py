"""`roles --inventory`: roles that nobody wore, and principals of trust policies that never came."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.inventory import InventoryRole, Trust
from pipeline.reports.window import Window
from tests.front.hats import Seen, roles_of
from tests.front.terminal import rolecall
from tests.world.federation import role_with_saml, role_with_web_identity
from tests.world.model import Role
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.sts import assume_role, deny_assume_role
from tests.world.workloads import ec2_instance
from tests.world.world import World

GITHUB = "token.actions.githubusercontent.com"


@pytest.fixture
def cast() -> Cast:
    """Something in both accounts' trails, from 08:00 on 2026-11-20 until 18:00."""
    cast = Cast(World("inventory"))
    use(cast.alice)
    guard = cast.role(cast.production, "Guard")
    use(assume_role(cast.bob, guard, "bob"))
    late = assume_role(cast.bob, guard, "bob", at=cast.world.at("2026-11-20T17:59:00Z"))
    use(late, at=cast.world.at("2026-11-20T18:00:00Z"))
    use(cast.alice, at=cast.world.at("2026-11-20T18:00:00Z"))
    cast.world.at("2026-11-20T09:00:00Z")
    return cast


def described(role: Role, *trusts: Trust, **changes: Any) -> InventoryRole:
    """A role as IAM describes it."""
    facts: dict[str, Any] = {
        "arn": role.arn,
        "name": role.name,
        "role_id": role.id,
        "created_at": datetime(2020, 1, 1, tzinfo=UTC),
        "last_used_at": None,
        "last_used_region": None,
        "trusts": trusts,
    }
    return InventoryRole(**(facts | changes))


def aws(principal: str, *keys: str) -> Trust:
    return Trust("AWS", principal, keys)


def ask(cast: Cast, *roles: InventoryRole, **wanted: Any) -> Seen:
    return roles_of(cast.world, inventory=roles, **wanted)


def states(seen: Seen) -> dict[str, str]:
    return {row["role_name"]: row["state"] for row in seen.rows("unworn")}


def came(cast: Cast, *trusts: Trust) -> list[str]:
    """How each principal of Analyst's trust policy is judged."""
    return [row["came"] for row in ask(cast, described(cast.analyst, *trusts)).rows("trust")]


def test_a_role_that_was_worn_is_not_unworn(cast: Cast) -> None:
    """Worn is out, not worn is in; a refused attempt wears nothing."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    deny_assume_role(cast.alice, cast.break_glass)
    seen = ask(cast, described(cast.analyst), described(cast.break_glass))
    assert states(seen) == {"BreakGlass": "never-used"}


def test_a_role_that_was_handed_out_is_not_unworn(cast: Cast) -> None:
    """Its calls may be in a trail that is not there."""
    assume_role(cast.alice, cast.analyst, "alice")
    assert states(ask(cast, described(cast.analyst))) == {}


def test_no_role_is_unworn_where_its_account_is_not_in_the_lake(cast: Cast) -> None:
    """Nobody can say, and it is said which trail is missing."""
    seen = ask(cast, described(cast.role(cast.elsewhere, "Away")))
    assert states(seen) == {"Away": "not-covered"}
    assert "the trail of account 900000000009 is not in the lake" in seen.text()


@pytest.mark.parametrize(
    ("used", "state"),
    [
        ("2026-11-19T10:00", "used-before"),
        ("2026-11-20T12:00", "aws-saw-use"),
        ("2026-11-23T10:00", "used-after"),
    ],
)
def test_aws_is_a_second_witness(cast: Cast, used: str, state: str) -> None:
    """Before the lake, within it (then a record is missing), after it."""
    moment = datetime.fromisoformat(used).replace(tzinfo=UTC)
    role = described(cast.analyst, last_used_at=moment, last_used_region="eu-west-1")
    seen = ask(cast, role)
    assert states(seen) == {"Analyst": state}
    expected = ["low use-not-in-lake Analyst"] if state == "aws-saw-use" else []
    assert seen.found() == expected


def test_a_role_worn_outside_the_window_says_when(cast: Cast) -> None:
    """The lake itself knows better than `never`."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    seen = ask(cast, described(cast.analyst), window=Window(noon, None))
    assert states(seen) == {"Analyst": "used-before"}
    assert seen.rows("unworn")[0]["last_in_lake"] == "2026-11-20T09:00:10Z"


def test_a_role_that_was_made_later_could_not_be_worn(cast: Cast) -> None:
    """It is no sign of neglect."""
    role = described(cast.analyst, created_at=datetime(2026, 11, 22, tzinfo=UTC))
    assert states(ask(cast, role)) == {"Analyst": "made-after"}


def test_a_role_that_iam_now_has_under_another_id_was_replaced(cast: Cast) -> None:
    """The unique id tells; without one in the file, or with the same, nothing is said."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    assert ask(cast, described(cast.analyst, role_id="AROANEW")).found() == [
        "medium replaced Analyst"
    ]
    assert ask(cast, described(cast.analyst)).found() == []
    assert ask(cast, described(cast.analyst, role_id="")).found() == []


def test_without_an_inventory_nothing_is_said_of_the_unworn(cast: Cast) -> None:
    """CloudTrail does not list roles; a note says what would."""
    seen = roles_of(cast.world)
    assert "unworn" not in seen.document["tables"]
    assert any("--inventory" in note for note in seen.report.notes)


def test_a_filter_on_roles_is_one_on_the_inventory(cast: Cast) -> None:
    """By name, pattern, account; a filter on the wearer makes no role unworn."""
    inventory = (described(cast.analyst), described(cast.break_glass))
    assert states(ask(cast, *inventory, role="Break*")) == {"BreakGlass": "never-used"}
    assert states(ask(cast, *inventory, account="200000000002")) == {"Analyst": "never-used"}
    use(assume_role(cast.alice, cast.analyst, "alice"))
    assert states(ask(cast, *inventory, actor="bob")) == {"BreakGlass": "never-used"}


def test_users_and_accounts_that_came_and_that_did_not(cast: Cast) -> None:
    """By user, by account in both spellings; another user did not come."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    assert came(
        cast,
        aws("arn:aws:iam::200000000002:user/alice"),
        aws("arn:aws:iam::200000000002:user/bob"),
        aws("arn:aws:iam::200000000002:root"),
        aws("200000000002"),
        aws("arn:aws:iam::300000000003:root"),
    ) == ["came", "never", "came", "came", "never"]


def test_roles_that_came_whatever_their_path(cast: Cast) -> None:
    """The caller's ARN has no path; the session's own ARN is meant exactly."""
    glass = assume_role(cast.alice, cast.break_glass, "alice")
    use(glass)
    use(assume_role(glass, cast.analyst, "alice"))
    assert came(
        cast,
        aws(cast.break_glass.arn),
        aws("arn:aws:iam::300000000003:role/Other"),
        aws("arn:aws:sts::300000000003:assumed-role/BreakGlass/alice"),
        aws("arn:aws:sts::300000000003:assumed-role/BreakGlass/bob"),
        aws("arn:aws:iam::300000000003:user/BreakGlass"),
    ) == ["came", "never", "came", "never", "never"]


def test_services_and_providers_that_came(cast: Cast) -> None:
    """A service, in either spelling; GitHub by ARN; SAML by the only provider."""
    ec2_instance(cast.world, cast.analyst)
    use(role_with_web_identity(cast.world, cast.analyst, "repo:x", "ci", provider=GITHUB))
    use(role_with_saml(cast.world, cast.analyst, "alice@example.com"))
    oidc = "arn:aws:iam::200000000002:oidc-provider/"
    assert came(
        cast,
        Trust("Service", "ec2.amazonaws.com"),
        Trust("Service", "ec2.us-east-1.amazonaws.com"),
        Trust("Service", "lambda.amazonaws.com"),
        Trust("Federated", oidc + GITHUB),
        Trust("Federated", oidc + "gitlab.com"),
        Trust("Federated", "arn:aws:iam::200000000002:saml-provider/corp-idp"),
    ) == ["came", "came", "never", "came", "never", "came"]


def test_of_two_saml_providers_none_is_picked(cast: Cast) -> None:
    """The call's record does not tie to one of them here."""
    use(role_with_saml(cast.world, cast.analyst, "alice@example.com"))
    saml = "arn:aws:iam::200000000002:saml-provider/"
    found = came(cast, Trust("Federated", saml + "a"), Trust("Federated", saml + "b"))
    assert found == ["perhaps", "perhaps"]


def test_a_session_whose_call_is_missing_may_be_anybodys(cast: Cast) -> None:
    """`never` would be more than the lake can say."""
    lost = assume_role(cast.alice, cast.analyst, "alice")
    lose_issue(lost)
    use(lost)
    assert came(cast, aws("arn:aws:iam::200000000002:user/bob")) == ["perhaps"]


def test_a_caller_of_whom_only_the_account_is_known_may_be_the_one(cast: Cast) -> None:
    """The role owner's copy does not name the caller."""
    stranger = cast.world.user(cast.elsewhere, "eve")
    stranger.key = "AKIAEVE0000000000001"
    use(assume_role(stranger, cast.analyst, "eve"))
    assert came(cast, aws("arn:aws:iam::900000000009:user/eve"), aws("900000000009")) == [
        "perhaps",
        "came",
    ]


def test_unused_trust_is_shown_of_roles_that_were_worn(cast: Cast) -> None:
    """Of a role nobody wore, it is the role that is unused."""
    use(assume_role(cast.alice, cast.analyst, "alice"))
    bob = aws("arn:aws:iam::200000000002:user/bob")
    seen = ask(cast, described(cast.analyst, bob), described(cast.break_glass, bob))
    assert [row["role_name"] for row in seen.rows("unused_trust")] == ["Analyst"]


@pytest.mark.parametrize(
    ("trust", "found"),
    [
        (aws("*"), ["critical trusts-anybody Analyst"]),
        (aws("*", "aws:PrincipalOrgID"), ["medium trusts-anybody Analyst"]),
        (aws("777777777777"), ["medium trusts-outside-account Analyst"]),
        (aws("777777777777", "sts:ExternalId"), ["low trusts-outside-account Analyst"]),
        (aws("AIDAGONE000000000001"), ["low trusts-deleted-principal Analyst"]),
        (aws("arn:aws:iam::300000000003:root"), []),
        (aws("arn:aws:iam::200000000002:user/alice"), []),
        (Trust("Service", "ec2.amazonaws.com"), []),
        (Trust("Federated", "cognito-identity.amazonaws.com"), []),
    ],
)
def test_trust_that_calls_for_action(cast: Cast, trust: Trust, found: list[str]) -> None:
    """Anybody, strangers, the dead; our own accounts, services and providers do not."""
    assert ask(cast, described(cast.analyst, trust)).found() == found


def test_an_account_is_known_by_the_lake_the_inventory_or_by_name(cast: Cast) -> None:
    """An account of ours that is not ingested is named on the command line."""
    role = described(cast.analyst, aws("900000000009"))
    away = described(cast.role(cast.elsewhere, "Away"))
    assert ask(cast, role).found() == ["medium trusts-outside-account Analyst"]
    assert ask(cast, role, away).found() == []
    assert ask(cast, role, known_accounts=frozenset({"900000000009"})).found() == []


def test_the_command_reads_an_inventory(lake: Path, tmp_path: Path) -> None:
    """`--fail-on` sees what it finds; a bad file fails before the lake is opened."""
    path = tmp_path / "roles.json"
    policy = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}
    arn = "arn:aws:iam::300000000003:role/Forgotten"
    role = {"Arn": arn, "RoleName": "Forgotten", "AssumeRolePolicyDocument": policy}
    path.write_text(json.dumps({"RoleDetailList": [role]}), encoding="utf-8")
    ran = rolecall("roles", "--lake", lake, "--inventory", path, "--fail-on", "critical")
    assert ran.exit_code == 3
    assert "the inventory does not say whether AWS saw one" in ran.stdout
    path.write_text(json.dumps({"RoleDetailList": [role | {"RoleLastUsed": {}}]}), encoding="utf-8")
    ran = rolecall("roles", "--lake", lake, "--inventory", path)
    assert "the lake has no use of it, nor does the inventory tell of one" in ran.stdout
    bad = rolecall("roles", "--lake", lake / "nowhere", "--inventory", tmp_path / "none.json")
    assert bad.exit_code == 2
    assert "--inventory: the inventory cannot be read" in bad.stderr
