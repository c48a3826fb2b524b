"""The page's data as JSON for its script; every text in it is safe to show and to embed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import cast

from pipeline.page import Hat, Items, PageData, Way
from pipeline.render.data import plain
from pipeline.render.values import (
    action,
    for_people,
    moment,
    printable,
    short_service,
)
from pipeline.report import SEVERITIES, Column, Report, Table

ROWS = 1_000
"""How many rows of a report's table the page holds; the first ones."""
LISTED = 40
"""How many items of a list in a cell."""

_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def payload(page: PageData) -> str:
    """The JSON of the page, escaped so that no text in it can end the script block."""
    numbers = {arn: number for number, arn in enumerate(page.roles)}
    document = {
        "actors": [
            {
                "key": actor.key,
                "label": actor.label,
                "kind": actor.kind,
                "words": actor.kind_words,
                "account": actor.account,
                "arn": actor.arn,
                "machine": actor.is_machine,
                "ways": actor.ways,
                "step": actor.step_minutes,
            }
            for actor in page.actors
        ],
        "roles": [
            {"arn": arn, "name": name, "account": _account(arn)} for arn, name in page.roles.items()
        ],
        "hats": [_hat(hat, numbers) for hat in page.hats],
        "ways": [_way(way, numbers) for way in page.ways],
        "reports": [_report(report) for report in page.reports],
    }
    return json.dumps(shown(document), ensure_ascii=False, separators=(",", ":")).translate(
        _ESCAPES
    )


def shown(value: object) -> object:
    """The value with every text made printable: nothing hides or turns what stands around it."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""


def _hat(hat: Hat, numbers: Mapping[str, int]) -> dict[str, object]:
    return {
        "actor": hat.actor,
        "role": -1 if hat.role is None else numbers[hat.role],
        "evidence": hat.evidence,
        "events": hat.events,
        "denied": hat.denied,
        "writes": hat.writes,
        "first": int(hat.first_time.timestamp()),
        "last": int(hat.last_time.timestamp()),
        "isNew": hat.is_new,
        "accounts": list(hat.accounts),
    }


def _way(way: Way, numbers: Mapping[str, int]) -> dict[str, object]:
    return {
        "actor": way.actor,
        "roles": [numbers[arn] for arn in way.roles],
        "evidence": way.evidence,
        "events": way.events,
        "denied": way.denied,
        "writes": way.writes,
        "sessions": way.sessions,
        "first": int(way.first_time.timestamp()),
        "last": int(way.last_time.timestamp()),
        "isNew": way.is_new,
        "accounts": _items(way.accounts),
        "addresses": _items(way.addresses),
        "names": _items(way.session_names),
        "claims": _items(way.claims),
        "calls": _items(way.calls),
        "times": [number for step in way.times for number in step],
    }


def _items(items: Items) -> dict[str, object]:
    """`shown`: text, events and denied one after another; `count` of all."""
    flat: list[object] = []
    for item in items.shown:
        flat += [item.text, item.events, item.denied]
    return {"shown": flat, "count": items.count}


def _report(report: Report) -> dict[str, object]:
    return {
        "name": report.name,
        "title": report.title,
        "notes": list(report.notes),
        "severities": {name: report.severities.get(name, 0) for name in SEVERITIES},
        "tables": [_table(table) for table in report.tables if table.people_columns()],
    }


def _table(table: Table) -> dict[str, object]:
    columns = [column for column in table.columns if column.place != "none"]
    rows = table.frame.head(ROWS).iter_rows(named=True)
    return {
        "name": table.name,
        "heading": table.heading,
        "empty": table.empty,
        "columns": [
            {"heading": column.heading, "kind": column.kind, "place": column.place}
            for column in columns
        ],
        "rows": [[_cut(_cell(row[column.name], column)) for column in columns] for row in rows],
        "count": table.frame.height,
    }


def _cut(value: object) -> object:
    """A list with its first items and how many more there are; anything else as it is."""
    if isinstance(value, list) and len(value) > LISTED:
        return [*value[:LISTED], f"+{len(value) - LISTED} more"]
    return value


def _cell(value: object, column: Column) -> object:  # noqa: PLR0911 (one a kind)
    """A cell as the script sorts and shows it: a number, a text, or a list of texts."""
    if value is None:
        return None
    if column.kind in {"evidence", "severity"}:
        return str(value)
    if column.kind in {"integer", "number", "denied"} and isinstance(value, int | float):
        return plain(value)
    if column.kind == "actions":
        return [action(item) for item in cast("Sequence[Mapping[str, object]]", value)]
    if column.kind == "services":
        return [short_service(str(item)) for item in cast("Sequence[object]", value)]
    if column.kind == "chain":
        return [str(item).replace("→", "\ufffd") for item in cast("Sequence[object]", value)]
    if isinstance(value, list):
        return [for_people(item, "text") for item in value]
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return for_people(value, column.kind, shown=None)
