"""The commands `nightly` and `init`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.new_command import parse_night
from pipeline.cli.output import say
from pipeline.errors import RolecallError, UsageError
from pipeline.nightly import Config, Log, Night, nightly, read_config, write_template
from pipeline.render import Page, render
from pipeline.render.html import render_html
from pipeline.report import Report
from pipeline.reports.page import page_data
from pipeline.warehouse import Warehouse

SUFFIXES = {
    "table": "txt",
    "json": "json",
    "ndjson": "ndjson",
    "csv": "csv",
    "markdown": "md",
}
"""How the files of each format end."""

LOG_FORMATS = ("text", "json")


def nightly_command(
    *,
    config: Annotated[
        Path,
        typer.Option("--config", help="The config; see rolecall init.", metavar="FILE"),
    ],
    night: Annotated[
        str | None,
        typer.Option(
            "--night",
            help="Write this night alone (a UTC day: 2026-11-23); if not given, every night since "
            "the last that was written, up to yesterday.",
            metavar="DATE",
        ),
    ] = None,
    log_format: Annotated[
        str, typer.Option("--log-format", help="text or json, on stderr.", metavar="FORMAT")
    ] = "text",
) -> None:
    """The batch job: ingest what is new, build, write the reports of each missed night, compact.

    Exit code 1: something failed, the rest was done; 3: findings from the severity `fail_on`; 4:
    something was rejected or a source could not be read; what it was is in run.json.
    """
    if log_format not in LOG_FORMATS:
        raise UsageError(f"--log-format {log_format!r}; valid: {', '.join(LOG_FORMATS)}")
    log = Log(say, as_json=log_format == "json")
    try:
        wanted = read_config(config)
        code = nightly(
            wanted,
            now=datetime.now(UTC),
            night=parse_night(night),
            files=lambda report: rendered(report, wanted),
            page=page_files,
            log=log,
        )
    except RolecallError as error:
        log.say("failed", "error", error=str(error))
        raise typer.Exit(error.exit_code) from None
    raise typer.Exit(code)


def rendered(report: Report, config: Config) -> Mapping[str, str]:
    """The files of a report, one a format. Pages have a fixed width: a night has no terminal."""
    return {
        f"{report.name}.{SUFFIXES[name]}": render(report, name, Page())
        for name in config.reports.formats
    }


def page_files(warehouse: Warehouse, night: Night, reports: Sequence[Report]) -> Mapping[str, str]:
    """report.html of a night: the days that are looked back at, and what is new in the night."""
    page = page_data(warehouse, night.look_back, reports, new_from=night.window.since)
    return {"report.html": render_html(page)}


def init_command(
    file: Annotated[Path, typer.Argument(help="The config to write.", metavar="[FILE]")] = Path(
        "rolecall.toml"
    ),
) -> None:
    """Write a commented rolecall.toml for `rolecall nightly`; one that is there stays."""
    write_template(file)
    say(f"wrote {file}; set its sources, then: rolecall nightly --config {file}")
