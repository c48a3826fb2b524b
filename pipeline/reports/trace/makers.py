"""Who made an IAM user, or gave him a password, before he was first seen at work.

CloudTrail ties the two by account and user name. A name may be given again after the user was
deleted: so the latest maker before the first use counts, and where both records show the user id,
it must be the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.reports.trace.find import Row, path_in_words
from pipeline.reports.trace.tree import Node
from pipeline.warehouse import Warehouse

_DID = {
    "CreateUser": "made the user",
    "CreateLoginProfile": "gave the user a password",
    "UpdateLoginProfile": "changed the user's password",
}


def makers_of(
    warehouse: Warehouse, roots: Sequence[Node], paths: Mapping[str, Sequence[Row]]
) -> dict[str, list[dict[str, object]]]:
    """Hops that stand before the origin of each root which an IAM user began, oldest first."""
    begun = {root.id: found for root in roots if (found := _user_of(root, paths.get(root.id, ())))}
    users = sorted({user for user, _ in begun.values()})
    if not users:
        return {}
    calls: dict[str, list[Row]] = {}
    frame = warehouse.query("reports/trace_user_makers", {"users": users})
    for row in frame.iter_rows(named=True):
        calls.setdefault(str(row["user_id"]).lower(), []).append(row)
    return {
        root: [_hop(call) for call in latest_makers(calls.get(user.lower(), []), facts)]
        for root, (user, facts) in begun.items()
    }


def latest_makers(calls: Sequence[Row], facts: Row) -> list[Row]:
    """The latest CreateUser before the user's first use, and the latest of each kind since then.

    facts -- of the user's first session or key: `started_at` or `first_seen`, `principal_id`.
    """
    first = facts.get("started_at") or facts.get("first_seen")
    if first is None:
        return []
    own_id = facts.get("principal_id") if facts.get("user_type") == "IAMUser" else None
    latest: dict[str, Row] = {}
    is_another = False
    for call in calls:
        if call["event_time"] > first:
            continue
        if call["event_name"] == "CreateUser":
            latest.clear()
            is_another = bool(own_id and call["principal_id"] and call["principal_id"] != own_id)
        if not is_another:
            latest[str(call["event_name"])] = call
    return sorted(latest.values(), key=lambda call: (call["event_time"], call["event_id"]))


def _user_of(root: Node, path: Sequence[Row]) -> tuple[str, Row] | None:
    """`account/user name` and where the user is first seen in this trace."""
    facts = path[0] if path else root.facts
    if facts.get("actor_kind") != "iam-user" or not facts.get("actor_name"):
        return None
    return f"{facts['actor_account']}/{facts['actor_name']}", facts


def _hop(call: Row) -> dict[str, object]:
    return {
        "label": f"{path_in_words(call)} {_DID[str(call['event_name'])]} ({call['event_name']})",
        "kind": "maker",
        "put_on_at": call["event_time"],
        "evidence": call["evidence"],
        "session_id": call["session_id"] or call["access_key_id"],
        "proof_events": [call["event_id"]],
        **{name: call[name] for name in ("actor_kind", "actor_account", "actor_name", "actor_arn")},
        "actor_display": call["actor_display"],
    }
