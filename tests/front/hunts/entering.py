"""Hunts about where people come from: addresses, accounts, instances, refused roles."""

from __future__ import annotations

from tests.front.hunts.case import Case, Values
from tests.world.federation import role_with_web_identity
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.signin import console_login
from tests.world.sts import access_key, assume_role, deny_assume_role
from tests.world.times import DAY, MINUTE
from tests.world.workloads import ec2_instance

BREAK_GLASS = "arn:aws:iam::300000000003:role/security/BreakGlass"


def one_address(cast: Cast) -> Values:
    """Bob and a session of Alice's from one address; she herself from another."""
    use(cast.alice)
    use(cast.bob)
    use(assume_role(cast.alice, cast.analyst, "bob"), ip="203.0.113.11")
    return {"address": ["203.0.113.11"]}


def many_addresses(cast: Cast) -> Values:
    use(cast.alice)
    use(cast.bob)
    return {"address": ["203.0.113.*"]}


def no_such_address(cast: Cast) -> Values:
    use(cast.alice)
    return {"address": ["198.51.100.*", "203.0.113.1"]}


def from_another_account(cast: Cast) -> Values:
    """Alice's role; a role of the account's own, and an instance, are no entries."""
    use(assume_role(cast.alice, cast.break_glass, "alice"))
    assume_role(cast.bob, cast.break_glass, "alice")
    first, _ = ec2_instance(cast.world, cast.role(cast.production, "Web"))
    use(first)
    use(assume_role(first, cast.role(cast.production, "Inner"), "x"))
    return {"account": cast.production.id}


def from_nobody_knows(cast: Cast) -> Values:
    """The trail of Alice's account is not in the lake, and she made nothing else there."""
    use(assume_role(assume_role(cast.alice, cast.analyst, "x"), cast.break_glass, "alice"))
    cast.world.withhold_account(cast.security)
    return {"account": cast.production.id}


def by_sign_in_and_key(cast: Cast) -> Values:
    console_login(cast.world.user(cast.production, "carol"))
    use(access_key(cast.world.user(cast.production, "dave")))
    role_with_web_identity(cast.world, cast.role(cast.production, "Deploy"), "repo:shop", "x")
    return {"account": cast.production.id}


def elsewhere(cast: Cast) -> Values:
    use(assume_role(cast.alice, cast.analyst, "x"))
    deny_assume_role(cast.alice, cast.break_glass)
    return {"account": cast.production.id}


def probing(cast: Cast) -> None:
    for name in ("A", "B", "C"):
        deny_assume_role(cast.alice, cast.role(cast.production, name))
    assume_role(cast.alice, cast.break_glass, "x")


def retrying(cast: Cast) -> None:
    """Terraform makes three roles and puts each on at once: refused, and four minutes later not."""
    for name in ("A", "B", "C"):
        role = cast.role(cast.security, name)
        deny_assume_role(cast.alice, role)
        deny_assume_role(cast.alice, role, at=cast.world.tick(3 * MINUTE))
        assume_role(cast.alice, role, "terraform", at=cast.world.tick(MINUTE))


def retrying_in_all(cast: Cast) -> Values:
    retrying(cast)
    return {"least": 0}


def too_late_or_another(cast: Cast) -> None:
    """One opens after six minutes, one to Bob, one never."""
    late, bobs = cast.role(cast.security, "Late"), cast.role(cast.security, "Bobs")
    deny_assume_role(cast.alice, late)
    assume_role(cast.alice, late, "x", at=cast.world.tick(6 * MINUTE))
    deny_assume_role(cast.alice, bobs)
    assume_role(cast.bob, bobs, "alice")
    deny_assume_role(cast.alice, cast.role(cast.security, "Never"))


def hesitating(cast: Cast) -> None:
    """One role three times, and another the next day; Bob two."""
    for _ in range(3):
        deny_assume_role(cast.alice, cast.analyst)
    cast.world.tick(DAY)
    deny_assume_role(cast.alice, cast.break_glass)
    deny_assume_role(cast.bob, cast.analyst)
    deny_assume_role(cast.bob, cast.break_glass)


def two_in_all(cast: Cast) -> Values:
    hesitating(cast)
    return {"least": 2}


