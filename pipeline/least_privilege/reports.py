"""Reports on one role: why its policy holds what it holds, and granted against used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.least_privilege.compare import Compared
from pipeline.least_privilege.policy import Policy
from pipeline.least_privilege.used import Evidence, Grant, Use
from pipeline.report import Column, Report, Severity, Table

_MOMENT = pl.Datetime("us", "UTC")
_SPAN = pl.Struct({"first": _MOMENT, "last": _MOMENT})

_EVIDENCE = (
    Column("events", "calls", "integer"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last", "timestamp", place="none"),
    Column("when", "when", "span", place="detail", data=False),
    Column("by", "by", "list", place="detail"),
    Column("event_id", "event", place="detail"),
)
_EVIDENCE_SCHEMA: dict[str, pl.DataType] = {
    "events": pl.Int64(),
    "first_time": _MOMENT,
    "last_time": _MOMENT,
    "when": _SPAN,
    "by": pl.List(pl.String()),
    "event_id": pl.String(),
}

USED = (
    Column("action", "action"),
    Column("resource", "resource"),
    *_EVIDENCE,
    Column("condition", "only if", place="detail"),
    Column("reason", "wider than its use", place="detail"),
)
_USED_SCHEMA: dict[str, pl.DataType] = {
    "action": pl.String(),
    "resource": pl.String(),
    **_EVIDENCE_SCHEMA,
    "condition": pl.String(),
    "reason": pl.String(),
}
UNMAPPED = (Column("call", "call"), *_EVIDENCE)
_UNMAPPED_SCHEMA: dict[str, pl.DataType] = {"call": pl.String(), **_EVIDENCE_SCHEMA}

COMPARED = (
    Column("mark", ""),
    Column("action", "action"),
    Column("danger", "good for"),
    Column("state", "state"),
    Column("events", "calls", "integer"),
    Column("reason", "why", place="detail"),
    Column("policies", "by policy", "list", place="detail"),
    Column("limits", "limits", "list", place="detail"),
    Column("resources", "on", "list", place="detail"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last", "timestamp", place="none"),
    Column("when", "when", "span", place="detail", data=False),
    Column("by", "by", "list", place="detail"),
    Column("event_id", "event", place="none"),
)
_COMPARED_SCHEMA: dict[str, pl.DataType] = {
    "mark": pl.String(),
    "action": pl.String(),
    "danger": pl.String(),
    "state": pl.String(),
    "reason": pl.String(),
    "policies": pl.List(pl.String()),
    "limits": pl.List(pl.String()),
    "resources": pl.List(pl.String()),
    **_EVIDENCE_SCHEMA,
}


def explained_report(use: Use, policy: Policy, notes: tuple[str, ...]) -> Report:
    """Why the policy of a role holds each action: how often, when, by whom, an event to look at."""
    size = len(policy.documents)
    documents = f"{size} policy document{'' if size == 1 else 's'}"
    widest = [
        {"action": w.action, "resource": w.resource, "reason": w.reason} for w in policy.widenings
    ]
    columns = (Column("action", "action"), Column("resource", "resource"), Column("reason", "why"))
    schema = {"action": pl.String(), "resource": pl.String(), "reason": pl.String()}
    return Report(
        name="least-privilege",
        title=f"What {use.subject} used: {len(use.actions)} actions, {documents}",
        tables=(
            Table("used", "Used, and allowed", USED, _used(use.used), "nothing"),
            Table(
                "widenings",
                "Where the policy allows more than was used",
                columns,
                pl.DataFrame(widest, schema=schema),
                "nowhere",
            ),
            Table(
                "denied",
                "Tried and denied: not allowed, unless it is above, too",
                USED,
                _used(use.denied),
                "nothing",
            ),
            Table(
                "unmapped",
                "Calls whose action is not known: not allowed",
                UNMAPPED,
                pl.DataFrame(
                    [{"call": call, **_evidence(e)} for call, e in sorted(use.unmapped.items())],
                    schema=_UNMAPPED_SCHEMA,
                ),
                "none",
            ),
        ),
        notes=notes,
        parameters={"subject": use.subject},
    )


def compared_report(
    subject: str, rows: Sequence[Compared], unknown: Sequence[str], notes: tuple[str, ...]
) -> Report:
    """Granted against used, action by action."""
    counts = {state: sum(row.state == state for row in rows) for state in _STATES}
    title = ", ".join(f"{events:,} {state}" for state, events in counts.items() if events)
    frame = pl.DataFrame(
        [
            {
                "mark": row.mark,
                "action": row.action,
                "danger": row.danger or None,
                "state": row.state,
                "reason": row.reason or None,
                "policies": list(row.policies),
                "limits": list(row.limits),
                "resources": list(row.resources),
                **(_evidence(row.evidence) if row.evidence else {}),
            }
            for row in rows
        ],
        schema=_COMPARED_SCHEMA,
    )
    missing = [f"not given, so not looked at: {', '.join(unknown)}"] if unknown else []
    unused = removable(rows)
    return Report(
        name="least-privilege",
        title=f"Granted against used · {subject}: {title or 'nothing'}",
        tables=(Table("actions", "", COMPARED, frame, "nothing is granted, and nothing was used"),),
        notes=(*missing, *notes),
        parameters={"subject": subject},
        findings=len(unused),
        severities=severities(unused),
    )


_STATES = ("unused", "not granted", "not observable", "used")


def removable(rows: Sequence[Compared]) -> list[Compared]:
    """What is granted, was not used, and would have been seen; the most dangerous first."""
    return [row for row in rows if row.state == "unused"]


def severities(rows: Sequence[Compared]) -> dict[Severity, int]:
    """Unused actions by severity, the most urgent first."""
    severity: dict[str, Severity] = {"privilege escalation": "high", "": "low"}
    found = [severity.get(row.danger, "medium") for row in rows]
    order: tuple[Severity, ...] = ("high", "medium", "low")
    return {name: found.count(name) for name in order if name in found}


def _used(used: Mapping[Grant, Evidence]) -> pl.DataFrame:
    rows = [
        {
            "action": grant.action,
            "resource": grant.resource,
            **_evidence(evidence),
            "condition": " ".join(grant.condition) if grant.condition else None,
            "reason": evidence.reason or None,
        }
        for grant, evidence in sorted(
            used.items(),
            key=lambda item: (item[0].action, item[0].resource, str(item[0].condition)),
        )
    ]
    return pl.DataFrame(rows, schema=_USED_SCHEMA)


def _evidence(evidence: Evidence) -> dict[str, object]:
    by = sorted(evidence.actors.items(), key=lambda item: (-item[1], item[0]))
    return {
        "events": evidence.events,
        "first_time": evidence.first_time,
        "last_time": evidence.last_time,
        "when": {"first": evidence.first_time, "last": evidence.last_time},
        "by": [f"{name} ×{events}" for name, events in by],
        "event_id": evidence.event_id,
    }
