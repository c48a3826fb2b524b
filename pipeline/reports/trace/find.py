"""What an id means: which sessions and long-term keys a trace begins with."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import RolecallError, UsageError
from pipeline.reports.actors import path_of, undrawn
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

Row = Mapping[str, Any]

_KEY = re.compile(r"(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}")
_KEY = re.compile(r"(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}")
_SESSION = re.compile(r"[0-9a-f]{4,16}", re.IGNORECASE)
_EVENT = re.compile(r"[0-9a-f-]{8,36}", re.IGNORECASE)
_PRINCIPAL = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}(:.*)?")
_USER = re.compile(r"arn:[^:]*:iam::[^:]*:(user/.*|root)")
_LISTED = 10
LONGEST_PATH = 7
"""A sentence shows the ends of a path that is longer than this."""

KEY_TYPE = "AKIA"
"""How the id of a long-term access key begins."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked for, as it was understood.

    text -- as given. kind -- as what it was found: `access key`, `session`, `actor` …
    roots -- ids of the sessions and long-term keys found, oldest first.
    keys -- what is known of those keys, by id: a row of queries/reports/trace_keys.sql.
    notes -- what a reader has to know of the finding.
    """

    text: str
    kind: str
    roots: tuple[str, ...]
    keys: Mapping[str, Row] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def find_target(warehouse: Warehouse, text: str, window: Window) -> Target:
    """The sessions and keys that `text` means; its shape decides what is looked for first.

    Raises UsageError where the beginning of an id fits several, RolecallError where nothing
    is found, telling what was searched.
    """
    wanted = text.strip()
    if not wanted:
        raise UsageError(
            "give an access key, session, event id, ARN, actor, role or source address"
        )
    searched: list[str] = []
    for kind, parameter in _kinds(wanted):
        searched.append(kind)
        target = _search(warehouse, wanted, kind, parameter, window)
        if target:
            return target
    bare = _bare_events(warehouse, wanted)
    if bare["events"]:
        raise RolecallError(
            f"{wanted!r} is seen only in events without a session or long-term key, "
            f"{bare['events']:,} in all; the first is {bare['event_name']} at "
            f"{bare['first_time']:%Y-%m-%d %H:%M:%S} UTC: `rolecall trace {bare['event_id']}` "
            "shows what it issued"
        )
    raise RolecallError(
        f"nothing in the lake{window.words()} is the {_or(searched)} {wanted!r}; "
        "`rolecall status` shows which accounts and days are there, "
        "`rolecall who --all-actors` who and what is"
    )


def _kinds(text: str) -> list[tuple[str, str]]:
    """What the shape of an id allows, most telling first: (kind, parameter of the query)."""
    if _KEY.fullmatch(text):
        return [("access key", "access_key")]
    if text.startswith("arn:"):
        return [("ARN", "arn")]
    if _is_address(text):
        return [("source address", "address")]
    kinds = []
    if _SESSION.fullmatch(text):
        kinds.append(("session", "session"))
    if _EVENT.fullmatch(text):
        kinds.append(("event", "event_id"))
    if _PRINCIPAL.fullmatch(text):
        kinds.append(("principal id", "principal"))
    return [
        *kinds,
        ("actor", "actor"),
        ("role", "role"),
        ("session name", "session_name"),
        ("source address", "address"),
    ]


def _bare_events(warehouse: Warehouse, text: str) -> Row:
    wanted = dict.fromkeys(("arn", "actor", "address"), text)
    return warehouse.query("reports/trace_events", wanted).row(0, named=True)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _search(
    warehouse: Warehouse, text: str, kind: str, parameter: str, window: Window
) -> Target | None:
    if kind == "event":
        return _by_event(warehouse, text)
    keys: dict[str, Row] = {}
    is_key = kind == "access key"
    if (
        kind in ("actor", "source address")
        or (is_key and text.startswith(KEY_TYPE))
        or _USER.fullmatch(text)
    ):
        wanted = {"access_keys": [text]} if is_key else {parameter: text}
        keys = _keys(warehouse, wanted)
    frame = warehouse.query("reports/trace_sessions", {parameter: text})
    rows = frame.filter(frame["matched_as"] == kind).rows(named=True)
    if kind == "session":
        _check_unique(warehouse, text, [str(row["session_id"]) for row in rows])
        return Target(text, kind, (str(rows[0]["session_id"]),)) if rows else None
    if kind == "access key" and not rows and not keys:
        return _by_issue(warehouse, text)
    active = [row for row in rows if window.meets(row["started_at"], row["last_seen"])]
    used = {
        name: row for name, row in keys.items() if window.meets(row["first_seen"], row["last_seen"])
    }
    if not active and not used:
        return None
    notes: tuple[str, ...] = ()
    if kind == "session name":
        notes = (f"no actor is {text!r}: these sessions only call themselves so; it is no proof",)
    begun = {name: row["first_seen"] for name, row in used.items()}
    begun |= {str(row["session_id"]): row["started_at"] for row in active}
    roots = sorted(begun, key=lambda name: (begun[name], name))
    return Target(text, kind, tuple(roots), used, notes)


def _keys(warehouse: Warehouse, wanted: Mapping[str, object]) -> dict[str, Row]:
    frame = warehouse.query("reports/trace_keys", wanted)
    return {str(row["access_key_id"]): row for row in frame.iter_rows(named=True)}


def _check_unique(warehouse: Warehouse, text: str, ids: list[str]) -> None:
    """Raises UsageError, listing them, where several sessions begin with the text."""
    if len(ids) < 2 or text in ids:
        return
    details = warehouse.query("reports/trace_details", {"session_ids": ids[:_LISTED]})
    listed = "; ".join(
        f"{row['session_id']} ({path_in_words(row)}, {row['started_at']:%Y-%m-%d %H:%M:%S})"
        for row in details.iter_rows(named=True)
    )
    more = f"; and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    raise UsageError(f"{len(ids)} sessions begin with {text!r}: {listed}{more}; give more of it")


def _by_issue(warehouse: Warehouse, key: str) -> Target | None:
    """A key that was handed out and never seen used: who asked for it."""
    issues = warehouse.query("reports/trace_issues", {"access_keys": [key]}).rows(named=True)
    if not issues:
        return None
    first = issues[0]
    issued = (
        f"{key} was handed out by {first['event_name']} at "
        f"{first['issued_at']:%Y-%m-%d %H:%M:%S} UTC (event "
        f"{', '.join(first['event_ids'])}) and is never seen used"
    )
    sessions = first["session_ids"] or []
    if sessions:
        note = f"{issued}; the session is known by its principal and second"
        return Target(key, "access key", tuple(sessions), notes=(note,))
    caller = first["caller_node"]
    if caller is None:
        who = first["caller_arn"] or first["caller_invoked_by"] or first["caller_account_id"]
        raise RolecallError(f"{issued}; it was asked for by {who}, of whom there is no session")
    keys = _keys(warehouse, {"access_keys": [caller]}) if _is_long_term(str(caller)) else {}
    return Target(key, "access key", (str(caller),), keys, (f"{issued}; this is who asked for it",))


def _by_event(warehouse: Warehouse, text: str) -> Target | None:
    """The session or key that made the call; else the sessions that the call issued."""
    frame = warehouse.query("reports/event", {"event_id": text.lower()})
    ids = sorted(set(frame["event_id"].to_list()))
    if not ids:
        return None
    if len(ids) > 1 and text not in ids:
        raise UsageError(f"several event ids begin with {text!r}: {', '.join(ids)}")
    event_id = text if text in ids else ids[0]
    row = next(r for r in frame.iter_rows(named=True) if r["event_id"] == event_id)
    note = (
        f"event {event_id}: {row['event_source']}:{row['event_name']} at "
        f"{row['event_time']:%Y-%m-%d %H:%M:%S} UTC by {path_in_words(row)}"
    )
    if row["session_id"]:
        return Target(text, "event", (str(row["session_id"]),), notes=(note,))
    key = row["user_access_key_id"]
    if key and _is_long_term(str(key)):
        keys = _keys(warehouse, {"access_keys": [key]})
        return Target(text, "event", (str(key),), keys, (note,))
    issued = warehouse.query("reports/trace_sessions", {"event_id": event_id})
    if not issued.height:
        raise RolecallError(
            f"{note}; it was made with no session and issued none; "
            f"`rolecall show {event_id}` shows the record"
        )
    sessions = tuple(dict.fromkeys(issued["session_id"].to_list()))
    return Target(text, "event", sessions, notes=(f"{note}; this is what it issued",))


def _is_long_term(key: str) -> bool:
    return key.startswith(KEY_TYPE)


def path_in_words(row: Row) -> str:
    """`alice → SecurityAnalystRole`; of a long path its ends."""
    path = [undrawn(name) for name in path_of(row)]
    if len(path) > LONGEST_PATH:
        path[2:-2] = [f"({len(path) - 4} more)"]
    return " → ".join(path)


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
