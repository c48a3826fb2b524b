"""Roles across accounts: two copies of one call, or only one of them (semantics.md 3.3)."""

from __future__ import annotations

from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, Scenario, use
from tests.world.sts import access_key, assume_role
from tests.world.world import World


def across(world: World, *, copies: str = "both") -> None:
    """Alice of one account on a role of another, straight from her key.

    copies -- `both`, `owner` (her account's trail is missing), `caller` (the owner's copy is
        missing, the session's own calls are there), `call` (only that one copy is missing).
    """
    cast = Cast(world)
    use(cast.alice)
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    use(hat)
    assert hat.issue is not None
    if copies == "owner":
        world.withhold_account(cast.security)
    elif copies == "caller":
        assert hat.issue.owner_copy is not None
        world.withhold(hat.issue.owner_copy)
    elif copies == "call":
        world.withhold(hat.issue.call)


def after_a_hop(world: World, *, missing: str = "") -> None:
    """Analyst in one account, then a role in another: the owner's copy names no session."""
    cast = Cast(world)
    look = assume_role(cast.alice, cast.analyst, "alice")
    use(look)
    hat = assume_role(look, cast.break_glass, "alice")
    use(hat)
    if missing == "account":
        world.withhold_account(cast.security)
    elif missing == "first":
        assert look.issue is not None
        world.withhold(look.issue.call)


def owner_copy(world: World, *, missing: bool = False) -> None:
    """The role owner's copy itself belongs to the caller that the other copy names."""
    cast = Cast(world)
    assume_role(cast.alice, cast.break_glass, "alice")
    if missing:
        world.withhold_account(cast.security)


def from_elsewhere(world: World, *, onward: bool = False) -> None:
    """A user of an account that is not ours, named like one of ours."""
    cast = Cast(world)
    stranger = access_key(world.user(cast.elsewhere, "alice"))
    hat = assume_role(stranger, cast.break_glass, "alice")
    use(hat)
    if onward:
        use(assume_role(hat, cast.analyst, "alice"))


def role_from_elsewhere(world: World) -> None:
    """A role session of an account that is not ours."""
    cast = Cast(world)
    stranger = access_key(world.user(cast.elsewhere, "eve"))
    away = assume_role(stranger, cast.role(cast.elsewhere, "Away"), "eve")
    use(assume_role(away, cast.break_glass, "eve"))


def to_elsewhere(world: World) -> None:
    """A role of an account that is not ours: only the way out is seen."""
    cast = Cast(world)
    look = assume_role(cast.alice, cast.analyst, "alice")
    use(assume_role(look, cast.role(cast.elsewhere, "Away"), "alice"))


def through_and_back(world: World) -> None:
    """Out through a foreign role and back into ours: the chain begins at the foreign account."""
    cast = Cast(world)
    away = assume_role(cast.alice, cast.role(cast.elsewhere, "Away"), "alice")
    use(assume_role(away, cast.break_glass, "alice"))


def there_and_back(world: World, *, hops: int = 6) -> None:
    """Back and forth between two accounts of ours, all copies delivered."""
    cast = Cast(world)
    hat: Credential = cast.alice
    for hop in range(hops):
        account = cast.production if hop % 2 == 0 else cast.security
        hat = assume_role(hat, cast.role(account, f"R{hop}"), "x")
    use(hat)


def same_second_two_accounts(world: World) -> None:
    """People of two accounts, the same role, name and second, one trail missing."""
    cast = Cast(world)
    now = world.tick()
    stranger = access_key(world.user(cast.elsewhere, "alice"))
    use(assume_role(cast.alice, cast.break_glass, "ops", at=now))
    use(assume_role(stranger, cast.break_glass, "ops", at=now))


ALICE = "proven iam-user alice: "
SCENARIOS = (
    Scenario("accounts/both-copies", across, ALICE + "BreakGlass"),
    Scenario("accounts/caller-copy-only", across, ALICE + "BreakGlass", {"copies": "caller"}),
    Scenario(
        "accounts/owner-copy-only", across, "proven external-account 200000000002: BreakGlass",
        {"copies": "owner"},
    ),
    Scenario(
        "accounts/one-copy-lost", across, "proven external-account 200000000002: BreakGlass",
        {"copies": "call"},
    ),
    Scenario("accounts/after-a-hop", after_a_hop, ALICE + "Analyst > BreakGlass"),
    Scenario(
        "accounts/after-a-hop/account-missing", after_a_hop,
        "proven external-account 200000000002: BreakGlass", {"missing": "account"},
    ),
    Scenario(
        "accounts/after-a-hop/first-missing", after_a_hop,
        "unresolved claims alice: Analyst > BreakGlass", {"missing": "first"},
    ),
    Scenario("accounts/owner-copy", owner_copy, "proven iam-user alice"),
    Scenario(
        "accounts/owner-copy/alone", owner_copy, "direct external-account 200000000002",
        {"missing": True},
    ),
    Scenario(
        "accounts/from-elsewhere", from_elsewhere,
        "proven external-account 900000000009: BreakGlass"
    ),
    Scenario(
        "accounts/from-elsewhere/onward", from_elsewhere,
        "proven external-account 900000000009: BreakGlass > Analyst", {"onward": True},
    ),
    Scenario(
        "accounts/role-from-elsewhere", role_from_elsewhere,
        "proven external-account 900000000009: BreakGlass",
    ),
    Scenario("accounts/to-elsewhere", to_elsewhere, ALICE + "Analyst"),
    Scenario(
        "accounts/through-and-back", through_and_back,
        "proven external-account 900000000009: BreakGlass",
    ),
    Scenario(
        "accounts/there-and-back", there_and_back, ALICE + "R0 > R1 > R2 > R3 > R4 > R5"
    ),
    Scenario(
        "accounts/same-second", same_second_two_accounts,
        "proven external-account 900000000009: BreakGlass",
    ),
)  # fmt: skip
