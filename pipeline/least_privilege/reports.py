"""Reports: why a policy holds what it holds, granted against used, all roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from pipeline.least_privilege.compare import Compared
from pipeline.least_privilege.danger import danger_of
from pipeline.least_privilege.policy import Policy
from pipeline.least_privilege.used import Evidence, Grant, Use
from pipeline.report import SEVERITIES, Column, Report, Severity, Table

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

_GRANTED = (
    Column("severity", "severity", "severity"),
    Column("granted", "granted", "integer"),
    Column("unused", "unused", "integer"),
    Column("dangerous", "dangerous unused", "integer"),
    Column("hidden", "not observable", "integer"),
)
_ROLES = (
    Column("subject", "role or user"),
    Column("used", "actions used", "integer"),
    *_GRANTED,
    Column("events", "calls", "integer"),
    Column("reason", "why", place="detail"),
    Column("worst", "take away first", "list", place="detail"),
    Column("dangerous_used", "dangerous and used", "list", place="detail"),
    Column("by", "by", "list", place="detail", data=False),
    Column("people", "by people, %", "number", place="none"),
    Column("machines", "by machines, %", "number", place="none"),
    Column("others", "by others, %", "number", place="none"),
    Column("unresolved", "by nobody proven, %", "number", place="none"),
    Column("denied_actions", "denied", "list", place="detail"),
    Column("unmapped", "unmapped", "list", place="detail"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last", "timestamp", place="none"),
    Column("unknown_policies", "policies not given", "list", place="detail"),
)

_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people": ("people", ("iam-user", "root", "identity-center-user", "saml-user")),
    "machines": ("machines", ("workload", "aws-service")),
    "others": ("web identities and outside accounts", ("web-identity", "external-account")),
    "unresolved": ("nobody that is proven", ("unresolved",)),
}
"""Who used a role, in four groups: name, words, kinds of actors."""


def _roles_columns(*, is_granted: bool) -> tuple[Column, ...]:
    """Without grants the columns about them are empty: data only."""
    hidden = {column.name for column in _GRANTED} if not is_granted else set()
    return tuple(replace(c, place="none") if c.name in hidden else c for c in _ROLES)


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role (or user) in the report of all.

    compared -- granted against used; () where no grants were given.
    """

    use: Use
    compared: Sequence[Compared] = ()
    unknown_policies: Sequence[str] = field(default_factory=tuple)

    @property
    def removable(self) -> list[Compared]:
        """What is granted, was not used, and would have been seen; the most dangerous first."""
        return [row for row in self.compared if row.state == "unused"]


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
            Table("denied", "Tried and denied: not allowed", USED, _used(use.denied), "nothing"),
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
    line = RoleLine(Use(subject), rows)
    return Report(
        name="least-privilege",
        title=f"Granted against used · {subject}: {title or 'nothing'}",
        tables=(Table("actions", "", COMPARED, frame, "nothing is granted, and nothing was used"),),
        notes=(*missing, *notes),
        parameters={"subject": subject},
        findings=len(line.removable),
        severities=_severities(line.removable),
    )


def roles_report(lines: Iterable[RoleLine], notes: tuple[str, ...]) -> Report:
    """All roles, ranked by how much could be taken away and how dangerous it is."""
    ranked = sorted(
        lines,
        key=lambda line: (
            -sum(bool(row.danger) for row in line.removable),
            -len(line.removable),
            -len(line.use.actions),
            line.use.subject,
        ),
    )
    rows = [_role(line) for line in ranked]
    worst = [next(iter(_severities(line.removable)), None) for line in ranked]
    found = {severity: worst.count(severity) for severity in SEVERITIES if severity in worst}
    return Report(
        name="least-privilege",
        title=f"Least privilege: {len(rows)} roles and users in use",
        tables=(
            Table(
                "roles",
                "",
                _roles_columns(is_granted=any(line.compared for line in ranked)),
                pl.DataFrame(rows, schema=_ROLES_SCHEMA),
                "none",
            ),
        ),
        notes=notes,
        findings=sum(found.values()),
        severities=found,
    )


_STATES = ("unused", "not granted", "not observable", "used")

_ROLES_SCHEMA: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "reason": pl.String(),
    "severity": pl.String(),
    **dict.fromkeys(("granted", "used", "unused", "dangerous", "hidden", "events"), pl.Int64()),
    **dict.fromkeys(("worst", "dangerous_used", "by", "denied_actions"), pl.List(pl.String())),
    **dict.fromkeys(_GROUPS, pl.Float64()),
    "unmapped": pl.List(pl.String()),
    "first_time": _MOMENT,
    "last_time": _MOMENT,
    "unknown_policies": pl.List(pl.String()),
}


def _role(line: RoleLine) -> dict[str, object]:
    use = line.use
    kinds: dict[str, int] = {}
    times = [*use.used.values(), *use.denied.values(), *use.unmapped.values()]
    for evidence in times:
        for kind, events in evidence.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + events
    total = sum(kinds.values())
    shares = {
        name: 100 * sum(kinds.get(kind, 0) for kind in of) / total if total else None
        for name, (_, of) in _GROUPS.items()
    }
    granted = len([row for row in line.compared if row.state != "not granted"])
    dangerous = [row for row in line.removable if row.danger]
    worst = next(iter(_severities(line.removable)), None)
    return {
        "subject": use.subject,
        "reason": _why(line),
        "severity": worst,
        "granted": granted if line.compared else None,
        "used": len(use.actions),
        "unused": len(line.removable) if line.compared else None,
        "dangerous": len(dangerous) if line.compared else None,
        "hidden": sum(r.state == "not observable" for r in line.compared) or None,
        "events": use.events,
        "worst": [row.action for row in dangerous],
        "dangerous_used": sorted(action for action in use.actions if danger_of(action)),
        "by": [f"{_GROUPS[name][0]} {share:.0f} %" for name, share in shares.items() if share],
        **shares,
        "denied_actions": sorted({grant.action for grant in use.denied}),
        "unmapped": sorted(use.unmapped),
        "first_time": min((e.first_time for e in times), default=None),
        "last_time": max((e.last_time for e in times), default=None),
        "unknown_policies": list(line.unknown_policies),
    }


def _why(line: RoleLine) -> str | None:
    if not line.removable:
        return None
    kinds = dict.fromkeys(row.danger for row in line.removable if row.danger)
    good_for = f", good for {', '.join(kinds)}" if kinds else ""
    return f"{len(line.removable):,} granted actions were not used{good_for}"


def _severities(rows: Sequence[Compared]) -> dict[Severity, int]:
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
