"""`status`: what the lake covers, what is missing, and how well it is attributed."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipeline.report import Column, Report, Table
from pipeline.reports.gaps import GAPS
from pipeline.reports.source_identity import SOURCE_IDENTITY_CHANGES, source_identity_change
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

COVERAGE = (
    Column("account", "account"),
    Column("region", "region"),
    Column("events", "events", "integer"),
    Column("days", "days", "integer"),
    Column("first_time", "first event (UTC)", "timestamp"),
    Column("last_time", "last event (UTC)", "timestamp"),
)
EVIDENCE = (
    Column("evidence", "evidence", "evidence"),
    Column("events", "events", "integer"),
    Column("percent", "%", "number"),
    Column("sessions", "sessions", "integer"),
    Column("meaning", "meaning", data=False),
)
ACCOUNTS = (
    Column("account", "account"),
    Column("events", "events", "integer"),
    Column("known_percent", "% known", "number"),
    Column("direct", "direct", "integer"),
    Column("proven", "proven", "integer"),
    Column("matched", "matched", "integer"),
    Column("ambiguous", "ambiguous", "integer"),
    Column("claimed", "claimed", "integer"),
    Column("no_evidence", "none", "integer"),
    Column("outside_account", "outside account", "integer", place="none"),
)
REASONS = (
    Column("meaning", "reason", data=False),
    Column("reason", "reason", place="none"),
    Column("evidence", "evidence", "evidence"),
    Column("events", "events", "integer"),
    Column("sessions", "sessions", "integer"),
    Column("accounts", "seen in", "list", place="detail"),
    Column("missing_accounts", "accounts", "list", place="detail"),
    Column("closed_by", "closed by", place="detail"),
)
DAYS = (
    Column("account", "account"),
    Column("first_day", "first day", "date"),
    Column("last_day", "last day", "date"),
    Column("days", "days", "integer"),
)
FILES = (
    Column("kind", "kind"),
    Column("files", "files", "integer"),
    Column("records_read", "records read", "integer"),
    Column("records_stored", "stored", "integer"),
    Column("records_duplicate", "duplicate", "integer"),
    Column("records_rejected", "rejected", "denied"),
    Column("bytes", "bytes", "integer", place="detail"),
    Column("last_ingested_at", "last ingested (UTC)", "timestamp", place="detail"),
)
REJECTS = (
    Column("reason", "reason"),
    Column("rejected", "rejected", "denied"),
    Column("files", "files", "integer"),
    Column("places", "places", "list", place="detail"),
)

MEANINGS = {
    "direct": "the record itself names the actor",
    "proven": "every hop by issued key, by both copies of one call, or by AWS's onBehalfOf",
    "matched": "a hop by principal and issue second, or by sign-in; one candidate",
    "ambiguous": "several callers are possible; none is picked",
    "claimed": "only a name that the caller chose",
    "none": "nothing in the lake says who",
}


def status_report(warehouse: Warehouse, location: str, window: Window | None = None) -> Report:
    """Coverage by account and region, attribution by evidence, gaps, files and rejects.

    location -- where the lake is, for the title. Files and rejects are not limited by `window`.
    """
    window = window or Window()
    between = {"since": window.since, "until": window.until}
    coverage = warehouse.query("reports/coverage", between)
    evidence = warehouse.query("reports/evidence", between).with_columns(
        meaning=pl.col("evidence").replace_strict(MEANINGS, default="")
    )
    accounts = warehouse.query("reports/status_accounts", between)
    gaps = warehouse.query("reports/gaps", between)
    rejects = warehouse.query("reports/rejects")
    return Report(
        name="status",
        title=f"Lake {location}: {coverage['events'].sum():,} events{window.words()}",
        tables=(
            Table("coverage", "Accounts and regions", COVERAGE, coverage, "no events"),
            Table("evidence", "How well it is known who did it", EVIDENCE, evidence, "no events"),
            Table("attribution", "The same by account", ACCOUNTS, accounts, "no events"),
            Table(
                "reasons", "Why not the rest", REASONS, _reasons(warehouse, between), "all known"
            ),
            *_source_identity(warehouse),
            Table("gaps", "Days without events", DAYS, gaps, "no gaps"),
            Table("files", "Files read", FILES, warehouse.query("reports/ingested"), "no files"),
            Table("rejects", "Not stored", REJECTS, rejects, "nothing was rejected"),
        ),
        parameters=between,
    )


def _reasons(warehouse: Warehouse, between: Mapping[str, object]) -> pl.DataFrame:
    """Why events are not attributed, in words, and what would close each gap."""
    meanings = {name: gap.meaning for name, gap in GAPS.items()}
    closing = {name: gap.closes for name, gap in GAPS.items()}
    return warehouse.query("reports/status_reasons", between).with_columns(
        meaning=pl.col("reason").replace_strict(meanings, return_dtype=pl.String()),
        closed_by=pl.col("reason").replace_strict(closing, return_dtype=pl.String()),
    )


def _source_identity(warehouse: Warehouse) -> tuple[Table, ...]:
    """The changes of source identity along chains, where there are any."""
    frame = warehouse.query("reports/status_source_identity")
    if not frame.height:
        return ()
    sentences = [source_identity_change(row) for row in frame.iter_rows(named=True)]
    dressed = frame.with_columns(what=pl.Series(sentences))
    heading = "Source identity changes (records are forged, altered or wrongly linked)"
    return (Table("source_identity_changes", heading, SOURCE_IDENTITY_CHANGES, dressed),)
