"""The way up: from a session or long-term key, hop by hop, to where its chain begins."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.report import Column, Table
from pipeline.reports.source_identity import SOURCE_IDENTITY_CHANGES, source_identity_change
from pipeline.reports.trace.find import Row
from pipeline.reports.trace.frame import branch, frame_of
from pipeline.reports.trace.hops import key_hops, session_hops
from pipeline.reports.trace.makers import makers_of
from pipeline.reports.trace.tree import Node
from pipeline.reports.trace.words import missing
from pipeline.warehouse import Warehouse

HOPS = (
    Column("root", "", place="none"),
    Column("group", "", place="group", data=False),
    Column("hop", "hop", "integer", place="none"),
    Column("line", "from the origin down", "tree", data=False),
    Column("put_on_at", "put on (UTC)", "timestamp"),
    Column("evidence", "evidence", "evidence"),
    Column("kind", "kind", place="none"),
    Column("session_id", "session id", place="none"),
    Column("actor_kind", "actor kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
    Column("role_arn", "role", place="none"),
    Column("session_name", "session name", place="none"),
    Column("account_id", "account", place="none"),
    Column("how", "known by", place="detail", data=False),
    Column("rule", "rule", place="none"),
    Column("issued_by", "issued by", place="none"),
    Column("candidate_count", "candidates", "integer", place="none"),
    Column("candidates", "candidates", "list", place="none"),
    Column("is_live_match", "by being alive", "boolean", place="none"),
    Column("proof_events", "proof", "list", place="detail"),
    Column("access_key_ids", "with key", "list", place="detail"),
    Column("mfa", "MFA", "boolean", place="detail"),
    Column("source_identity", "source identity", place="detail"),
    Column("session_tags", "tags", "json", place="none"),
    Column("tags", "tags", "list", place="detail", data=False),
    Column("source_addresses", "from", "list", place="detail"),
)
GAPS = (
    Column("root", "", place="none"),
    Column("group", "", place="group", data=False),
    Column("reason", "reason", place="none"),
    Column("account_id", "account", place="none"),
    Column("what", ""),
    Column("closed_by", "would close it:", place="detail"),
)


def paths_of(warehouse: Warehouse, roots: Sequence[Node]) -> dict[str, list[Row]]:
    """The sessions from the origin of each root session down to it, with their details."""
    ids = [root.id for root in roots if root.kind == "session"]
    walked = warehouse.query("reports/trace_up", {"session_ids": ids}).rows(named=True)
    wanted = sorted({str(row["session_id"]) for row in walked})
    details = {
        str(row["session_id"]): row
        for row in warehouse.query("reports/trace_details", {"session_ids": wanted}).rows(
            named=True
        )
    }
    paths: dict[str, list[Row]] = {}
    for row in walked:
        paths.setdefault(str(row["root_id"]), []).append(details[str(row["session_id"])])
    paths = {root: _from_the_user(path) for root, path in paths.items()}
    open_ends = [str(path[0]["session_id"]) for path in paths.values() if _may_be_open(path[0])]
    if open_ends:
        found = warehouse.query("reports/trace_gaps", {"session_ids": open_ends})
        gaps = {str(row["session_id"]): row for row in found.rows(named=True)}
        for path in paths.values():
            path[0] = {**path[0], **_gap(gaps.get(str(path[0]["session_id"]), {}))}
    return paths


def _may_be_open(facts: Row) -> bool:
    return facts["actor_kind"] in ("unresolved", "external-account") or facts["rule_name"] is None


def _gap(gap: Row) -> Row:
    names = ("missing_account", "ingested_from")
    return {"gap_reason": gap.get("reason"), **{name: gap.get(name) for name in names}}


def _from_the_user(path: list[Row]) -> list[Row]:
    """An IAM user's session is where a chain begins, also where another of the user's led to it."""
    begins = [n for n, facts in enumerate(path) if facts["user_type"] == "IAMUser"]
    return path[begins[-1] :] if begins else path


def up_table(
    warehouse: Warehouse,
    roots: Sequence[Node],
    paths: dict[str, list[Row]],
    title: dict[str, str],
    *,
    limit: int,
    found: int,
) -> Table:
    """Each root's way to its origin, the origin first; of more hops than `limit` both ends.

    A user's or root's own sessions name him in every record: only the first of each is told.
    found -- how many roots there are in all.
    """
    rows: list[dict[str, object]] = []
    told, own = _told(roots, paths)
    makers = makers_of(warehouse, told, paths)
    for root in told:
        hops = (
            key_hops(root.facts)
            if root.kind == "key"
            else session_hops(paths.get(root.id, [root.facts]))
        )
        hops = [*makers.get(root.id, []), *hops]
        for number, hop in _ends(list(enumerate(hops)), limit):
            line = {"branch": branch([True] * min(number, 1)), "text": hop.pop("label")}
            rows.append(
                {"root": root.id, "group": title[root.id], "hop": number, "line": line, **hop}
            )
        more = own.get(root.id, 0)
        if more:
            text = (
                f"… and {more:,} more session{'' if more == 1 else 's'} of the user's own, listed "
                "above: every record names the user"
            )
            line = {"branch": "", "text": text}
            rows.append({"root": root.id, "group": title[root.id], "line": line, "kind": "cut"})
    columns = HOPS if found > 1 else tuple(c for c in HOPS if c.place != "group")
    heading = "Where it comes from"
    if len(roots) < found:
        heading += (
            f" (the first {len(roots)} of {found:,}; --limit {found} tells all, "
            "a trace of one session its own)"
        )
    return Table("up", heading, columns, frame_of(columns, rows))


def _told(roots: Sequence[Node], paths: dict[str, list[Row]]) -> tuple[list[Node], dict[str, int]]:
    """The roots whose way up is told, and how many own sessions each stands for beside itself."""
    told: list[Node] = []
    first: dict[tuple[object, ...], str] = {}
    more: dict[str, int] = {}
    for root in roots:
        path = paths.get(root.id, [])
        facts = root.facts
        is_own = root.kind == "session" and len(path) == 1 and facts["rule_name"] is None
        if is_own and facts["origin"] in ("user", "root"):
            whose = (facts["actor_kind"], facts["actor_arn"], facts["actor_name"])
            stands = first.setdefault(whose, root.id)
            if stands != root.id:
                more[stands] = more.get(stands, 0) + 1
                continue
        told.append(root)
    return told, more


def _ends(
    hops: list[tuple[int, dict[str, object]]], limit: int
) -> list[tuple[int, dict[str, object]]]:
    """The hops; where there are more than `limit`, the first and last with a row between."""
    if len(hops) <= limit:
        return hops
    first, last = limit - limit // 2, limit // 2
    words = f"… {len(hops) - limit:,} more hops are not shown; --limit N shows more"
    cut: dict[str, object] = {"label": words, "kind": "cut"}
    return [*hops[:first], (first, cut), *hops[len(hops) - last :]]


def gaps_table(roots: Sequence[Node], paths: dict[str, list[Row]], title: dict[str, str]) -> Table:
    """Where the evidence of each root stops: what is missing, and what would close it."""
    rows: list[dict[str, object]] = []
    for root in roots:
        path = paths.get(root.id, [])
        found = missing(path[0]) if path else None
        if found:
            what, closed_by = found
            rows.append(
                {
                    "root": root.id,
                    "group": title[root.id],
                    "reason": path[0]["gap_reason"],
                    "account_id": path[0]["missing_account"],
                    "what": what,
                    "closed_by": closed_by,
                }
            )
    columns = GAPS if len(roots) > 1 else tuple(c for c in GAPS if c.place != "group")
    frame = frame_of(columns, rows)
    return Table("missing", "Where the evidence stops", columns, frame, "nothing is missing")


def changes_table(warehouse: Warehouse, sessions: Sequence[str]) -> Table:
    """Where the source identity changes inside the sessions or along their chains."""
    frame = warehouse.query("reports/status_source_identity", {"session_ids": list(sessions)})
    rows = [{**row, "what": source_identity_change(row)} for row in frame.iter_rows(named=True)]
    return Table(
        "source_identity_changes",
        "Source identity changes (records are forged, altered or wrongly linked)",
        SOURCE_IDENTITY_CHANGES,
        frame_of(SOURCE_IDENTITY_CHANGES, rows),
    )
