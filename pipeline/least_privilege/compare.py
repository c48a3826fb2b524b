"""Granted against used: each granted action is used, unused, or could not have been seen.

Three states, never two: an action is only called unused where the lake would show its use. AWS's
own last-accessed data is a second witness. least-privilege.md, sections 6 and 8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pipeline.errors import SourceError
from pipeline.least_privilege.danger import DANGERS, Danger, danger_of
from pipeline.least_privilege.granted import GrantedAction, Principal, granted_actions
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.observable import Coverage, hidden
from pipeline.least_privilege.used import Evidence, Use

State = Literal["used", "unused", "not observable", "not granted"]

MARKS: dict[State, str] = {"used": " ", "unused": "-", "not observable": "?", "not granted": "+"}
"""As CloudTracker's users know them."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One action of a role (or user).

    state, reason -- whether it was used, and what has to be known about that.
    danger -- what it is good for in wrong hands.
    policies, resources, limits -- of the grant; () where it is not granted now.
    evidence -- of its use, None without.
    """

    action: str
    state: State
    reason: str
    danger: Danger
    policies: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    evidence: Evidence | None = None

    @property
    def mark(self) -> str:
        """` `, `-`, `?` or `+`."""
        return MARKS[self.state]


def compare(
    principal: Principal,
    use: Use | None,
    coverage: Coverage,
    last_accessed: Mapping[str, datetime] | None = None,
    index: ActionIndex | None = None,
) -> list[Compared]:
    """Every action that is granted or was used: unused and dangerous ones first."""
    index = index or ActionIndex.packaged()
    seen = _by_action(use)
    rows = [
        _judged(granted, seen.get(action), coverage, last_accessed or {}, index)
        for action, granted in granted_actions(principal, index).items()
    ]
    known = {row.action for row in rows}
    rows += [
        Compared(
            action,
            "not granted",
            "used, but these policies do not allow it now",
            danger_of(action, index),
            evidence=evidence,
        )
        for action, evidence in seen.items()
        if action not in known
    ]
    order = {"unused": 0, "not granted": 1, "not observable": 2, "used": 3}
    return sorted(rows, key=lambda r: (order[r.state], DANGERS.index(r.danger), r.action))


def read_last_accessed(path: Path) -> dict[str, datetime]:
    """Action → when it was last tried, from `get-service-last-accessed-details` (ACTION_LEVEL).

    Raises SourceError where the file is not that.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        services = document["ServicesLastAccessed"]
        return {
            f"{service['ServiceNamespace']}:{action['ActionName']}": datetime.fromisoformat(
                str(action["LastAccessedTime"]).replace("Z", "+00:00")
            )
            for service in services
            for action in service.get("TrackedActionsLastAccessed", ())
            if action.get("LastAccessedTime")
        }
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", location=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        message = (
            "This is not the JSON of `aws iam get-service-last-accessed-details` of a job with "
            "--granularity ACTION_LEVEL."
        )
        raise SourceError(message, location=str(path)) from error


def _judged(
    granted: GrantedAction,
    evidence: Evidence | None,
    coverage: Coverage,
    last_accessed: Mapping[str, datetime],
    index: ActionIndex,
) -> Compared:
    state: State = "unused"
    reason = ""
    hiding = hidden(granted.action, coverage, index)
    if evidence:
        state = "used"
        if granted.is_denied:
            reason = "used though it is denied now"
    elif granted.action in last_accessed:
        state = "used"
        when = last_accessed[granted.action]
        reason = f"not in the lake; AWS last saw it tried on {when:%Y-%m-%d}: keep"
    elif hiding:
        state, reason = "not observable", hiding
    elif granted.is_denied:
        reason = "denied anyway"
    return Compared(
        granted.action,
        state,
        reason,
        danger_of(granted.action, index),
        tuple(sorted(granted.policies)),
        tuple(sorted(granted.resources)),
        tuple(sorted(granted.limits)),
        evidence,
    )


def _by_action(use: Use | None) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for grant, evidence in use.used.items() if use else ():
        if grant.action in found:
            found[grant.action].add(evidence)
        else:
            found[grant.action] = evidence.copy()
    return found
