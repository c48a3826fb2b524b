"""`demo`: the bundled samples, ingested into a lake that lives as long as the command."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl

from pipeline.attribution import build
from pipeline.errors import SourceError
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.report import Column, Report, Table
from pipeline.reports.keys import long_term_keys_table
from pipeline.reports.names import framed_sessions_table
from pipeline.reports.who import who_report
from pipeline.warehouse import Warehouse

_PACKAGE = Path(__file__).resolve().parent


def samples_folder() -> Path:
    """Where the bundled samples are: inside the installed package, else in the checkout.

    Raises SourceError where they are in neither place.
    """
    places = (_PACKAGE / "_samples", _PACKAGE.parent / "data" / "samples")
    for place in places:
        if place.is_dir():
            return place
    raise SourceError(
        "the bundled samples are missing; install rolecall again", location=str(places[0])
    )


def demo_report() -> Report:
    """The who report of the samples, sessions under somebody else's name, long-term keys.

    Ingests into a temporary lake, which is gone afterwards; the last table says where to go next.
    """
    trail = samples_folder() / "org-trail"
    with tempfile.TemporaryDirectory(prefix="rolecall-demo-") as folder:
        lake = Lake.create_or_open(str(Path(folder) / "lake"))
        summary = ingest([str(trail)], lake)
        build(lake)
        with Warehouse.open(lake) as warehouse:
            who = who_report(warehouse)
            tables = (
                replace(who.tables[0], heading="Who did what"),
                framed_sessions_table(warehouse),
                long_term_keys_table(warehouse),
            )
    return Report(
        name="demo",
        title=f"rolecall demo: {summary.records_stored:,} events of a small organisation, "
        "with an incident in them",
        tables=(*tables, _where_next(trail)),
        notes=who.notes,
    )


def _where_next(trail: Path) -> Table:
    here = Path.cwd()
    near = trail.relative_to(here) if trail.is_relative_to(here) else trail
    steps = [
        ("Keep the samples in a lake:", f"rolecall ingest {shlex.quote(str(near))}"),
        ("See who wore the break-glass role:", "rolecall who --role 'SecurityBreakGlass*'"),
        ("See what the lake covers, and how sure it is:", "rolecall status"),
        ("Ask anything else:", 'rolecall sql "select * from attributed_events limit 5"'),
        ("Your own trail:", "rolecall ingest s3://YOUR-TRAIL-BUCKET"),
    ]
    columns = (Column("step", ""), Column("command", "", place="detail"))
    frame = pl.DataFrame(steps, schema=["step", "command"], orient="row")
    return Table("next", "Where to go next", columns, frame)
