"""`new`: what was seen for the first time, and what evidence went bad."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl

from pipeline.report import SEVERITIES, Column, Report, Severity, Table
from pipeline.reports.new_evidence import evidence_tables
from pipeline.reports.new_words import KINDS, Known, matches, where_to_look
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

FALL_POINTS = 20.0
"""By how many percentage points the proven share of a role falls until it is told."""

ROWS = 200

COLUMNS = (
    Column("severity", "severity", "severity"),
    Column("told", "seen for the first time", data=False),
    Column("first_time", "first (UTC)", "timestamp"),
    Column("evidence", "evidence", "evidence"),
    Column("why", "why", place="detail"),
    Column("late", "late", place="detail", data=False),
    Column("denied_actions", "denied", "actions", place="detail"),
    Column("source_addresses", "from", "list", place="detail"),
    Column("look", "look", place="detail", data=False),
    Column("words", "kind in words", place="none", data=False),
    Column("what", "what was seen", place="none", data=False),
    Column("kind", "kind", place="none"),
    Column("is_late", "late", "boolean", place="none"),
    Column("actor_kind", "actor kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
    Column("claimed_actor", "claimed actor", place="none"),
    Column("claim_source", "claim source", place="none"),
    Column("role_arn", "role", place="none"),
    Column("from_role_arn", "from role", place="none"),
    Column("account_id", "account", place="none"),
    Column("from_account_id", "from account", place="none"),
    Column("access_key_id", "access key", place="none"),
    Column("network", "network", place="none"),
    Column("principal_id", "denied principal", place="none"),
    Column("event_count", "denied calls", "integer", place="none"),
    Column("retried_calls", "opened on retry", "integer", place="none"),
    Column("session_id", "session", place="none"),
    Column("event_id", "event", place="none"),
    Column("fact_id", "fact", place="none"),
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFilter:
    """What `new` is asked for; see queries/reports/new.sql for the matching.

    window -- when it first happened, or was learned late; night -- what the report of that night
    tells, instead of a window. known -- break-glass roles and known accounts. fall -- by how many
    percentage points the proven share of a role must fall. limit -- rows shown of what is new,
    the most urgent first.
    """

    window: Window = field(default_factory=Window)
    night: date | None = None
    actor: str | None = None
    role: str | None = None
    account: str | None = None
    known: Known = field(default_factory=Known)
    fall: float = FALL_POINTS
    limit: int = ROWS

    def parameters(self) -> dict[str, object]:
        """The query's parameters."""
        return {
            "since": None if self.night else self.window.since,
            "until": None if self.night else self.window.until,
            "night": self.night,
            "actor": self.actor,
            "role": self.role,
            "account": self.account,
        }

    def is_about(self, role: object, account: object, actor: object) -> bool:
        """Whether something of this role, account and actor was asked for."""
        return (
            (self.role is None or matches(self.role, role))
            and (self.account is None or account == self.account)
            and (self.actor is None or matches(self.actor, actor))
        )

    def happened(self) -> Window:
        """The window in which things happened: the night's day, or what was asked for."""
        return night_window(self.night) if self.night else self.window

    def words(self) -> str:
        """What was asked for, after the title."""
        named = (("actor", self.actor), ("role", self.role), ("account", self.account))
        when = f" in the night report of {self.night}" if self.night else self.window.words()
        return "".join(f" · {name} {value}" for name, value in named if value) + when


def night_window(night: date) -> Window:
    """The UTC day that a night reports."""
    begin = datetime.combine(night, time(), UTC)
    return Window(begin, begin + timedelta(days=1))


def new_report(warehouse: Warehouse, wanted: NewFilter | None = None) -> Report:
    """What is new against all that the lake ever held, the most urgent first, and what evidence
    went bad: names put on by others, changed source identities, roles of which less is proven.
    """
    wanted = wanted or NewFilter()
    frame = warehouse.query("reports/new", wanted.parameters())
    rows = sorted(_judged(frame, warehouse, wanted.known), key=_order)
    shown = rows[: wanted.limit]
    worse, worse_severities = evidence_tables(warehouse, wanted)
    severities = Counter[Severity](row["severity"] for row in rows) + worse_severities
    return Report(
        name="new",
        title=f"What is new{wanted.words()}",
        tables=(
            Table("facts", "", COLUMNS, _frame(shown, frame.schema), "nothing new"),
            *worse,
        ),
        notes=(*_notes(len(rows), len(shown)), *_beginning(frame, wanted.happened())),
        parameters=wanted.parameters()
        | {
            "break_glass": list(wanted.known.break_glass),
            "known_accounts": list(wanted.known.accounts),
            "limit": wanted.limit,
        },
        findings=severities.total(),
        severities=severities,
    )


