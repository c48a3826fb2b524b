"""The page over real records: every report is on it, and a browser has nothing to complain of."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reports.page_reports import page_reports
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse
from tests.front.terminal import rolecall
from tests.page.browser import Browser
from tests.page.facts import data_of
from tests.world.scenarios.scenario import Cast, use
from tests.world.table import events_table
from tests.world.world import World


@pytest.mark.parametrize("name", ["invictus", "identity-center-2026", "trailtool", "stratus"])
def test_the_page_of_real_records_opens(
    browser: Browser, real_data: Path, tmp_path: Path, name: str
) -> None:
    """Counts in the markup are those of the lake; all that is drawn is drawn without an error."""
    lake, path = tmp_path / "lake", tmp_path / "report.html"
    assert rolecall("ingest", real_data / name, "--lake", lake, "--workers", "1").exit_code in (
        0,
        4,
    )
    assert rolecall("page", path, "--lake", lake).exit_code == 0
    data = data_of(path.read_text(encoding="utf-8"))
    reports = {report["name"]: report for report in data["reports"]}
    assert reports.keys() >= {"keys", "roles", "people", "status"}
    browser.open(path, "machines=1")
    assert browser.console == []
    status = reports["status"]["tables"][0]
    events = sum(row[2] for row in status["rows"])
    assert sum(hat["events"] for hat in data["hats"]) == events
    shown = browser.run("document.getElementById('matching').textContent")
    assert shown == f"{len(data['actors'])} shown · {events:,} event{'' if events == 1 else 's'}"


def test_records_without_an_account_break_no_report() -> None:
    """Events of a person whose records name no account, as cut-down logs have them."""
    world = World("no account")
    cast = Cast(world)
    use(cast.alice)
    records = [
        {name: value for name, value in record.items() if name != "recipientAccountId"}
        for record in world.records()
    ]
    reports = page_reports(Warehouse.of(events_table(records)), "here", Window())
    people = next(report for report in reports if report.name == "people").tables[0]
    assert [row["accounts"] for row in people.rows()] == [[]]
