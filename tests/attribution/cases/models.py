"""Cases of `queries/models/`."""

from __future__ import annotations

from tests.attribution.cases.case import (
    Case,
    Nights,
    alice_across,
    alice_as_analyst,
    nobody_knows,
    records,
)
from tests.world.scenarios.scenario import Cast, use
from tests.world.signin import console_login
from tests.world.sts import access_key, assume_role, like


def rivals(cast: Cast) -> Nights:
    """Alice and bob put on Analyst under one name in one second; both keys are used."""
    now = cast.world.tick()
    use(assume_role(cast.alice, cast.analyst, "ops", at=now))
    use(assume_role(cast.bob, cast.analyst, "ops", at=now))
    return (records(cast),)


def two_hops(cast: Cast) -> Nights:
    """Alice puts on Analyst, and in it BreakGlass."""
    look = assume_role(cast.alice, cast.analyst, "alice")
    use(assume_role(look, cast.break_glass, "alice"))
    return (records(cast),)


def a_second_late(cast: Cast) -> Nights:
    """A session that began a second after the call that issued it completed."""
    hat = assume_role(cast.alice, cast.analyst, "alice")
    assert hat.creation is not None
    use(like(hat, creation=hat.creation + 1, key=None))
    return (records(cast),)


def key_and_password(cast: Cast) -> Nights:
    """Alice's key puts on Analyst; bob signs in to the console."""
    use(assume_role(cast.alice, cast.analyst, "x"))
    console_login(cast.bob_user, mfa=False)
    return (records(cast),)


def a_key_made(cast: Cast) -> Nights:
    """Alice makes a key for bob."""
    access_key(cast.bob_user, at=cast.world.tick(), by=cast.alice)
    return (records(cast),)


CASES = (
    Case(
        "models/attributed_events",
        "The calls under the hat are alice's; so is the call that put it on.",
        alice_as_analyst,
        "select event_name, actor_kind, actor_name, hops, evidence from attributed_events"
        " order by event_time",
        [
            ("AssumeRole", "iam-user", "alice", 0, "direct"),
            ("ListBuckets", "iam-user", "alice", 1, "proven"),
            ("ListBuckets", "iam-user", "alice", 1, "proven"),
        ],
    ),
    Case(
        "models/chains",
        "First assumed first.",
        two_hops,
        "select [split_part(x, '/', -1) for x in chain], actor_name from chains order by hops",
        [(["Analyst"], "alice"), (["Analyst", "BreakGlass"], "alice")],
    ),
    Case(
        "models/credential_changes",
        "Whose key was made, and by whom.",
        a_key_made,
        "select credential_kind, change, owner_account, owner_name, actor_name,"
        " starts_with(credential_id, 'AKIA') from credential_changes",
        [("access-key", "created", "200000000002", "bob", "alice", True)],
    ),
    Case(
        "models/credential_uses",
        "The key's own call, the call under the role, the sign-in.",
        key_and_password,
        "select event_name, credential_kind, actor_name, is_own, with_mfa from credential_uses"
        " order by event_time",
        [
            ("AssumeRole", "access-key", "alice", True, False),
            ("ListBuckets", "access-key", "alice", False, False),
            ("ConsoleLogin", "console-password", "bob", True, False),
        ],
    ),
    Case(
        "models/event_callers",
        "The owner's copy gets its caller from the caller's copy.",
        alice_across,
        "select user_type, user_name, copy_event_id is not null from event_callers",
        [("IAMUser", "alice", True)],
    ),
    Case(
        "models/exact_candidates",
        "The issued key, and the principal with the second.",
        alice_as_analyst,
        "select rule_name, rule_rank from exact_candidates order by all",
        [("issued-key", 1), ("principal-second", 2)],
    ),
    Case(
        "models/issued_credentials",
        "Two copies are one call, its caller from the richer one.",
        alice_across,
        "select caller_user_name, caller_is_vague, len(event_ids), recipient_account_ids"
        " from issued_credentials",
        [("alice", False, 2, ["200000000002", "300000000003"])],
    ),
    Case(
        "models/link_candidates",
        "Exact and loose ones together.",
        alice_as_analyst,
        "select count(*) from link_candidates",
        [(2,)],
    ),
    Case(
        "models/loose_candidates",
        "Two seconds of tolerance, only where nothing fits exactly.",
        a_second_late,
        "select rule_name, rule_rank from loose_candidates",
        [("near-second", 6)],
    ),
    Case(
        "models/session_credentials",
        "The key that put on the role; the password of the sign-in.",
        key_and_password,
        "select credential_kind, access_key_id is not null, began_with_mfa"
        " from session_credentials order by all",
        [("access-key", True, False), ("console-password", False, False)],
    ),
    Case(
        "models/session_facts",
        "The role with its path, the name, the keys.",
        alice_across,
        "select role_arn, session_name, len(access_key_ids), event_count from session_facts",
        [("arn:aws:iam::300000000003:role/security/BreakGlass", "alice", 1, 1)],
    ),
    Case(
        "models/session_ids",
        "Two callers in one second: each key is a session of its own.",
        rivals,
        "select count(distinct session_id), count(*), bool_and(is_split) from session_ids",
        [(2, 2, True)],
    ),
    Case(
        "models/session_keys",
        "One row for the key of the session.",
        alice_as_analyst,
        "select split_part(principal_id, ':', 2), event_count from session_keys",
        [("alice", 2)],
    ),
    Case(
        "models/session_links",
        "The first rule decides; rivals with their keys are each found.",
        rivals,
        "select rule_name, candidate_count, outcome, caller_user_name from session_links"
        " order by all",
        [("issued-key", 1, "found", "alice"), ("issued-key", 1, "found", "bob")],
    ),
    Case(
        "models/session_origins",
        "Nobody is known: the session name is a claim.",
        nobody_knows,
        "select origin, actor_kind, claimed_actor, claim_source from session_origins",
        [("unknown", "unresolved", "alice", "session-name")],
    ),
    Case(
        "models/sessions",
        "All that is known of a session in one row.",
        alice_as_analyst,
        "select actor_name, evidence, rule_name, issued_by, event_count from sessions",
        [("alice", "proven", "issued-key", "AssumeRole", 2)],
    ),
    Case(
        "models/users",
        "A user id and its name.",
        alice_across,
        "select user_name, account_id from users",
        [("alice", "200000000002")],
    ),
    Case(
        "models/ingested_accounts",
        "The accounts whose trail is there.",
        alice_across,
        "select account_id from ingested_accounts order by all",
        [("200000000002",), ("300000000003",)],
    ),
    Case(
        "models/session_gaps",
        "The issuing call of a session is missing, and its account's trail is there.",
        nobody_knows,
        "select missing_account, is_ingested from session_gaps",
        [("200000000002", True)],
    ),
)