def stolen(cast: Cast) -> None:
    hat, _ = ec2_instance(cast.world, cast.role(cast.production, "Web"), instance="i-0abc")
    use(hat, ip="192.0.2.10")
    use(hat, ip="198.51.100.66")


def at_home(cast: Cast) -> None:
    """One public address, its private one, a service's, IPv6; another instance elsewhere."""
    role = cast.role(cast.production, "Web")
    hat, _ = ec2_instance(cast.world, role, instance="i-0abc")
    for address in ("192.0.2.10", "10.0.3.4", "172.31.0.9", "2001:db8::1", "ec2.amazonaws.com"):
        use(hat, ip=address)
    other, _ = ec2_instance(cast.world, role, instance="i-0def")
    use(other, ip="192.0.2.11")
    use(assume_role(cast.alice, cast.analyst, "x"), ip="198.51.100.66")


def stolen_and_unknown(cast: Cast) -> None:
    """The issue of a session that calls itself an instance is not in the lake."""
    hat = assume_role(cast.alice, cast.analyst, "i-0abc")
    lose_issue(hat)
    use(hat, ip="192.0.2.10")
    use(hat, ip="198.51.100.66")


CASES = (
    Case(
        "address_use",
        "Alice's session under her name, though it is called Bob; not what she did elsewhere.",
        one_address,
        [
            {"actor_name": "bob", "chain": [], "events": 1},
            {"actor_name": "alice", "events": 1, "source_addresses": ["203.0.113.11"]},
        ],
    ),
    Case(
        "address_use",
        "A pattern of addresses.",
        many_addresses,
        [{"actor_name": "alice"}, {"actor_name": "bob"}],
    ),
    Case("address_use", "Addresses that only begin alike.", no_such_address),
    Case(
        "account_entries",
        "From another account, used or not; both copies of the call are one entry.",
        from_another_account,
        [
            {"actor_name": "alice", "came_from": "200000000002", "entries": 1},
            {"actor_name": "bob", "chain": [BREAK_GLASS], "entries": 1, "session_ids": []},
        ],
    ),
    Case(
        "account_entries",
        "Only the account is known: no person is named.",
        from_nobody_knows,
        [{"actor_kind": "external-account", "actor_name": "200000000002", "entries": 1}],
    ),
    Case(
        "account_entries",
        "A sign-in, a long-term key, a web identity.",
        by_sign_in_and_key,
        [
            {"actor_name": "carol", "way_in": "ConsoleLogin", "came_from": "console"},
            {"actor_name": "dave", "way_in": "long-term key"},
            {"actor_name": "repo:shop", "way_in": "AssumeRoleWithWebIdentity"},
        ],
    ),
    Case("account_entries", "Another account, and a refusal.", elsewhere),
    Case(
        "denied_role_probes",
        "Three roles on one day, and the one that opened.",
        probing,
        [{"actor_name": "alice", "roles_denied": 3, "opened_roles": [BREAK_GLASS]}],
    ),
    Case("denied_role_probes", "One role often, two roles in all.", hesitating),
    Case("denied_role_probes", "Roles that were made a moment ago, and open on retry.", retrying),
    Case(
        "denied_role_probes",
        "Those that open on retry, where they are asked for.",
        retrying_in_all,
        [{"actor_name": "alice", "roles_denied": 0, "denied": 6, "refused_roles": []}],
    ),
    Case(
        "denied_role_probes",
        "What opens too late, or to another, was refused.",
        too_late_or_another,
        [{"actor_name": "alice", "roles_denied": 3, "opened_later": []}],
    ),
    Case(
        "denied_role_probes",
        "Two, where two are asked for.",
        two_in_all,
        [{"actor_name": "bob", "roles_denied": 2}],
    ),
    Case(
        "instance_two_addresses",
        "The second address is told by its first event.",
        stolen,
        [{"actor_name": "i-0abc", "source_addresses": ["192.0.2.10", "198.51.100.66"]}],
    ),
    Case(
        "instance_two_addresses",
        "A session that only calls itself an instance names nobody.",
        stolen_and_unknown,
        [{"actor_kind": "unresolved", "actor_name": None, "instance": "i-0abc"}],
    ),
    Case("instance_two_addresses", "Private, services' and one public address.", at_home),
)
