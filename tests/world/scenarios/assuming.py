"""AssumeRole by people and by roles, inside one account."""

from __future__ import annotations

from tests.world.forward import forwarded
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, Scenario, lose_issue, use
from tests.world.sts import access_key, assume_role, deny_assume_role, get_session_token
from tests.world.times import DAY, HOUR
from tests.world.world import World

PLACEHOLDER = "ASIAIOSFODNN7EXAMPLE"


def by_user(world: World, *, lost: bool = False, late: bool = False, keyless: bool = False) -> None:
    """A user puts on a role with an access key."""
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "alice")
    if lost:
        lose_issue(hat)
    if late and hat.issue:
        hat.issue.call.delay = 5 * HOUR
    use(hat)
    use(hat, **({"key": None} if keyless else {}))


def with_mfa(world: World) -> None:
    """GetSessionToken with MFA, then a role."""
    cast = Cast(world)
    use(assume_role(get_session_token(cast.alice, mfa=True), cast.analyst, "alice"))


def chained(world: World, *, lost: int | None = None, hops: int = 2) -> None:
    """Role after role; `lost` is the hop whose AssumeRole is missing, from 1."""
    cast = Cast(world)
    hat: Credential = cast.alice
    for hop in range(1, hops + 1):
        hat = assume_role(hat, cast.role(cast.security, f"R{hop}"), "x")
        if hop == lost:
            lose_issue(hat)
        use(hat)


def juggled(world: World, *, hops: int = 4, roles: int = 2) -> None:
    """Role juggling: the same roles in turn, before each session ends."""
    cast = Cast(world)
    ring = [cast.role(cast.security, f"R{n}") for n in range(roles)]
    hat: Credential = cast.alice
    for hop in range(hops):
        hat = assume_role(hat, ring[hop % roles], "x", at=world.tick(50 * 60))
    use(hat)


def denied(world: World) -> None:
    """Refused calls make no session, even with another person's session in the same second."""
    cast = Cast(world)
    now = world.tick()
    hat = assume_role(cast.bob, cast.analyst, "alice", at=now)
    deny_assume_role(cast.alice, cast.analyst, at=now)
    use(hat)


def same_second(world: World, *, last: str = "issued", lost: bool = False) -> None:
    """Two people, one role, one session name, one second: only the key tells them apart.

    last -- what signs the last call, in truth Bob's: the issued key, a key that a
        service derived, or no key at all; lost -- Bob's AssumeRole is missing.
    """
    cast = Cast(world)
    now = world.tick()
    first = assume_role(cast.alice, cast.analyst, "ops", at=now)
    second = assume_role(cast.bob, cast.analyst, "ops", at=now)
    if lost:
        lose_issue(second)
    use(first)
    use(second)
    if last == "derived":
        forwarded(second, "athena", "s3", "GetObject")
    elif last == "keyless":
        use(second, key=None)


def recurring_key(world: World, *, lost: bool = False) -> None:
    """A key id that comes back months later under another principal."""
    cast = Cast(world)
    first = assume_role(cast.alice, cast.analyst, "x")
    use(first)
    world.tick(120 * DAY)
    second = assume_role(cast.bob, cast.role(cast.security, "Other"), "x", key=first.key)
    if lost:
        lose_issue(second)
    use(second)


def same_principal_later(world: World) -> None:
    """The same role and session name again, by somebody else, whose AssumeRole is missing."""
    cast = Cast(world)
    use(assume_role(cast.alice, cast.analyst, "x"))
    world.tick(20 * 60)
    again = assume_role(cast.bob, cast.analyst, "x")
    lose_issue(again)
    use(again)


def placeholder_key(world: World, *, same_session: bool = False) -> None:
    """A redacted key id in an issuing call and in an unrelated use links nothing."""
    cast = Cast(world)
    first = assume_role(cast.alice, cast.analyst, "x", key=PLACEHOLDER)
    use(first)
    if not same_session:
        second = assume_role(cast.bob, cast.role(cast.security, "Other"), "x", key=PLACEHOLDER)
        lose_issue(second)
        use(second)


def self_issued_key(world: World) -> None:
    """A response that shows the caller's own key: no chain through itself."""
    cast = Cast(world)
    hat = assume_role(cast.alice, cast.analyst, "x")
    use(hat)
    lose_issue(hat)
    onward = assume_role(hat, cast.role(cast.security, "Other"), "x", key=hat.key)
    lose_issue(onward)
    use(hat)


