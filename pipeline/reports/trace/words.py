"""A trace in words: what a hat is called, how a link is known, what is missing and what would
close it (semantics.md sections 3.2 and 3.3).
"""

from __future__ import annotations

from datetime import datetime

from pipeline.arn import Arn, role_label
from pipeline.reports.actors import actor_label, undrawn
from pipeline.reports.gaps import GAPS
from pipeline.reports.trace.find import Row

RULES = {
    "issued-key": "the key that the call handed out signed the calls",
    "principal-second": "same principal, and begun in the very second of the call",
    "role-name-second": "same role and session name, and begun in the very second of the call",
    "sign-in": "the same principal's sign-in in the very second",
    "near-second": "same principal within 2 s of the call; nothing was issued in the very second",
    "signin-token": "a sign-in token of the same principal, at most 15 minutes before",
    "sign-in-session": "an OAuth token of the same sign-in session",
}
"""The rules of the ladder as people say them."""

SESSION_DIGITS = 8
"""How much of a session id people see: enough to ask for it."""


def iso(moment: object) -> str:
    """A moment as it is written in sentences: `2026-11-21T10:00:03Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if isinstance(moment, datetime) else "an unknown time"


def hat_label(facts: Row) -> str:
    """What a session is called: its role and account, or whose own session it is."""
    return undrawn(_hat(facts))


def _hat(facts: Row) -> str:
    name = facts["session_name"]
    if facts["role_arn"]:
        role = role_label(str(facts["role_arn"]))
        account = facts["account_id"]
        where = f" in {account}" if account and str(account) not in role else ""
        return f"{role}{where}" + (f" as “{name}”" if name else "")
    owner = facts["user_name"] or role_label(str(facts["user_arn"] or facts["principal_id"]))
    if facts["user_type"] == "FederatedUser":
        return f"federated session {owner} in {facts['account_id']}"
    if facts["user_type"] == "Root":
        owner = f"root of {facts['account_id']}"
    return f"{own_kind(facts)} of {owner}"


def own_kind(facts: Row) -> str:
    """What kind of session a user's or root's own one is."""
    if facts["issue_kind"] == "session-token":
        return "GetSessionToken session"
    if facts["issue_kind"] == "console-login" or facts["from_console"]:
        return "console session"
    return "forward access session" if facts["only_forwarded"] else "session"


def short_session(session_id: object) -> str:
    """The beginning of a session id, enough for people."""
    return str(session_id)[:SESSION_DIGITS]


def how_known(facts: Row) -> str:
    """How the link of a session to what issued it is known."""
    if facts["rule_name"] is None:
        return _without_a_call(facts)
    call = str(facts["issued_by"] or "the issuing call")
    if facts["outcome"] == "ambiguous":
        return f"{call}, but by whom is open: {candidates_in_words(facts)}"
    words = f"{call}: {RULES.get(str(facts['rule_name']), str(facts['rule_name']))}"
    count = facts["candidate_count"]
    words += " (the only candidate)" if count == 1 else f" ({count} candidates)"
    if facts["is_live_match"]:
        words += (
            "; the record shows only the caller's principal: exactly one session of it was alive"
        )
    if facts["caller_type"] == "AWSService":
        words += f"; asked for by {facts['caller_invoked_by']}"
    return words


def _without_a_call(facts: Row) -> str:
    return {
        "user": "every record of it names the user",
        "root": "every record of it is the root user's own",
        "on-behalf-of": "AWS wrote onBehalfOf into its records",
        "service-linked-role": "a service-linked role: only its service can wear it",
        "in-scope-of": "AWS wrote into its records to whom it gave the credentials",
        "instance-metadata": "AWS wrote into its records that instance metadata delivered them",
        "issuer-user": "its records name the user that issued it",
        "issuer-root": "its records name the root user as the one that issued it",
        "ring": "its records contradict each other",
    }.get(str(facts["origin"]), "no call that issued it is in the lake")


def candidates_in_words(facts: Row) -> str:
    """`a or b`: who could have issued it."""
    found = facts["candidates"] or []
    return " or ".join(found) if found else "several callers"


def missing(facts: Row) -> tuple[str, str] | None:
    """Where the evidence stops at the first session of a path: what is missing, what closes it.

    None where nothing is.
    """
    if facts.get("gap_reason") is None:
        return None
    gap = GAPS[str(facts["gap_reason"])]
    values = {
        "account": facts["missing_account"] or "?",
        "since": iso(facts["ingested_from"]),
        "call": _issue_in_words(facts),
        "begun": iso(facts["started_at"]),
        "count": facts["candidate_count"],
        "candidates": candidates_in_words(facts),
        "caller": facts["caller_principal_id"] or facts["caller_arn"] or "an unknown principal",
        "session": f"{own_kind(facts)} of {facts['user_arn'] or facts['principal_id']}",
    }
    return gap.what.format(**values) + _claim(facts), gap.closed_by.format(**values)


def _issue_in_words(facts: Row) -> str:
    """`AssumeRole of ROLE as "name" at 2026-11-21T10:00:03Z`."""
    default = {"FederatedUser": "GetFederationToken", "IAMUser": "GetSessionToken"}
    call = facts["issued_by"] or default.get(str(facts["user_type"]), "AssumeRole")
    words = f"{call} of {facts['role_arn'] or facts['user_arn'] or facts['principal_id']}"
    if facts["session_name"]:
        words += f' as "{facts["session_name"]}"'
    return f"{words} at {iso(facts['issued_at'] or facts['started_at'])}"


def _claim(facts: Row) -> str:
    if facts["actor_kind"] != "unresolved" or not facts["claimed_actor"]:
        return ""
    source = str(facts["claim_source"]).replace("-", " ")
    return f"; the {source} says “{facts['claimed_actor']}”, which is a claim and no proof"


def key_label(facts: Row) -> str:
    """`access key AKIA… of mallory`."""
    made = facts.get("made")
    owner = str(facts.get("made_for") or "")
    if facts.get("actor_kind"):
        owner = actor_label({**facts, "claimed_actor": None})
    label = f"access key {facts['access_key_id']}" + (f" of {undrawn(owner)}" if owner else "")
    if made:
        label += f" (made by {made['event_name']})"
    return label if facts.get("first_seen") else f"{label}, never seen used"


def handed_out_label(facts: Row) -> str:
    """Credentials that were handed out and whose use is not known."""
    what = hat_of_call(facts)
    count = f" ×{facts['calls']:,}" if facts["calls"] > 1 else ""
    if facts["possible_session_id"]:
        return (
            f"{what}{count}: perhaps session {short_session(facts['possible_session_id'])}, "
            "which others could have put on as well"
        )
    if facts["is_exit"]:
        return f"{what}{count}: way out; that account's trail is not ingested"
    return f"{what}{count}: never seen used"


def hat_of_call(facts: Row) -> str:
    """The role that a call handed out, or the call itself."""
    role = facts["role_arn"]
    if not role:
        return str(facts["event_name"])
    arn = Arn.parse(role)
    account = f" in {arn.account}" if arn and arn.resource != "root" else ""
    name = f" as “{facts['session_name']}”" if facts["session_name"] else ""
    return f"{role_label(role)}{account}{name}"
