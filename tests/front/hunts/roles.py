"""Hunts about roles: trust, rings, break-glass."""

from __future__ import annotations

from tests.front.hunts.case import Case, Values, trust
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.sts import assume_role, deny_assume_role
from tests.world.times import DAY, MINUTE

ANALYST = "arn:aws:iam::200000000002:role/Analyst"
BREAK_GLASS = "arn:aws:iam::300000000003:role/security/BreakGlass"
BOB = "arn:aws:iam::200000000002:user/bob"


def back_door(cast: Cast) -> None:
    """Alice wore it before; she lets Bob in, who comes twice."""
    assume_role(cast.alice, cast.analyst, "x")
    trust(cast.alice, cast.analyst, BOB)
    assume_role(cast.alice, cast.analyst, "x")
    assume_role(cast.bob, cast.analyst, "alice", at=cast.world.tick(DAY))
    assume_role(cast.bob, cast.analyst, "alice")


def from_outside(cast: Cast) -> None:
    """Another account's user, of whom only the role owner's copy is there."""
    cast.world.withhold_account(cast.security)
    admin = assume_role(cast.alice, cast.break_glass, "x")
    trust(admin, cast.break_glass, BOB)
    assume_role(cast.bob, cast.break_glass, "x")
    cast.world.withhold_account(cast.security)


def known_before(cast: Cast) -> None:
    """Bob wore it before; the change failed; he comes long after; another role was changed."""
    assume_role(cast.bob, cast.analyst, "x")
    trust(cast.alice, cast.analyst, BOB)
    assume_role(cast.bob, cast.analyst, "y")
    other = cast.role(cast.security, "Other")
    params = {"roleName": "Other", "policyDocument": "{}"}
    cast.alice.call("iam", "UpdateAssumeRolePolicy", params=params, denied=True)
    assume_role(cast.bob, other, "x")
    late = cast.role(cast.security, "Late")
    trust(cast.alice, late, BOB)
    assume_role(cast.bob, late, "x", at=cast.world.tick(31 * DAY))
    trust(cast.alice, cast.role(cast.production, "Analyst2"), BOB)


def new_role(cast: Cast) -> None:
    """A role made for another account, and one for one's own."""
    for role in (cast.break_glass, cast.analyst):
        response = {"role": {"arn": role.arn, "roleName": role.name}}
        params = {"roleName": role.name, "assumeRolePolicyDocument": "{}"}
        call = cast.bob.call("iam", "CreateRole", params=params, response=response)
        call.record["recipientAccountId"] = role.account.id
        assume_role(cast.alice, role, "x")


def ring(cast: Cast, *, hops: int, roles: int) -> Credential:
    worn = [cast.role(cast.security, f"R{n}") for n in range(roles)]
    hat = cast.alice
    for hop in range(hops):
        hat = assume_role(hat, worn[hop % roles], "x", at=cast.world.tick(50 * MINUTE))
    use(hat)
    return hat


def juggled(cast: Cast) -> None:
    ring(cast, hops=300, roles=2)


def itself(cast: Cast) -> None:
    """A role puts itself on; the first of its calls is missing, so nobody is named."""
    first = assume_role(cast.alice, cast.analyst, "alice")
    lose_issue(first)
    use(first)
    use(assume_role(first, cast.analyst, "alice"))


def straight(cast: Cast) -> None:
    """Three roles, and each of them again from the beginning."""
    ring(cast, hops=3, roles=3)
    use(assume_role(cast.alice, cast.analyst, "x"))
    use(assume_role(cast.alice, cast.analyst, "x"))


def glass_broken(cast: Cast) -> Values:
    """Alice puts it on and works, also in a role put on from it; Bob is refused."""
    hat = assume_role(cast.alice, cast.break_glass, "bob")
    use(hat)
    use(assume_role(hat, cast.role(cast.production, "Payments"), "bob"))
    deny_assume_role(cast.bob, cast.break_glass)
    return {"role": ["breakglass"]}


def glass_by_somebody(cast: Cast) -> Values:
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    lose_issue(hat)
    use(hat)
    return {"role": ["arn:aws:iam::*:role/security/*"]}


def glass_whole(cast: Cast) -> Values:
    use(assume_role(cast.alice, cast.analyst, "BreakGlass"))
    deny_assume_role(cast.alice, cast.role(cast.production, "BreakGlassReader"))
    return {"role": ["BreakGlass"]}


CASES = (
    Case(
        "trust_change_used",
        "Bob is new, once; Alice, who changed it, is not.",
        back_door,
        [{"actor_name": "alice", "then_actor_name": "bob", "trusted": [BOB], "role_arn": ANALYST}],
    ),
    Case(
        "trust_change_used",
        "Who came from an account that is not in the lake is that account.",
        from_outside,
        [{"actor_kind": "external-account", "then_actor_kind": "external-account"}],
    ),
    Case(
        "trust_change_used",
        "A new role for another account; not one for its own.",
        new_role,
        [{"event_name": "CreateRole", "role_arn": BREAK_GLASS, "then_actor_name": "alice"}],
    ),
    Case("trust_change_used", "Known before, refused, too late, another role.", known_before),
    Case(
        "role_juggling",
        "Three hundred hops are one row.",
        juggled,
        [{"actor_name": "alice", "hops": 300, "times_back": 298, "evidence": "proven"}],
    ),
    Case(
        "role_juggling",
        "A role that puts itself on, by nobody knows whom.",
        itself,
        [{"actor_name": None, "times_back": 1, "chain": [ANALYST, ANALYST]}],
    ),
    Case("role_juggling", "Many roles, none of them twice in one chain.", straight),
    Case(
        "break_glass_use",
        "Put on, used, used through another role, refused.",
        glass_broken,
        [
            {"actor_name": "alice", "kind_of_use": "put on", "events": 1},
            {"actor_name": "alice", "kind_of_use": "used", "chain": [BREAK_GLASS]},
            {"actor_name": "alice", "kind_of_use": "used", "events": 1},
            {"actor_name": "bob", "kind_of_use": "refused", "denied": 1},
        ],
    ),
    Case(
        "break_glass_use",
        "By somebody who calls himself alice.",
        glass_by_somebody,
        [{"actor_name": None, "claimed_actor": "alice", "kind_of_use": "used"}],
    ),
    Case("break_glass_use", "A session of that name, a role that begins alike.", glass_whole),
)
