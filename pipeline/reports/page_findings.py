"""What the page says to look at first: findings of its reports, and a few of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from pipeline.arn import role_label
from pipeline.page import Finding, Hat, PageActor
from pipeline.report import SEVERITIES, Report, Severity, Table
from pipeline.reports.actors import actor_label
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

SHOWN = 40
"""How many findings the page holds; the most urgent first."""
ROLES_NAMED = 3
DENIED_BURST = 3
"""So many denied calls of one actor are worth a look."""
NEW = "new"
"""The report whose findings say what is new; only its urgent ones are to be looked at first too."""
_REASONS = ("reason", "why")
"""Columns that say in words why a row is a finding."""


def findings(
    warehouse: Warehouse,
    window: Window,
    reports: Sequence[Report],
    actors: Sequence[PageActor],
    hats: Sequence[Hat],
) -> tuple[Finding, ...]:
    """What to look at first, the most urgent first; at most SHOWN.

    Sessions under another's name, outside accounts and the root user are told here only where no
    report tells them.
    """
    names = {report.name for report in reports}
    found = [
        finding
        for report in reports
        for finding in findings_of(report)
        if report.name != NEW or finding.severity in {"critical", "high"}
    ]
    if not names & {NEW, "roles"}:
        found += _framed(warehouse, window)
    found += _of_actors(actors, hats, root="keys" not in names, outside="roles" not in names)
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))[:SHOWN])


def findings_of(report: Report) -> Iterator[Finding]:
    """The rows of a report that have a severity, but for those that ask for nothing."""
    for table in report.tables:
        judged = next((column for column in table.columns if column.kind == "severity"), None)
        if judged is None:
            continue
        for row in table.rows():
            severity = row[judged.name]
            if severity in SEVERITIES and severity != "info":
                text = _sentence(table, row)
                yield Finding(cast("Severity", severity), text, report=report.name)


def _sentence(table: Table, row: dict[str, object]) -> str:
    """The row in one line: what it is about (the first texts that are shown), and why."""
    texts = {
        column.name: (column.place, str(row[column.name]))
        for column in table.people_columns()
        if column.kind == "text" and row[column.name]
    }
    reason = next((texts[name][1] for name in _REASONS if name in texts), "")
    cells = [text for name, (place, text) in texts.items() if place == "cell" and text != reason]
    subject = " · ".join(cells[:2])
    return f"{subject}: {reason}" if subject and reason else subject or reason or table.heading


def _framed(warehouse: Warehouse, window: Window) -> Iterator[Finding]:
    """Sessions that carry the name of a person whom nothing proves to be behind them, by name."""
    by_name: dict[tuple[Severity, str, str], list[dict[str, object]]] = {}
    for row in warehouse.query("reports/framed_sessions").iter_rows(named=True):
        if window.meets(row["first_seen"], row["last_seen"]):
            whose = "" if row["actor_kind"] == "unresolved" else actor_label(row)
            # Identity Center names the sessions of its own roles: no caller chose that name.
            is_named_by_aws = "/AWSReservedSSO_" in str(row["role_arn"])
            severity: Severity = "medium" if whose else "low" if is_named_by_aws else "high"
            by_name.setdefault((severity, str(row["session_name"]), whose), []).append(row)
    for (severity, name, whose), rows in by_name.items():
        roles = sorted({role_label(str(row["role_arn"])) for row in rows})
        of = ", ".join(roles[:ROLES_NAMED]) + (
            f" and {len(roles) - ROLES_NAMED} more" if len(roles) > ROLES_NAMED else ""
        )
        one = len(rows) == 1
        proven = f"behind {'it' if one else 'them'} is {whose}" if whose else "nothing proves who"
        yield Finding(
            severity,
            f"{len(rows):,} session{'' if one else 's'} of {of} call{'s' if one else ''} "
            f"{'itself' if one else 'themselves'} “{name}”, the name of a known person; {proven}.",
        )


def _of_actors(
    actors: Sequence[PageActor], hats: Sequence[Hat], *, root: bool, outside: bool
) -> Iterator[Finding]:
    worn: dict[int, list[Hat]] = {}
    for hat in hats:
        worn.setdefault(hat.actor, []).append(hat)
    for number, actor in enumerate(actors):
        own = worn.get(number, [])
        events, denied = sum(hat.events for hat in own), sum(hat.denied for hat in own)
        if actor.kind == "root" and root:
            text = f"The root user of {actor.account} was used: {_calls(events)}."
            yield Finding("high", text, person=number)
        if actor.kind == "external-account" and outside and any(hat.role for hat in own):
            text = f"{_capital(actor.label)} wore a role here; who in it, its own trail would say."
            yield Finding("low", text, person=number)
        if denied >= DENIED_BURST and not actor.is_machine:
            whose = "somebody unresolved" if actor.kind == "unresolved" else actor.label
            text = f"{_calls(denied)} of {whose} {'was' if denied == 1 else 'were'} denied."
            yield Finding("low", text, person=number)


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
