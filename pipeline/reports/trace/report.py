"""The trace of an id as a report: where it comes from, what came out of it, what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.report import Column, Report, Table
from pipeline.reports.actors import actor_label, path_of
from pipeline.reports.trace.find import KEY_TYPE, Row, Target, find_target, path_in_words
from pipeline.reports.trace.frame import branch, frame_of, tags_of
from pipeline.reports.trace.timeline import calls_of, cut_notes, timeline_table
from pipeline.reports.trace.tree import Node, Reach, account_of, grow, reach_of
from pipeline.reports.trace.up import changes_table, gaps_table, paths_of, up_table
from pipeline.reports.trace.words import (
    handed_out_label,
    hat_label,
    how_known,
    key_label,
    short_session,
)
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

DEEPEST = 50
"""How many levels of a tree are shown when no depth is asked for."""
TREES = 5
"""How many trees are shown when an id means more sessions than this."""

OVERVIEW = (
    Column("session_id", "session id", place="none"),
    Column("short", "session", data=False),
    Column("path", "who → roles", "chain", data=False),
    Column("evidence", "evidence", "evidence"),
    Column("began_at", "put on (UTC)", "timestamp"),
    Column("last_seen", "last seen", "timestamp", place="none"),
    Column("events", "events", "integer"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
    Column("claimed_actor", "claimed actor", place="none"),
    Column("claim_source", "claim source", place="none"),
    Column("chain", "chain", "list", place="none"),
    Column("account_id", "account", place="none"),
    Column("source_addresses", "from", "list", place="none"),
)
DOWN = (
    Column("root", "root", place="none"),
    Column("parent", "parent", place="none"),
    Column("depth", "depth", "integer", place="none"),
    Column("line", "hat", "tree", data=False),
    Column("kind", "kind", place="none"),
    Column("id", "id", place="none"),
    Column("label", "label", place="none"),
    Column("put_on_at", "put on (UTC)", "timestamp"),
    Column("last_seen", "last seen", "timestamp", place="none"),
    Column("expires_at", "expires", "timestamp", place="none"),
    Column("evidence", "evidence", "evidence"),
    Column("events", "events", "integer"),
    Column("denied", "denied", "denied"),
    Column("role_arn", "role", place="none"),
    Column("session_name", "session name", place="none"),
    Column("account_id", "account", place="none"),
    Column("access_key_ids", "keys", "list", place="none"),
    Column("event_ids", "issued by", "list", place="none"),
)
TREE = (
    Column("root", "root", place="none"),
    Column("node", "node", "json", place="none"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions:
    """What a trace shows.

    depth -- levels of the trees below their roots; None shows DEEPEST.
    window -- sessions and calls in this time only.
    write_only -- no reading calls in the timeline.
    limit -- at most so many rows of the timeline, of a tree and of the overview.
    """

    depth: int | None = None
    window: Window = field(default_factory=Window)
    write_only: bool = False
    limit: int = 200


def trace_report(warehouse: Warehouse, text: str, options: TraceOptions | None = None) -> Report:
    """Where the sessions and keys that `text` means come from, what came out of them, and what
    was done under each hat.

    Raises UsageError and RolecallError as `find_target` does.
    """
    options = options or TraceOptions()
    target = find_target(warehouse, text, options.window)
    reach = reach_of(warehouse, target.roots)
    shown = Reach(reach.roots[:TREES], reach.children)
    depth = DEEPEST if options.depth is None else options.depth
    trees = grow(warehouse, target, shown, depth, options.window)
    paths = paths_of(warehouse, trees)
    calls = calls_of(
        warehouse, trees, options.window, write_only=options.write_only, limit=options.limit
    )
    titles = {tree.id: _title(tree) for tree in trees}
    several = len(reach.roots) > 1
    tables = [_overview(warehouse, target, reach, options.limit)] if several else []
    tables += [up_table(trees, paths, titles, options.limit), gaps_table(trees, paths, titles)]
    on_paths = {str(facts["session_id"]) for path in paths.values() for facts in path}
    below = {node.id for tree in trees for node in tree.walk() if node.kind == "session"}
    changes = changes_table(warehouse, sorted(on_paths | below))
    if changes.frame.height:
        tables.append(changes)
    down, notes = _down(trees, calls, options.limit)
    tables += [
        down,
        timeline_table(trees, calls, options.window, write_only=options.write_only),
        Table("tree", "", TREE, frame_of(TREE, _nested(trees, calls))),
    ]
    if len(reach.roots) > len(trees):
        notes.insert(
            0,
            f"the {target.kind} {target.text!r} means {len(reach.roots):,} sessions and keys; "
            f"the first {len(trees)} are followed: trace one of the others by its id, or narrow "
            "with --from and --to",
        )
    return Report(
        name="trace",
        title=f"Trace of {target.kind} {target.text}{options.window.words()}"
        + (f": {titles[trees[0].id]}" if not several else f": {len(reach.roots):,} found"),
        tables=tuple(tables),
        notes=(*target.notes, *notes, *_depth_note(trees, depth), *cut_notes(trees, calls)),
        parameters={
            "id": target.text,
            "kind": target.kind,
            "depth": options.depth,
            "since": options.window.since,
            "until": options.window.until,
            "write_only": options.write_only,
            "limit": options.limit,
        },
        findings=changes.frame.height,
    )


def _title(root: Node) -> str:
    if root.kind == "key":
        return key_label(root.facts)
    return f"{path_in_words(root.facts)} · session {short_session(root.id)}"


def _overview(warehouse: Warehouse, target: Target, reach: Reach, limit: int) -> Table:
    listed = reach.roots[:limit]
    sessions = [root for root in listed if not root.startswith(KEY_TYPE)]
    frame = warehouse.query("reports/trace_details", {"session_ids": sessions})
    details: dict[str, Row] = {str(row["session_id"]): row for row in frame.rows(named=True)}
    rows = [_overview_row(root, details.get(root) or target.keys.get(root, {})) for root in listed]
    more = len(reach.roots) - len(listed)
    heading = "All that were found" + (f" ({more:,} more are not listed)" if more else "")
    return Table("overview", heading, OVERVIEW, frame_of(OVERVIEW, rows))


def _overview_row(root: str, facts: Row) -> dict[str, object]:
    names = (
        "evidence",
        "last_seen",
        "actor_kind",
        "actor_account",
        "actor_name",
        "actor_arn",
        "actor_display",
        "claimed_actor",
        "claim_source",
        "chain",
        "account_id",
    )
    is_key = root.startswith(KEY_TYPE)
    who = {"claimed_actor": None, "chain": [], **facts}
    return {
        **{name: facts.get(name) for name in names},
        "session_id": root,
        "short": root if is_key else short_session(root),
        "path": [actor_label(who)] if is_key else path_of(who),
        "began_at": facts.get("started_at") or facts.get("first_seen"),
        "events": facts.get("event_count"),
        "source_addresses": facts.get("source_ips"),
    }


def _down(
    trees: Sequence[Node],
    calls: Mapping[str, list[Row]],
    limit: int,
) -> tuple[Table, list[str]]:
    rows = [{"root": tree.id, **row} for tree in trees for row in _down_rows(tree, calls, [], None)]
    notes = []
    if len(rows) > limit:
        notes.append(
            f"tree cut: {len(rows) - limit:,} of {len(rows):,} rows are not shown; "
            "--limit N shows more"
        )
    heading = "What came out of it"
    if len(rows) == len(trees):
        heading += ": nothing that the lake shows"
    return Table("down", heading, DOWN, frame_of(DOWN, rows[:limit])), notes


def _down_rows(
    node: Node, calls: Mapping[str, list[Row]], lasts: list[bool], parent: str | None
) -> list[dict[str, object]]:
    facts = _node_facts(node, calls)
    row = {
        **facts,
        "parent": parent,
        "depth": node.depth,
        "line": {"branch": branch(lasts), "text": f"{facts['label']}{_mention(node)}"},
    }
    rows = [row]
    for child in node.children:
        rows += _down_rows(child, calls, [*lasts, child is node.children[-1]], node.id)
    return rows


def _mention(node: Node) -> str:
    return f" · {short_session(node.id)}" if node.kind == "session" else ""


def _node_facts(node: Node, calls: Mapping[str, list[Row]]) -> dict[str, object]:
    """What is told of a node, in the table and in the nested tree."""
    facts = node.facts
    common = {
        "kind": node.kind,
        "id": node.id,
        "put_on_at": facts.get("issued_at") or node.first_time(),
        "last_seen": node.last_time(),
        "expires_at": facts.get("expires_at"),
        "role_arn": facts.get("role_arn"),
        "session_name": facts.get("session_name"),
        "account_id": facts.get("account_id"),
    }
    if node.kind == "handed-out":
        return common | {
            "kind": _handed_out_kind(facts),
            "label": handed_out_label(facts),
            "account_id": account_of(facts["role_arn"]) if facts["role_arn"] else None,
            "events": 0,
            "last_seen": None,
            "access_key_ids": facts["access_key_ids"],
            "event_ids": facts["event_ids"],
        }
    found = calls.get(node.id)
    common |= {
        "events": facts.get("event_count"),
        "denied": found[0]["hat_denied"] if found else 0,
        "evidence": facts.get("evidence"),
    }
    if node.kind == "key":
        made = facts.get("made")
        return common | {
            "label": key_label(facts),
            "account_id": facts.get("actor_account"),
            "access_key_ids": [node.id],
            "event_ids": made["event_ids"] if made else [],
        }
    return common | {
        "label": hat_label(facts),
        "access_key_ids": facts["access_key_ids"],
        "event_ids": facts["proof"] or [],
    }


def _handed_out_kind(facts: Row) -> str:
    if facts["possible_session_id"]:
        return "possible"
    return "exit" if facts["is_exit"] else "unused"


def _nested(trees: Sequence[Node], calls: Mapping[str, list[Row]]) -> list[dict[str, object]]:
    return [{"root": tree.id, "node": _nested_node(tree, calls)} for tree in trees]


def _nested_node(node: Node, calls: Mapping[str, list[Row]]) -> dict[str, object]:
    facts = _node_facts(node, calls)
    if node.kind == "session":
        facts |= {
            "rule": node.facts["rule_name"],
            "how": how_known(node.facts),
            "source_identity": node.facts["source_identity"],
            "session_tags": tags_of(node.facts["session_tags"]),
        }
    return facts | {
        "cut_below": node.below,
        "children": [_nested_node(child, calls) for child in node.children],
    }


def _depth_note(trees: Sequence[Node], depth: int) -> list[str]:
    cut = sum(node.below for tree in trees for node in tree.walk())
    if not cut:
        return []
    return [f"tree cut at depth {depth}: {cut:,} below are not shown; --depth N shows more"]