def source_identity(world: World, *, lost: bool = False) -> None:
    """SourceIdentity is carried down; alone it is a claim, stronger than a session name."""
    cast = Cast(world)
    first = assume_role(cast.alice, cast.analyst, "job-1", source_identity="alice")
    hat = assume_role(first, cast.role(cast.security, "Other"), "job-2")
    if lost:
        lose_issue(first)
        lose_issue(hat)
    use(hat)


def lying_source_identity(world: World) -> None:
    """Bob sets Alice's name as source identity: proof beats the claim."""
    cast = Cast(world)
    use(assume_role(cast.bob, cast.analyst, "alice", source_identity="alice"))


def tagged(world: World) -> None:
    """Session tags, one of them transitive through the next hop."""
    cast = Cast(world)
    tags = {"team": "blue", "ticket": "7"}
    first = assume_role(cast.alice, cast.analyst, "x", tags=tags, transitive=("team",))
    use(assume_role(first, cast.role(cast.security, "Other"), "x"))


def new_key_old_user(world: World) -> None:
    """CreateAccessKey by an administrator: uses of the key are its owner's, not the maker's."""
    cast = Cast(world)
    key = access_key(cast.bob_user, at=world.tick(), by=cast.alice)
    use(assume_role(key, cast.analyst, "alice"))


ALICE = "proven iam-user alice: "
SCENARIOS = (
    Scenario("assume-role/by-user", by_user, ALICE + "Analyst"),
    Scenario("assume-role/by-user/late", by_user, ALICE + "Analyst", {"late": True}),
    Scenario("assume-role/by-user/no-key-in-use", by_user, ALICE + "Analyst", {"keyless": True}),
    Scenario(
        "assume-role/by-user/lost", by_user, "unresolved claims alice: Analyst", {"lost": True},
    ),
    Scenario("assume-role/with-mfa", with_mfa, ALICE + "Analyst"),
    Scenario("assume-role/chained", chained, ALICE + "R1 > R2"),
    Scenario(
        "assume-role/chained/first-lost", chained, "unresolved claims x: R1 > R2", {"lost": 1},
    ),
    Scenario("assume-role/chained/second-lost", chained, "unresolved claims x: R2", {"lost": 2}),
    Scenario("assume-role/chained/deep", chained, ALICE + "R1 > R2 > R3 > R4 > R5", {"hops": 5}),
    Scenario("assume-role/juggled", juggled, ALICE + "R0 > R1 > R0 > R1"),
    Scenario(
        "assume-role/juggled/itself", juggled, ALICE + "R0 > R0 > R0", {"hops": 3, "roles": 1},
    ),
    Scenario(
        "assume-role/juggled/for-weeks", juggled, ALICE + " > ".join(["R0", "R1"] * 200),
        {"hops": 400},
    ),
    Scenario("assume-role/denied", denied, "proven iam-user bob: Analyst"),
    Scenario("assume-role/same-second", same_second, "proven iam-user bob: Analyst"),
    Scenario(
        "assume-role/same-second/derived-key", same_second, "ambiguous alice or bob: Analyst",
        {"last": "derived"},
    ),
    Scenario(
        "assume-role/same-second/no-key", same_second, "ambiguous alice or bob: Analyst",
        {"last": "keyless"},
    ),
    Scenario(
        "assume-role/same-second/one-lost", same_second, "ambiguous alice: Analyst", {"lost": True}
    ),
    Scenario(
        "assume-role/same-second/one-lost/derived-key", same_second, "ambiguous alice: Analyst",
        {"lost": True, "last": "derived"},
    ),
    Scenario("assume-role/recurring-key", recurring_key, "proven iam-user bob: Other"),
    Scenario(
        "assume-role/recurring-key/lost", recurring_key,
        "unresolved claims x: Other", {"lost": True}
    ),
    Scenario(
        "assume-role/same-principal-later", same_principal_later, "unresolved claims x: Analyst",
    ),
    Scenario("assume-role/placeholder-key", placeholder_key, "unresolved claims x: Other"),
    Scenario(
        "assume-role/placeholder-key/same-session", placeholder_key, ALICE + "Analyst",
        {"same_session": True},
    ),
    Scenario("assume-role/self-issued-key", self_issued_key, "unresolved claims x: Analyst"),
    Scenario("assume-role/source-identity", source_identity, ALICE + "Analyst > Other"),
    Scenario(
        "assume-role/source-identity/lost", source_identity, "unresolved claims alice: Other",
        {"lost": True},
    ),
    Scenario(
        "assume-role/source-identity/lie", lying_source_identity, "proven iam-user bob: Analyst",
    ),
    Scenario("assume-role/tags", tagged, ALICE + "Analyst > Other"),
    Scenario("assume-role/new-key", new_key_old_user, "proven iam-user bob: Analyst"),
)  # fmt: skip
