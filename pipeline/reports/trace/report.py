"""The trace of an id as a report: where it comes from, what came out of it, what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.report import Report
from pipeline.reports.moved import moved_credentials_table
from pipeline.reports.trace.down import down_table, nested_table
from pipeline.reports.trace.find import KEY_TYPE, Target, find_target, path_in_words
from pipeline.reports.trace.overview import overview_table
from pipeline.reports.trace.timeline import calls_of, cut_notes, timeline_table
from pipeline.reports.trace.tree import Node, Reach, grow, reach_of
from pipeline.reports.trace.up import changes_table, gaps_table, paths_of, up_table
from pipeline.reports.trace.words import key_label, short_session
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

DEEPEST = 50
"""How many levels of a tree are shown when no depth is asked for."""
ROWS = 200
"""How many rows of the timeline are shown when no limit is given."""
TREE_ROWS = 1000
"""How many rows of the trees and of the overview are shown when no limit is given."""
TREES = 200
"""How many trees are followed when an id means more sessions and no higher limit is given."""
EXPLAINED = 20
"""How many ways up are told, hop by hop, when no higher limit is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions:
    """What a trace shows.

    depth -- levels of the trees below their roots; None shows DEEPEST.
    window -- sessions and calls in this time only.
    write_only -- no reading calls in the timeline, but those that were denied.
    limit -- at most so many rows of the timeline (but one a hat), of the trees and of the
        overview; None shows ROWS of the timeline and TREE_ROWS of the others.
    """

    depth: int | None = None
    window: Window = field(default_factory=Window)
    write_only: bool = False
    limit: int | None = None


def trace_report(warehouse: Warehouse, text: str, options: TraceOptions | None = None) -> Report:
    """Where the sessions and keys that `text` means come from, what came out of them, and what
    was done under each hat.

    Raises UsageError and RolecallError as `find_target` does.
    """
    options = options or TraceOptions()
    target = find_target(warehouse, text, options.window)
    reach = reach_of(warehouse, target.roots)
    rows, tree_rows = options.limit or ROWS, options.limit or TREE_ROWS
    shown = Reach(reach.roots[: max(TREES, options.limit or 0)], reach.children)
    depth = DEEPEST if options.depth is None else options.depth
    trees = grow(warehouse, target, shown, depth, options.window)
    paths = paths_of(warehouse, trees)
    calls = calls_of(warehouse, trees, options.window, write_only=options.write_only, limit=rows)
    from_it = _from_address(warehouse, target, reach, trees)
    titles = {tree.id: _title(tree) for tree in trees}
    several = len(reach.roots) > 1
    tables = [overview_table(warehouse, target, reach.roots, from_it, tree_rows)] if several else []
    explained = trees[: max(EXPLAINED, options.limit or 0)]
    tables += [
        up_table(warehouse, explained, paths, titles, limit=rows, found=len(trees)),
        gaps_table(explained, paths, titles),
    ]
    on_paths = {str(facts["session_id"]) for path in paths.values() for facts in path}
    below = {node.id for tree in trees for node in tree.walk() if node.kind == "session"}
    changes = changes_table(warehouse, sorted(on_paths | below))
    if changes.frame.height:
        tables.append(changes)
    tables.append(moved_credentials_table(warehouse, sorted(on_paths | below)))
    down, notes = down_table(trees, calls, from_it, tree_rows)
    tables += [
        down,
        timeline_table(trees, calls, options.window, write_only=options.write_only),
        nested_table(trees, calls),
    ]
    if len(reach.roots) > len(trees):
        notes.insert(
            0,
            f"the {target.kind} {target.text!r} means {len(reach.roots):,} sessions and keys; "
            f"the first {len(trees)} are followed; --limit {len(reach.roots)} follows all, "
            "--from and --to narrow it",
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


def _from_address(
    warehouse: Warehouse, target: Target, reach: Reach, trees: Sequence[Node]
) -> dict[str, int] | None:
    """Of a trace of a source address: the events from it, by session and key."""
    if target.kind != "source address":
        return None
    nodes = [node.id for tree in trees for node in tree.walk() if node.kind != "handed-out"]
    ids = list(dict.fromkeys([*reach.roots, *nodes]))
    frame = warehouse.query(
        "reports/trace_address",
        {
            "address": target.text,
            "session_ids": [name for name in ids if not name.startswith(KEY_TYPE)],
            "access_keys": [name for name in ids if name.startswith(KEY_TYPE)],
        },
    )
    return {str(row["hat_id"]): int(row["events"]) for row in frame.iter_rows(named=True)}


def _title(root: Node) -> str:
    if root.kind == "key":
        return key_label(root.facts)
    return f"{path_in_words(root.facts)} · session {short_session(root.id)}"


def _depth_note(trees: Sequence[Node], depth: int) -> list[str]:
    cut = sum(node.below for tree in trees for node in tree.walk())
    if not cut:
        return []
    return [f"tree cut at depth {depth}: {cut:,} below are not shown; --depth N shows more"]
