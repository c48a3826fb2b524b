"""Cases of `queries/increments/`: what was stored, what is new, what must be built again."""

from __future__ import annotations

from tests.attribution.cases.case import (
    Case,
    alice_as_analyst,
    owner_copy_then_user,
    use_then_issue,
)

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
)
