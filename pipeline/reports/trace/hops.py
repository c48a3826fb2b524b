"""The hops of a way up: whose it is, then each session; a long-term key with who made it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.reports.actors import actor_heading, actor_label
from pipeline.reports.trace.find import KEY_TYPE, Row
from pipeline.reports.trace.frame import tags_of
from pipeline.reports.trace.words import hat_label, how_known, key_label, short_session


def session_hops(path: Sequence[Row]) -> list[dict[str, object]]:
    """The actor, then each hat that was put on."""
    top, asked = path[0], path[-1]
    # onBehalfOf may name a person further down the path than its first session.
    named = asked if asked["actor_kind"] != "unresolved" else top
    key = top["caller_access_key_id"]
    actor: dict[str, object] = {
        "label": actor_heading(named)
        if named["actor_kind"] != "unresolved"
        else actor_label(named),
        "kind": "actor",
        "evidence": asked["evidence"],
        "access_key_ids": [key] if key and str(key).startswith(KEY_TYPE) else [],
        "mfa": asked["root_mfa"],
        **_actor(named),
    }
    return [actor, *(_hop(facts) for facts in path)]


def _actor(facts: Row) -> dict[str, object]:
    names = ("actor_kind", "actor_account", "actor_name", "actor_arn", "actor_display")
    return {name: facts.get(name) for name in names}


def _hop(facts: Row) -> dict[str, object]:
    tags = tags_of(facts["session_tags"])
    return {
        "label": f"{hat_label(facts)} · {short_session(facts['session_id'])}",
        "kind": "session",
        "put_on_at": facts["issued_at"] or facts["started_at"],
        "evidence": link_evidence(facts),
        "session_id": facts["session_id"],
        "role_arn": facts["role_arn"],
        "session_name": facts["session_name"],
        "account_id": facts["account_id"],
        "how": how_known(facts),
        "rule": facts["rule_name"],
        "issued_by": facts["issued_by"],
        "candidate_count": facts["candidate_count"],
        "candidates": facts["candidates"],
        "is_live_match": facts["is_live_match"],
        "proof_events": facts["proof"] or [],
        "access_key_ids": facts["access_key_ids"] or [],
        "source_identity": facts["source_identity"] or facts["issued_source_identity"],
        "session_tags": tags,
        "tags": [f"{key}={value}" for key, value in tags.items()],
        "source_addresses": facts["source_ips"] or [],
    }


def link_evidence(facts: Row) -> str:
    """The grade of one hop: how sure it is what issued this session."""
    if facts["rule_name"] is None or facts["user_type"] == "IAMUser":
        return "direct" if facts["evidence"] == "direct" else str(facts["evidence"])
    if facts["outcome"] == "ambiguous":
        return "ambiguous"
    return "proven" if facts["is_exact"] else "matched"


def key_hops(facts: Row) -> list[dict[str, object]]:
    """A long-term key: who made it, where the lake saw that, and whose it is."""
    hops: list[dict[str, object]] = []
    made = facts.get("made")
    if made:
        maker = made["caller_arn"] or made["caller_invoked_by"] or made["caller_account_id"]
        hops.append(
            {
                "label": f"{maker} made the key ({made['event_name']})",
                "kind": "maker",
                "put_on_at": made["issued_at"],
                "evidence": "direct",
                "session_id": made["caller_node"],
                "proof_events": made["event_ids"],
            }
        )
    if facts.get("actor_kind"):
        actor = {**facts, "claimed_actor": None}
        hops.append(
            {
                "label": actor_heading(actor),
                "kind": "actor",
                "evidence": facts.get("evidence"),
                **_actor(facts),
            }
        )
    hops.append(
        {
            "label": key_label({**facts, "made": None}),
            "kind": "key",
            "put_on_at": facts.get("first_seen"),
            "evidence": facts.get("evidence"),
            "access_key_ids": [facts["access_key_id"]],
            "source_addresses": facts.get("source_ips"),
            "how": "every record that it signed names its user" if facts.get("evidence") else None,
            **_actor(facts),
        }
    )
    return hops
