"""Cases of `queries/increments/`: what was stored, what is new, what must be built again."""

from __future__ import annotations

from tests.attribution.cases.case import (
    Case,
    Nights,
    alice_across,
    alice_as_analyst,
    nobody_knows,
    owner_copy_then_user,
    records,
    use_then_issue,
)
from tests.world.scenarios.scenario import Cast, use
from tests.world.signin import console_login, failed_login
from tests.world.sts import assume_role


def denied_and_not(cast: Cast) -> Nights:
    """Alice is denied ten times within ten minutes, Bob nine times."""
    for caller, times in ((cast.alice, 10), (cast.bob, 9)):
        for _ in range(times):
            use(caller, denied=True)
    return (records(cast),)


def key_from_everywhere(cast: Cast) -> Nights:
    """One key from two addresses of one network, from another, by IPv6, and by a service."""
    addresses = ("203.0.113.9", "203.0.113.77", "198.51.100.1", "2001:0DB8::5", "s3.amazonaws.com")
    for address in addresses:
        use(cast.alice, ip=address)
    return (records(cast),)


def sign_ins(cast: Cast) -> Nights:
    """Alice signs in twice, Bob fails."""
    console_login(cast.alice_user)
    console_login(cast.alice_user)
    failed_login(cast.bob_user)
    return (records(cast),)


def owner_copy_then_theirs(cast: Cast) -> Nights:
    """First night: alice's use of BreakGlass with the owner's copy of the AssumeRole, which shows
    an account; second night: her own copy, which names her.
    """
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    made = use(hat)
    assert hat.issue is not None
    assert hat.issue.owner_copy is not None
    return [hat.issue.owner_copy.record, made.record], [hat.issue.call.record]


CASES = (
    Case(
        "increments/changed_users",
        "Alice is named for the first time.",
        owner_copy_then_user,
        "select count(*) from changed_users",
        [(1,)],
    ),
    Case(
        "increments/touched_calls",
        "Her stored call, known by her id alone, is touched.",
        owner_copy_then_user,
        "select count(*) from touched_calls semi join stored_issuing_events using (call_id)",
        [(1,)],
    ),
    Case(
        "increments/touched_shares",
        "So is the stored record itself.",
        owner_copy_then_user,
        "select count(*) from touched_shares semi join stored_shared_records using (event_id)",
        [(1,)],
    ),
    Case(
        "increments/dirty_bases",
        "The stored session that the new call issued is built again.",
        use_then_issue,
        "select count(*) from dirty_bases as d semi join stored_session_keys as s"
        " on d.principal_id = s.principal_id and d.creation_date = s.creation_date",
        [(1,)],
    ),
    Case(
        "increments/horizon",
        "Three days before the oldest call or session among what is new.",
        owner_copy_then_user,
        "select h.day = min(s.issued_at)::date - 3 from horizon as h, stored_issuing_events as s"
        " group by h.day",
        [(True,)],
    ),
    Case(
        "increments/known_calls",
        "The stored call and the new one, narrow.",
        owner_copy_then_user,
        "select issue_kind, session_name, caller_principal_id is not null from known_calls",
        [("role", "alice", True)],
    ),
    Case(
        "increments/linking_calls",
        "The call that it could have come from.",
        use_then_issue,
        "select issue_kind, session_name from linking_calls",
        [("role", "alice")],
    ),
    Case(
        "increments/no_settled_chains",
        "Nothing, with the columns of a chain.",
        alice_as_analyst,
        "select count(*) from settled_chains",
        [(0,)],
    ),
    Case(
        "increments/told_in_sessions",
        "She put on BreakGlass; her key is no role, so there is no way from role to role.",
        alice_across,
        "select kind, actor_name, evidence, split_part(role_arn, '/', -1), account_id"
        " from told_in_sessions",
        [("person-role", "alice", "proven", "BreakGlass", "300000000003")],
    ),
    Case(
        "increments/told_in_sessions",
        "A session whose AssumeRole is missing tells of nobody.",
        nobody_knows,
        "select count(*) from told_in_sessions",
        [(0,)],
    ),
    Case(
        "increments/told_in_calls",
        "The two copies of the call are one way from account to account.",
        alice_across,
        "select from_account_id, account_id from told_in_calls",
        [("200000000002", "300000000003")],
    ),
    Case(
        "increments/told_in_events",
        "A network is /24, or /48; what a service did for her comes from none.",
        key_from_everywhere,
        "select network from told_in_events where kind = 'key-network' order by first_time",
        [("203.0.113.0/24",), ("198.51.100.0/24",), ("2001:db8:0::/48",)],
    ),
    Case(
        "increments/told_in_events",
        "Alice at the console, once; a failed sign-in tells of nobody.",
        sign_ins,
        "select kind, actor_name, network from told_in_events",
        [("console-sign-in", "alice", "203.0.113.0/24")],
    ),
    Case(
        "increments/told_in_days",
        "Ten are a burst, nine are none.",
        denied_and_not,
        "select split_part(actor_arn, '/', -1), event_count from told_in_days",
        [("alice", 10)],
    ),
    Case(
        "increments/doubted_facts",
        "What the session told before its caller was known has to be told again.",
        owner_copy_then_theirs,
        "select s.kind, s.actor_kind from doubted_facts join stored_first_seen as s using (fact_id)"
        " order by s.kind",
        [("account-crossing", None), ("person-role", "external-account")],
    ),
    Case(
        "increments/first_seen",
        "It was not somebody of the account, it was alice: the first fact is taken back.",
        owner_copy_then_theirs,
        "select actor_name, retracted_at is null as stands from first_seen"
        " where kind = 'person-role' order by stands",
        [("200000000002", False), ("alice", True)],
    ),
)
