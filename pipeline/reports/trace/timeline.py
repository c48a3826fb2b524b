"""What was done under each hat: when it was put on, the calls, when it was last seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pipeline.report import Column, Table
from pipeline.reports.trace.find import Row
from pipeline.reports.trace.frame import frame_of
from pipeline.reports.trace.tree import Node
from pipeline.reports.trace.words import hat_label, key_label, short_session
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

CALLS = (
    Column("hat", "", place="group", data=False),
    Column("session_id", "session", place="none"),
    Column("access_key_id", "access key", place="none"),
    Column("time", "time (UTC)", "timestamp"),
    Column("mark", "", data=False),
    Column("line", "what", data=False),
    Column("address", "from", data=False, droppable=True),
    Column("source_address", "from", place="none"),
    Column("what", "what", place="none"),
    Column("event_source", "service", place="none"),
    Column("event_name", "action", place="none"),
    Column("calls", "calls", "integer", place="none"),
    Column("last_time", "until", "timestamp", place="none"),
    Column("is_write", "write", "boolean", place="none"),
    Column("is_denied", "denied", "boolean", place="none"),
    Column("error_code", "error", place="none"),
    Column("invoked_by", "invoked by", place="none"),
    Column("targets", "on", "list", place="none"),
    Column("account_id", "account", place="none"),
    Column("regions", "regions", "list", place="none"),
    Column("event_id", "first event", place="none"),
)

PUT_ON, CALL, CUT, LAST_SEEN, EXPIRES = "put-on", "call", "cut", "last-seen", "expires"
LONGEST_TARGET = 48
"""A target is shown to people up to this many characters; data has it whole."""
LONGEST_SESSION = timedelta(hours=36)
"""The longest that temporary credentials live (semantics.md section 4)."""


def calls_of(
    warehouse: Warehouse, roots: Sequence[Node], window: Window, *, write_only: bool, limit: int
) -> dict[str, list[Row]]:
    """The runs of equal calls under each session and long-term key of the trees, by its id."""
    nodes = [node for root in roots for node in root.walk()]
    sessions = [node for node in nodes if node.kind == "session"]
    used = [node for node in nodes if node.kind != "handed-out" and node.facts.get("first_seen")]
    firsts = [node.facts["first_seen"] for node in used]
    lasts = [node.facts["last_seen"] for node in used]
    since, until = ([m] if m else [] for m in (window.since, window.until))
    frame = warehouse.query(
        "reports/trace_calls",
        {
            "session_ids": [node.id for node in sessions],
            "access_keys": [node.id for node in nodes if node.kind == "key"],
            "first_day": max([min(firsts), *since]).date() if firsts else None,
            "last_day": min([max(lasts), *until]).date() if lasts else None,
            "since": window.since,
            "until": window.until,
            "write_only": write_only,
            "row_limit": limit,
        },
    )
    found: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(str(row["hat_id"]), []).append(row)
    return found


def timeline_table(
    roots: Sequence[Node], calls: Mapping[str, list[Row]], window: Window, *, write_only: bool
) -> Table:
    """Each hat by itself, in the order of the trees; its calls in the order of time."""
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    for node in (node for root in roots for node in root.walk() if node.kind != "handed-out"):
        if node.id in seen:
            continue
        seen.add(node.id)
        found = calls.get(node.id, [])
        inside = [*_cut(found), *map(_call, found)]
        if node.kind == "session" and (inside or not write_only):
            inside = _between(node.facts, inside, window)
        heading = _heading(node)
        rows += [{"hat": heading, **_whose(node), **row} for row in inside]
    empty = "no write calls" if write_only else "no calls"
    shown = sum(len(found) for found in calls.values())
    every = max((found[0]["all_rows"] for found in calls.values()), default=0)
    heading = "What was done under each hat"
    if shown < every:
        heading += (
            f" ({shown:,} of {every:,} rows: writing and denied calls first; "
            f"--limit {every} shows all)"
        )
    return Table("timeline", heading, CALLS, frame_of(CALLS, rows), empty)


def cut_notes(roots: Sequence[Node], calls: Mapping[str, list[Row]]) -> list[str]:
    """What `--limit` left out of the timeline."""
    nodes = {node.id: node for root in roots for node in root.walk()}
    cut = [
        (nodes[hat], rows[0]["hat_rows"] - len(rows))
        for hat, rows in calls.items()
        if rows[0]["hat_rows"] > len(rows)
    ]
    if not cut:
        return []
    total = sum(rows for _, rows in cut)
    node, rows = max(cut, key=lambda item: item[1])
    return [
        f"timeline cut: {total:,} rows of {len(cut)} hat{'' if len(cut) == 1 else 's'} are not "
        f"shown, most of them ({rows:,}) of {_heading(node)}; writing and denied calls come first; "
        "--limit N shows more, --write-only or --from/--to less"
    ]


def _heading(node: Node) -> str:
    if node.kind == "key":
        return key_label(node.facts)
    return f"{hat_label(node.facts)} · session {short_session(node.id)}"


def _whose(node: Node) -> dict[str, object]:
    return {"access_key_id" if node.kind == "key" else "session_id": node.id}


def _between(facts: Row, calls: list[dict[str, object]], window: Window) -> list[dict[str, object]]:
    """The calls of a session between its putting on and its end."""
    begin = facts["issued_at"] or facts["started_at"]
    by = f"put on by {facts['issued_by']}" if facts["issued_by"] else "put on"
    rows = [_moment(PUT_ON, begin, by), *calls, _moment(LAST_SEEN, facts["last_seen"], "last seen")]
    if facts["expires_at"] is not None and _is_stated(facts):
        rows.append(_moment(EXPIRES, facts["expires_at"], "credentials expire"))
    return [row for row in rows if row["what"] in (CALL, CUT) or _is_in(row["time"], window)]


def _is_stated(facts: Row) -> bool:
    """Whether the record says when the credentials expire: 36 hours stand for not."""
    lifetime: timedelta = facts["expires_at"] - facts["issued_at"]
    return lifetime < LONGEST_SESSION


def _is_in(time: object, window: Window) -> bool:
    return not isinstance(time, datetime) or window.meets(time, time)


def _moment(what: str, time: object, words: str) -> dict[str, object]:
    return {"what": what, "time": time, "mark": "·", "line": words, "address": ""}


def _cut(found: Sequence[Row]) -> list[dict[str, object]]:
    """A row that stands for those that `--limit` left out."""
    left = found[0]["hat_rows"] - len(found) if found else 0
    if not left:
        return []
    notable = found[0]["hat_notable"] - sum(row["is_write"] or row["is_denied"] for row in found)
    words = "1 more row is" if left == 1 else f"{left:,} more rows are"
    words += f" not shown ({notable:,} writing or denied)" if notable else " not shown, all reading"
    return [_moment(CUT, None, words)]


def _call(row: Row) -> dict[str, object]:
    names = (
        "event_source",
        "event_name",
        "calls",
        "last_time",
        "is_write",
        "is_denied",
        "error_code",
        "invoked_by",
        "targets",
        "account_id",
        "regions",
        "event_id",
    )
    return {
        "what": CALL,
        "time": row["first_time"],
        "mark": _mark(row),
        "line": _line(row),
        "source_address": row["source_ip_address"],
        "address": ""
        if row["source_ip_address"] == row["invoked_by"]
        else row["source_ip_address"],
        **{name: row[name] for name in names},
    }


def _mark(row: Row) -> str:
    if row["is_denied"]:
        return "✗ DENIED"
    if row["error_code"]:
        return "! failed"
    return "* write" if row["is_write"] else "read"


def _line(row: Row) -> str:
    """`s3:GetObject ×12 on exports/1.csv +11 more (invoked by athena)`."""
    service = str(row["event_source"]).removesuffix(".amazonaws.com")
    text = f"{service}:{row['event_name']}"
    count = row["calls"]
    if count > 1:
        text += f" ×{count:,}"
    targets = row["targets"] or []
    if targets:
        text += f" on {_short(targets[0])}"
    if len(targets) > 1:
        text += f" +{len(targets) - 1} more"
    if row["error_code"] and not row["is_denied"]:
        text += f" ({row['error_code']})"
    if row["invoked_by"]:
        text += f" (invoked by {str(row['invoked_by']).removesuffix('.amazonaws.com')})"
    return text


def _short(target: str) -> str:
    if target.startswith("arn:"):
        target = target.split(":", 4)[-1].removeprefix(":")
    return target if len(target) <= LONGEST_TARGET else f"{target[: LONGEST_TARGET - 1]}…"
