"""`who`: which human (or machine) did what under each chain of roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.report import Column, Report, Table
from pipeline.reports.actors import actor_heading, actor_order, is_machine, path_of
from pipeline.reports.cut import cut
from pipeline.reports.empty import no_match_note
from pipeline.reports.moved import Row, moved_credentials_table
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

COLUMNS = (
    Column("group", "", place="group", data=False),
    Column("path", "who → roles", "chain", data=False),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
    Column("claimed_actor", "claimed actor", place="none"),
    Column("claim_source", "claim source", place="none"),
    Column("chain", "chain", "list", place="none"),
    Column("hops", "hops", "integer", place="none"),
    Column("evidence", "evidence", "evidence"),
    Column("events", "events", "integer"),
    Column("denied", "denied", "denied"),
    Column("failed", "failed", "integer", place="none"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last", "timestamp", place="none"),
    Column("when", "when", "span", place="detail", data=False),
    Column("accounts", "in account", "list", place="detail"),
    Column("actions", "did", "actions", place="detail"),
    Column("denied_actions", "denied", "actions", place="detail", data=False),
    Column("source_addresses", "from", "list", place="detail"),
    Column("session_count", "sessions", "integer", place="none"),
    Column("session_names", "session", "list", place="detail"),
    Column("long_term_keys", "with key", "list", place="detail"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoFilter:
    """What `who` is asked for; None asks for all. See queries/reports/who.sql for the matching.

    limit -- at most so many rows, people first.
    """

    role: str | None = None
    actor: str | None = None
    account: str | None = None
    service: str | None = None
    window: Window = field(default_factory=Window)
    all_actors: bool = False
    limit: int | None = None

    def parameters(self) -> dict[str, object]:
        """The query's parameters."""
        return {
            "role": self.role,
            "actor": self.actor,
            "account": self.account,
            "service": self.service,
            "since": self.window.since,
            "until": self.window.until,
        }


def who_report(warehouse: Warehouse, wanted: WhoFilter | None = None) -> Report:
    """Each actor and chain of roles with what was done; people first.

    Workloads and AWS services are counted in a note and left out, unless `all_actors` is set or
    an actor is asked for by name. Rows that only claim the asked name are counted in a note.
    Sessions of workloads whose credentials may be in other hands are a table of their own, always.
    """
    wanted = wanted or WhoFilter()
    frame = warehouse.query("reports/who", wanted.parameters())
    rows = sorted(known_by_name(frame.rows(named=True)), key=_order)
    claims = [row for row in rows if row["is_claim_only"]]
    matching = [row for row in rows if not row["is_claim_only"]]
    hides_machines = not (wanted.all_actors or wanted.actor)
    machines = [row for row in matching if hides_machines and is_machine(row["actor_kind"])]
    shown = [row for row in matching if not (hides_machines and is_machine(row["actor_kind"]))]
    listed, cut_words = cut(shown, wanted.limit)
    moved = moved_credentials_table(
        warehouse,
        [session for row in matching for session in row["workload_sessions"]],
        wanted.window,
    )
    notes = _notes(wanted, machines, claims)
    if cut_words:
        notes.append(f"cut: {cut_words}")
    if moved.frame.height:
        notes.append(_moved_note(moved.frame.height))
    if not rows:
        named = {"role": wanted.role, "actor": wanted.actor, "service": wanted.service}
        notes.append(no_match_note(warehouse, _asked(wanted), named))
    return Report(
        name="who",
        title=f"Who did what{_asked(wanted)}",
        tables=(
            Table(
                "actors",
                f"({cut_words})" if cut_words else "",
                COLUMNS,
                _frame(listed, frame.schema),
                "no events match" if not matching else "nothing to show: see the notes",
            ),
            moved,
        ),
        notes=tuple(notes),
        parameters=wanted.parameters() | {"all_actors": wanted.all_actors, "limit": wanted.limit},
    )


def _moved_note(count: int) -> str:
    sessions = (
        "1 session of a workload was" if count == 1 else f"{count} sessions of workloads were"
    )
    return (
        f"{sessions} used from several addresses, or from a person's: the log proves to whom "
        "credentials were issued, not who held them"
    )


def known_by_name(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows, each with `shown_as`: the actor as a heading calls it.

    An Identity Center user is an id in some records and has a name in others; the heading of each
    of his rows says both, so that they stand together, and says where only a session name has it.
    """
    people = [row for row in rows if row["actor_kind"] == "identity-center-user"]
    names = {
        row["actor_name"]: row
        for row in people
        if row["actor_display"] not in (None, row["actor_name"])
    }
    called = {
        name: any(row["actor_display"] in row["session_names"] for row in people)
        for name, row in names.items()
    }
    dressed = []
    for row in rows:
        named = (
            names.get(row["actor_name"]) if row["actor_kind"] == "identity-center-user" else None
        )
        heading = actor_heading(row)
        if named:
            heading = actor_heading(
                {**row, "actor_display": named["actor_display"]}, with_name=True
            )
            if called[row["actor_name"]]:
                heading += " (the name is that of his sessions)"
        dressed.append({**row, "shown_as": heading})
    return dressed


def _order(row: Row) -> tuple[object, ...]:
    rank, *rest = actor_order(row)
    return rank, row["shown_as"].casefold(), *rest


def _frame(rows: list[dict[str, object]], schema: pl.Schema) -> pl.DataFrame:
    """The rows with what is put together for people: group, path, when."""
    moment = schema["first_time"]
    wanted = dict(schema) | {
        "group": pl.String(),
        "path": pl.List(pl.String()),
        "when": pl.Struct({"first": moment, "last": moment}),
    }
    dressed = [
        {
            **row,
            "group": row["shown_as"],
            "path": path_of(row),
            "when": {"first": row["first_time"], "last": row["last_time"]},
        }
        for row in rows
    ]
    return pl.DataFrame(dressed, schema=wanted)


def _asked(wanted: WhoFilter) -> str:
    named = {
        "role": wanted.role,
        "actor": wanted.actor,
        "account": wanted.account,
        "service": wanted.service,
    }
    filters = "".join(f" · {name} {value}" for name, value in named.items() if value)
    return f"{filters}{wanted.window.words()}"


def _notes(
    wanted: WhoFilter,
    machines: list[dict[str, object]],
    claims: list[dict[str, object]],
) -> list[str]:
    notes = []
    if machines:
        notes.append(
            f"not shown: {_count(machines)} by workloads and AWS services; --all-actors shows them"
        )
    if claims:
        notes.append(
            f"not counted: {_count(claims)} under a session that calls itself "
            f"{wanted.actor!r} and does not prove it; "
            "they are under “unresolved” without --actor"
        )
    return notes


def _count(rows: list[dict[str, object]]) -> str:
    events = sum(_events(row) for row in rows)
    return f"{events:,} event{'' if events == 1 else 's'}"


def _events(row: Mapping[str, object]) -> int:
    events = row["events"]
    return events if isinstance(events, int) else 0
