"""All the sessions and long-term keys that an id means, one line each, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.report import Column, Table
from pipeline.reports.actors import actor_label, path_of
from pipeline.reports.trace.find import KEY_TYPE, Row, Target
from pipeline.reports.trace.frame import frame_of
from pipeline.reports.trace.words import short_session
from pipeline.warehouse import Warehouse

OVERVIEW = (
    Column("session_id", "session id", place="none"),
    Column("short", "session", data=False),
    Column("path", "who → roles", "chain", data=False),
    Column("evidence", "evidence", "evidence"),
    Column("began_at", "put on (UTC)", "timestamp", droppable=True),
    Column("last_seen", "last seen", "timestamp", place="none"),
    Column("events", "events", "integer"),
    Column("address_events", "from it", "integer"),
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


def overview_table(
    warehouse: Warehouse,
    target: Target,
    roots: Sequence[str],
    from_it: Mapping[str, int] | None,
    limit: int,
) -> Table:
    """The roots, at most `limit` of them.

    from_it -- of a trace of a source address: how many events of each root came from it.
    """
    listed = roots[:limit]
    sessions = [root for root in listed if not root.startswith(KEY_TYPE)]
    frame = warehouse.query("reports/trace_details", {"session_ids": sessions})
    details: dict[str, Row] = {str(row["session_id"]): row for row in frame.rows(named=True)}
    rows = [
        {
            **_overview_row(root, details.get(root) or target.keys.get(root, {})),
            "address_events": None if from_it is None else from_it.get(root, 0),
        }
        for root in listed
    ]
    heading = "All that were found"
    if len(roots) > len(listed):
        heading += (
            f" (the first {len(listed):,} of {len(roots):,}; --limit {len(roots)} lists all, "
            "--from and --to narrow it)"
        )
    columns = columns_for(OVERVIEW, from_it)
    return Table("overview", heading, columns, frame_of(columns, rows))


def columns_for(
    columns: tuple[Column, ...], from_it: Mapping[str, int] | None
) -> tuple[Column, ...]:
    """The columns; `address_events` only where an address is traced."""
    return tuple(c for c in columns if from_it is not None or c.name != "address_events")


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
