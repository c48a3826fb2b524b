"""Roles of the inventory that nobody wore, and what AWS itself says of their last use.

AWS keeps the last use of a role for 400 days (IAM user guide, RoleLastUsed) and sees all regions;
the lake sees the trails that were ingested. The two are witnesses of their own: where they differ,
that is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from pipeline.inventory import InventoryRole
from pipeline.reports.roles.wearing import ROLE_KINDS, Row, role_kind
from pipeline.reports.window import Window

STATES = {
    "never-used": "the lake has no use of it, nor does the inventory tell of one",
    "not-known": "the lake has no use of it; the inventory does not say whether AWS saw one",
    "used-before": "used before {since}, not since",
    "used-after": "used after {until}",
    "made-after": "made after {until}",
    "aws-saw-use": "AWS saw a use that the lake does not have: its record is missing",
    "not-covered": "the trail of account {account} is not in the lake: nobody can say",
}
"""Why a role stands here, with what it means."""


def unworn_rows(
    roles: Iterable[InventoryRole],
    worn: Collection[str],
    last_worn: Mapping[str, datetime],
    coverage: Mapping[str, Row],
    window: Window,
) -> list[dict[str, object]]:
    """One row for each role that has no wearer in the window.

    worn -- ARNs of roles that have; last_worn -- role ARN → last time in the lake, ever;
    coverage -- account → its first and last event in the lake. Times are UTC.
    """
    rows: list[dict[str, object]] = []
    for role in roles:
        if role.arn in worn:
            continue
        span = _span(coverage.get(role.account), window)
        seen = last_worn.get(role.arn)
        state = "not-covered" if span is None else _state(role, seen, span, window)
        since, until = span or (None, None)
        rows.append(
            {
                "role_arn": role.arn,
                "role_name": role.name,
                "account_id": role.account,
                "role_kind": role_kind(role.arn),
                "kind_words": ROLE_KINDS[role_kind(role.arn)] or None,
                "state": state,
                "meaning": STATES[state].format(
                    since=_day(since), until=_day(until), account=role.account
                ),
                "last_in_lake": seen,
                "aws_last_used": role.last_used_at,
                "aws_last_used_region": role.last_used_region,
                "created_at": role.created_at,
                "trusts": [trust.principal for trust in role.trusts],
            }
        )
    return rows


def _span(covered: Row | None, window: Window) -> tuple[datetime, datetime] | None:
    """The part of the window that the account's events in the lake lie in, or None."""
    if covered is None:
        return None
    first, last = covered["first_time"], covered["last_time"]
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    if not window.meets(first, last):
        return None
    since = max(first, window.since) if window.since else first
    return since, min(last, window.until) if window.until else last


def _state(
    role: InventoryRole, seen: datetime | None, span: tuple[datetime, datetime], window: Window
) -> str:
    since, until = span
    used = role.last_used_at
    if role.created_at and role.created_at > until:
        return "made-after"
    if used and since <= used <= until and not (window.until and used >= window.until):
        return "aws-saw-use"
    last = max((moment for moment in (seen, used) if moment), default=None)
    if last is None:
        return "never-used" if role.tells_last_use else "not-known"
    return "used-before" if last < since else "used-after"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "?"
