"""The report of all roles: ranked by how much could be taken away, and how dangerous it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from pipeline.least_privilege.compare import Compared
from pipeline.least_privilege.danger import danger_of
from pipeline.least_privilege.reports import removable, severities
from pipeline.least_privilege.used import Use
from pipeline.report import SEVERITIES, Column, Report, Table

_MOMENT = pl.Datetime("us", "UTC")

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
        return removable(self.compared)


def roles_report(
    lines: Iterable[RoleLine], notes: tuple[str, ...], narrowed_by: str = ""
) -> Report:
    """All roles, ranked by how much could be taken away and how dangerous it is.

    narrowed_by -- the options that leave use out, for the title.
    """
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
    worst = [next(iter(severities(line.removable)), None) for line in ranked]
    found = {severity: worst.count(severity) for severity in SEVERITIES if severity in worst}
    return Report(
        name="least-privilege",
        title=f"Least privilege: {_in_use(ranked)}{narrowed_by and f' · {narrowed_by}'}",
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


def _in_use(lines: Sequence[RoleLine]) -> str:
    used = sum(line.use.events > 0 for line in lines)
    return f"{used} roles and users in use" + (
        f", {len(lines) - used} not" if used < len(lines) else ""
    )


def _role(line: RoleLine) -> dict[str, object]:
    use = line.use
    times = [*use.used.values(), *use.denied.values(), *use.unmapped.values()]
    total = sum(use.kinds.values())
    shares = {
        name: 100 * sum(use.kinds.get(kind, 0) for kind in of) / total if total else None
        for name, (_, of) in _GROUPS.items()
    }
    granted = len([row for row in line.compared if row.state != "not granted"])
    dangerous = [row for row in line.removable if row.danger]
    worst = next(iter(severities(line.removable)), None)
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
