"""Evidence that went bad: what `new` tells beside first sights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.arn import role_label
from pipeline.report import Column, Severity, Table
from pipeline.reports.names import framed_sessions_table
from pipeline.reports.new_words import KINDS
from pipeline.reports.source_identity import SOURCE_IDENTITY_CHANGES, source_identity_change
from pipeline.warehouse import Warehouse

if TYPE_CHECKING:
    from pipeline.reports.new import NewFilter

FALLS = (
    Column("severity", "severity", "severity"),
    Column("role", "role", data=False),
    Column("account_id", "in account"),
    Column("percent", "% proven", "number"),
    Column("percent_before", "% before", "number"),
    Column("sessions", "sessions", "integer"),
    Column("sessions_before", "before", "integer"),
    Column("role_arn", "role", place="none"),
    Column("proven", "proven", "integer", place="none"),
    Column("proven_before", "proven before", "integer", place="none"),
)
RETRACTED = (
    Column("what", "no longer shown by the records", data=False),
    Column("first_time", "told for (UTC)", "timestamp"),
    Column("retracted_at", "taken back", "timestamp", place="none"),
    Column("kind", "kind", place="none"),
    Column("role_arn", "role", place="none"),
    Column("from_role_arn", "from role", place="none"),
    Column("session_id", "session", place="none"),
    Column("fact_id", "fact", place="none"),
)

Found = tuple[Table, Severity]


def evidence_tables(
    warehouse: Warehouse, wanted: NewFilter
) -> tuple[tuple[Table, ...], Counter[Severity]]:
    """The tables that have rows, and how many findings of each severity they are."""
    asked: tuple[Callable[[Warehouse, NewFilter], Found], ...] = (
        _framed,
        _source_identity,
        _falls,
        _retracted,
    )
    tables = []
    severities = Counter[Severity]()
    for ask in asked:
        table, severity = ask(warehouse, wanted)
        if table.frame.height:
            tables.append(table)
            severities[severity] += table.frame.height
    return tuple(tables), severities


def _framed(warehouse: Warehouse, wanted: NewFilter) -> Found:
    table = framed_sessions_table(warehouse)
    rows = _within(table.frame, "first_seen", wanted)
    return replace(table, frame=_of_role(rows, wanted)), "high"


def _source_identity(warehouse: Warehouse, wanted: NewFilter) -> Found:
    found = warehouse.query("reports/status_source_identity")
    frame = _of_role(_within(found, "started_at", wanted), wanted)
    sentences = [source_identity_change(row) for row in frame.iter_rows(named=True)]
    dressed = frame.with_columns(what=pl.Series(sentences, dtype=pl.String()))
    heading = "Source identity changes (records are forged, altered or wrongly linked)"
    return Table("source_identity_changes", heading, SOURCE_IDENTITY_CHANGES, dressed), "high"


def _falls(warehouse: Warehouse, wanted: NewFilter) -> Found:
    window = wanted.happened()
    heading = "Roles of which less is proven than in the 30 days before"
    empty = Table("evidence_falls", heading, FALLS, pl.DataFrame())
    if window.since is None or wanted.actor:
        return empty, "medium"
    parameters = {
        "since": window.since,
        "until": window.until,
        "fall": wanted.fall,
        "role": wanted.role,
        "account": wanted.account,
    }
    frame = warehouse.query("reports/new_evidence", parameters)
    roles = [role_label(arn) for arn in frame["role_arn"]]
    dressed = frame.with_columns(
        severity=pl.lit("medium"), role=pl.Series(roles, dtype=pl.String())
    )
    return replace(empty, frame=dressed), "medium"


def _retracted(warehouse: Warehouse, wanted: NewFilter) -> Found:
    asked = wanted.parameters()
    parameters = {name: asked[name] for name in ("since", "until", "night")}
    frame = _of_role(warehouse.query("reports/new_retracted", parameters), wanted)
    say = {kind.name: kind.say for kind in KINDS}
    sentences = [
        say[row["kind"]]({**row, "claimed_actor": None, "claim_source": None})
        for row in frame.iter_rows(named=True)
    ]
    dressed = frame.with_columns(what=pl.Series(sentences, dtype=pl.String()))
    heading = "Taken back: later records show that this was somebody else, or nobody can tell"
    return Table("retracted", heading, RETRACTED, dressed), "info"


def _within(frame: pl.DataFrame, column: str, wanted: NewFilter) -> pl.DataFrame:
    window = wanted.happened()
    if window.since:
        frame = frame.filter(pl.col(column) >= window.since)
    if window.until:
        frame = frame.filter(pl.col(column) < window.until)
    return frame


def _of_role(frame: pl.DataFrame, wanted: NewFilter) -> pl.DataFrame:
    """The rows of the role, account and actor that were asked for."""
    rows: list[dict[str, Any]] = [
        row
        for row in frame.iter_rows(named=True)
        if wanted.is_about(row["role_arn"], row["account_id"], row.get("actor_name"))
    ]
    return pl.DataFrame(rows, schema=frame.schema)