def _judged(frame: pl.DataFrame, warehouse: Warehouse, known: Known) -> list[Row]:
    kinds = {kind.name: kind for kind in KINDS}
    denied = _denied(frame, warehouse)
    rows = []
    for found in frame.iter_rows(named=True):
        more = denied.get((found["principal_id"], found["first_time"].date()), {})
        row = {"chain": None, **found, **(more.get("actor") or {})}
        row["retried_calls"] = more.get("retried_calls")
        kind = kinds[row["kind"]]
        judgement = kind.judge(row, known)
        rows.append(
            {
                **row,
                "severity": judgement.severity,
                "why": judgement.why,
                "words": kind.words,
                "what": kind.say(row),
                "told": f"{kind.words}: {kind.say(row)}",
                "late": _late(row),
                "look": where_to_look(row),
                "denied_actions": more.get("actions"),
                "source_addresses": more.get("source_addresses"),
            }
        )
    return _without_first_networks(rows)


def _denied(frame: pl.DataFrame, warehouse: Warehouse) -> dict[tuple[str, date], Row]:
    """What the bursts' callers were denied, by principal and day."""
    bursts = frame.filter(pl.col("kind") == "denied-burst")
    if not bursts.height:
        return {}
    days = bursts["first_time"].dt.date().unique().sort()
    parameters: dict[str, object] = {
        "principals": bursts["principal_id"].unique().sort().to_list(),
        "since": night_window(days[0]).since,
        "until": night_window(days[-1]).until,
    }
    found = warehouse.query("reports/new_denied", parameters)
    return {(row["principal_id"], row["day"]): row for row in found.iter_rows(named=True)}


def _without_first_networks(rows: list[Row]) -> list[Row]:
    """Less the network of a new key's first use, which is told with the key."""
    keys = {row["access_key_id"]: row for row in rows if row["kind"] == "long-term-key"}
    kept = []
    for row in rows:
        key = keys.get(row["access_key_id"])
        if row["kind"] == "key-network" and key and row["event_id"] == key["event_id"]:
            key["source_addresses"] = [row["network"]]
        else:
            kept.append(row)
    return kept


def _late(row: Mapping[str, Any]) -> str:
    return "it happened earlier; its records came late" if row["is_late"] else ""


def _order(row: Mapping[str, Any]) -> tuple[object, ...]:
    names = [kind.name for kind in KINDS]
    return (
        SEVERITIES.index(row["severity"]),
        row["first_time"],
        names.index(row["kind"]),
        row["fact_id"],
    )


def _frame(rows: list[Row], schema: pl.Schema) -> pl.DataFrame:
    action = {
        "service": pl.String(),
        "action": pl.String(),
        "events": pl.Int64(),
        "denied": pl.Int64(),
    }
    texts = ("severity", "why", "words", "what", "told", "late", "look")
    added: dict[str, Any] = {name: pl.String() for name in texts}
    added |= {
        "denied_actions": pl.List(pl.Struct(action)),
        "source_addresses": pl.List(pl.String()),
        "retried_calls": pl.Int64(),
    }
    return pl.DataFrame(rows, schema=dict(schema) | added)


def _notes(count: int, shown: int) -> tuple[str, ...]:
    if shown == count:
        return ()
    return (f"{count - shown:,} less urgent facts are not shown; --limit {count} shows them",)


def _beginning(frame: pl.DataFrame, window: Window) -> tuple[str, ...]:
    """That the lake has no past to be new against, where it begins in the window."""
    if not frame.height:
        return ()
    begins: datetime = frame["history_begins"][0]
    if window.since is not None and begins < window.since:
        return ()
    return (
        f"the lake holds nothing from before {begins:%Y-%m-%d %H:%M:%S} UTC: whatever began "
        "before that is called new, too",
    )
