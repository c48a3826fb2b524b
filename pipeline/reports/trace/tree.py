"""The tree below a root: the sessions that came out of it, the keys it made, and what it handed
out that nobody is seen to use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pipeline.arn import Arn
from pipeline.reports.trace.find import KEY_TYPE, Row, Target
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

NodeKind = Literal["session", "key", "handed-out"]


@dataclass(slots=True)
class Node:
    """A session, a long-term access key, or credentials handed out that no session is proven
    to be.

    id -- session id, access key id, or the id of the issuing event.
    facts -- its row of trace_details, trace_keys or trace_handed_out.
    depth -- how far below the root; below -- how many nodes under it were cut.
    """

    id: str
    kind: NodeKind
    facts: Row
    depth: int = 0
    children: list[Node] = field(default_factory=list)
    below: int = 0

    def walk(self) -> Iterator[Node]:
        """The node and all below it, a node before its children."""
        yield self
        for child in self.children:
            yield from child.walk()

    def first_time(self) -> datetime | None:
        """When it began."""
        return _time(self.facts, "started_at", "first_seen", "first_time")

    def last_time(self) -> datetime | None:
        """When it was last seen."""
        return _time(self.facts, "last_seen", "last_time")


def _time(facts: Row, *names: str) -> datetime | None:
    return next((facts[name] for name in names if facts.get(name) is not None), None)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which roots there are and what came out of each.

    roots -- those that did not come out of another, in the order they were given.
    children -- node → what came directly out of it.
    """

    roots: tuple[str, ...]
    children: Mapping[str, tuple[str, ...]]

    def below(self, node: str) -> list[str]:
        """Everything that came out of a node."""
        found: dict[str, None] = {}
        waiting = list(self.children.get(node, ()))
        while waiting:
            child = waiting.pop()
            if child not in found:
                found[child] = None
                waiting += self.children.get(child, ())
        return list(found)


def reach_of(warehouse: Warehouse, roots: Sequence[str]) -> Reach:
    """All that came out of the roots; a root that came out of another is none."""
    rows = warehouse.query("reports/trace_down", {"roots": list(roots)}).rows(named=True)
    children: dict[str, dict[str, None]] = {}
    for row in rows:
        if row["parent_id"] is not None:
            children.setdefault(str(row["parent_id"]), {})[str(row["node_id"])] = None
    reach = Reach((), {parent: tuple(found) for parent, found in children.items()})
    tops: dict[str, None] = {}
    covered: set[str] = set()
    # A ring of parents has no top: its first member stands for it.
    came_out = {str(row["node_id"]) for row in rows if row["level"]}
    for root in sorted(roots, key=lambda root: root in came_out):
        if root not in covered:
            tops[root] = None
            covered.update(reach.below(root))
    return Reach(tuple(root for root in roots if root in tops), reach.children)


def grow(
    warehouse: Warehouse, target: Target, reach: Reach, depth: int, window: Window
) -> list[Node]:
    """The trees of the roots of `reach`, no deeper than `depth`.

    Where there is a window, what did nothing in it is left out unless something below it did.
    """
    ids = list(dict.fromkeys([*reach.roots, *(n for r in reach.roots for n in reach.below(r))]))
    sessions = [name for name in ids if not name.startswith(KEY_TYPE)]
    keys = [name for name in ids if name.startswith(KEY_TYPE)]
    details = warehouse.query("reports/trace_details", {"session_ids": sessions})
    facts: dict[str, Row] = {str(row["session_id"]): row for row in details.rows(named=True)}
    facts |= _key_facts(warehouse, target, keys)
    handed_out = _handed_out(warehouse, sessions, keys)
    soil = _Soil(reach, facts, handed_out, depth)
    return [_pruned(soil.tree(root), window) for root in reach.roots]


def _key_facts(warehouse: Warehouse, target: Target, keys: list[str]) -> dict[str, Row]:
    """What is known of long-term keys: their use, and the call that made them."""
    known = dict(target.keys)
    if set(keys) - set(known):
        used = warehouse.query("reports/trace_keys", {"access_keys": keys})
        known |= {str(row["access_key_id"]): row for row in used.rows(named=True)}
    made: dict[str, Row] = {}
    for row in warehouse.query("reports/trace_issues", {"access_keys": keys}).rows(named=True):
        made.setdefault(str(row["access_key_id"]), row)
    owners: dict[str, Row] = {}
    if set(made) - set(known):
        events = sorted({event for row in made.values() for event in row["event_ids"]})
        for row in warehouse.query("reports/trace_key_owners", {"event_ids": events}).rows(
            named=True
        ):
            owners[str(row["access_key_id"])] = row
    return {
        key: {
            "access_key_id": key,
            **known.get(key, {}),
            "made": made.get(key),
            "made_for": owners.get(key, {}).get("user_name"),
        }
        for key in keys
    }


def account_of(arn: str) -> str | None:
    """The account of an ARN."""
    parsed = Arn.parse(arn)
    return parsed.account if parsed else None


def _handed_out(warehouse: Warehouse, sessions: list[str], keys: list[str]) -> dict[str, list[Row]]:
    asked = {"session_ids": sessions, "access_keys": keys}
    found: dict[str, list[Row]] = {}
    rows = warehouse.query("reports/trace_handed_out", asked).rows(named=True)
    known = warehouse.query("reports/trace_accounts")["account_id"].to_list() if rows else []
    for row in rows:
        is_exit = row["role_arn"] is not None and account_of(row["role_arn"]) not in known
        found.setdefault(str(row["parent_id"]), []).append({**row, "is_exit": is_exit})
    return found


@dataclass(frozen=True, slots=True)
class _Soil:
    """What trees grow from: who came out of whom, and what is known of each."""

    reach: Reach
    facts: Mapping[str, Row]
    handed_out: Mapping[str, list[Row]]
    depth: int

    def tree(self, name: str, above: frozenset[str] = frozenset()) -> Node:
        """The tree of a node; one that stands above it does not come again."""
        kind: NodeKind = "key" if name.startswith(KEY_TYPE) else "session"
        node = Node(name, kind, self.facts.get(name, {}), len(above))
        leaves = self.handed_out.get(name, [])
        if len(above) >= self.depth:
            node.below = len(self.reach.below(name)) + len(leaves)
            return node
        own = above | {name}
        below = [child for child in self.reach.children.get(name, ()) if child not in own]
        grown = [self.tree(child, own) for child in below]
        grown += [
            Node(str(row["event_ids"][0]), "handed-out", row, node.depth + 1) for row in leaves
        ]
        node.children = sorted(grown, key=lambda child: (str(child.first_time() or ""), child.id))
        return node


def _pruned(node: Node, window: Window) -> Node:
    node.children = [
        child
        for child in (_pruned(child, window) for child in node.children)
        if child.children or _is_in(child, window)
    ]
    return node


def _is_in(node: Node, window: Window) -> bool:
    first, last = node.first_time(), node.last_time()
    return first is None or last is None or window.meets(first, last)
