"""The reports that stand on the page when somebody asks for it by hand; a night brings its own."""

from __future__ import annotations

from dataclasses import replace

from pipeline.report import Report
from pipeline.reports.keys import KeysFilter, keys_report
from pipeline.reports.new import NewFilter, new_report
from pipeline.reports.page import new_since
from pipeline.reports.people import PeopleFilter, people_report
from pipeline.reports.roles import RolesFilter, roles_report
from pipeline.reports.status import status_report
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse


def page_reports(warehouse: Warehouse, location: str, window: Window) -> tuple[Report, ...]:
    """What is new (where the lake has a past to be new against), keys, roles, people, the lake.

    location -- where the lake is, for the title.
    """
    since = new_since(warehouse, window)
    news = NewFilter(window=replace(window, since=since))
    return (
        *((new_report(warehouse, news),) if since else ()),
        keys_report(warehouse, KeysFilter(window=window)),
        roles_report(warehouse, RolesFilter(window=window)),
        people_report(warehouse, PeopleFilter(window=window)),
        status_report(warehouse, location, window),
    )
