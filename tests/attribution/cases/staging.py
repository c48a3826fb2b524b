"""Cases of `queries/staging/`."""

from __future__ import annotations

from tests.attribution.cases.case import Case, Nights, alice_across, alice_as_analyst, records
from tests.world.scenarios.scenario import Cast
from tests.world.signin import console_login, switch_role
from tests.world.sts import deny_assume_role


def switch(cast: Cast) -> Nights:
    """Alice switches to BreakGlass in the console."""
    switch_role(console_login(cast.alice_user), cast.break_glass)
    return (records(cast),)


def refused(cast: Cast) -> Nights:
    """An AssumeRole that is denied."""
    deny_assume_role(cast.alice, cast.analyst)
    return (records(cast),)


CASES = (
    Case(
        "staging/identified_events",
        "A SwitchRole record is itself the second in which its session began.",
        switch,
        "select count(*) from identified_events"
        " where event_name = 'SwitchRole' and creation_date = event_time",
        [(1,)],
    ),
    Case(
        "staging/issuing_events",
        "What was handed out, to whom, until when.",
        alice_as_analyst,
        "select issue_kind, split_part(role_arn, '/', 2), session_name, caller_user_name,"
        " access_key_id is not null, expires_at - issued_at = interval 1 hour"
        " from fresh_issuing_events",
        [("role", "Analyst", "alice", "alice", True, True)],
    ),
    Case(
        "staging/issuing_events",
        "A refused call hands out nothing.",
        refused,
        "select * from fresh_issuing_events",
    ),
    Case(
        "staging/session_key_parts",
        "One row for the key, with what its two events say.",
        alice_as_analyst,
        "select user_type, event_count, last_seen - first_seen = interval 5 seconds, only_forwarded"
        " from fresh_session_key_parts",
        [("AssumedRole", 2, True, False)],
    ),
    Case(
        "staging/shared_records",
        "Both copies of a cross-account call, and nothing else.",
        alice_across,
        "select user_type from fresh_shared_records order by all",
        [("AWSAccount",), ("IAMUser",)],
    ),
    Case(
        "staging/user_sightings",
        "The users whom the night's records name.",
        alice_across,
        "select user_name, account_id from fresh_user_sightings",
        [("alice", "200000000002")],
    ),
)
