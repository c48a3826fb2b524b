"""The command `page`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline.cli.opening import opened
from pipeline.cli.options import DEFAULT_LAKE, DirectoryOption, FromOption, LakeOption, ToOption
from pipeline.cli.output import write_text
from pipeline.cli.times import parse_window
from pipeline.least_privilege.answers import Asked, overview
from pipeline.least_privilege.used import UsedFilter
from pipeline.render.html import render_html
from pipeline.reports.page import page_data
from pipeline.reports.page_reports import page_reports

DEFAULT_PAGE = "report.html"


def page_command(
    output: Annotated[
        str, typer.Argument(help="The file to write; report.html if not given.", metavar="[FILE]")
    ] = DEFAULT_PAGE,
    *,
    since: FromOption = None,
    until: ToOption = None,
    directory: DirectoryOption = None,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Write the page: one HTML file that opens in any browser and asks the network for nothing.

    What is new, what is risky and how much is proven; who wears which hat, the chains of roles,
    everybody's time; search, filters and links.
    """
    window = parse_window(since, until, datetime.now(UTC))
    with opened(lake, directory) as warehouse:
        least = overview(warehouse, Asked(wanted=UsedFilter(window=window)))
        *reports, status = page_reports(warehouse, lake, window)
        page = page_data(warehouse, window, (*reports, least, status))
    write_text(render_html(page), output)
