"""`status`: what the lake covers, what is missing, and how well it is attributed."""

from __future__ import annotations

import polars as pl

from pipeline.report import Column, Report, Table
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
GAPS = (
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
    Column("example_file", "for example", place="detail"),
    Column("example_record", "record", "integer", place="detail"),
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
    gaps = warehouse.query("reports/gaps", between)
    rejects = warehouse.query("reports/rejects").with_columns(
        example_file=pl.col("example").struct.field("file"),
        example_record=pl.col("example").struct.field("record"),
    )
    return Report(
        name="status",
        title=f"Lake {location}: {coverage['events'].sum():,} events{window.words()}",
        tables=(
            Table("coverage", "Accounts and regions", COVERAGE, coverage, "no events"),
            Table("evidence", "How well it is known who did it", EVIDENCE, evidence, "no events"),
            Table("gaps", "Days without events", GAPS, gaps, "no gaps"),
            Table("files", "Files read", FILES, warehouse.query("reports/ingested"), "no files"),
            Table("rejects", "Not stored", REJECTS, rejects, "nothing was rejected"),
        ),
        parameters=between,
    )
