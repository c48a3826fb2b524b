"""What came out of the roots: the trees, drawn line by line and nested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.report import Column, Table
from pipeline.reports.trace.find import Row
from pipeline.reports.trace.frame import branch, frame_of, tags_of
from pipeline.reports.trace.overview import columns_for
from pipeline.reports.trace.tree import Node, account_of
from pipeline.reports.trace.words import (
    handed_out_label,
    hat_label,
    how_known,
    key_label,
    short_session,
)

DOWN = (
    Column("root", "root", place="none"),
    Column("parent", "parent", place="none"),
    Column("depth", "depth", "integer", place="none"),
    Column("line", "hat", "tree", data=False),
    Column("kind", "kind", place="none"),
    Column("id", "id", place="none"),
    Column("label", "label", place="none"),
    Column("put_on_at", "put on (UTC)", "timestamp", droppable=True),
    Column("last_seen", "last seen", "timestamp", place="none"),
    Column("expires_at", "expires", "timestamp", place="none"),
    Column("evidence", "evidence", "evidence"),
    Column("events", "events", "integer"),
    Column("address_events", "from it", "integer"),
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


def down_table(
    trees: Sequence[Node],
    calls: Mapping[str, list[Row]],
    from_it: Mapping[str, int] | None,
    limit: int,
) -> tuple[Table, list[str]]:
    """The trees line by line, at most `limit` lines, and what there is to be noted of that.

    from_it -- of a trace of a source address: how many events of each node came from it.
    """
    rows = [{"root": tree.id, **row} for tree in trees for row in _down_rows(tree, calls, [], None)]
    if from_it is not None:
        for row in rows:
            row["address_events"] = from_it.get(str(row["id"]), 0)
    notes = []
    shown = rows[:limit]
    if len(rows) > limit:
        words = f"{len(rows) - limit:,} of {len(rows):,} rows are not shown"
        notes.append(f"tree cut: {words}; --limit N shows more")
        text = f"… {words}; --limit {len(rows)} shows all"
        shown.append({"kind": "cut", "line": {"branch": "", "text": text}, "label": text})
    heading = "What came out of it"
    if len(rows) == len(trees):
        heading += ": nothing that the lake shows"
    columns = columns_for(DOWN, from_it)
    return Table("down", heading, columns, frame_of(columns, shown)), notes


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


def nested_table(trees: Sequence[Node], calls: Mapping[str, list[Row]]) -> Table:
    """The same trees with children within children, for programs."""
    rows = [{"root": tree.id, "node": _nested_node(tree, calls)} for tree in trees]
    return Table("tree", "", TREE, frame_of(TREE, rows))


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
