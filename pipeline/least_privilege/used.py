"""What was really used: each action on each resource under each hat, with its evidence.

The lake is asked for shapes of calls (queries/reports/used_shapes.sql), so that the work here
follows how many different things were done, not how often. least-privilege.md, section 9.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from pipeline.least_privilege.actions import Call, actions_of
from pipeline.least_privilege.asking import members_asked
from pipeline.least_privilege.conditions import Condition, condition_of
from pipeline.least_privilege.event_sources import label_of
from pipeline.least_privilege.holders import EC2_ID
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.naming import Place, Request, Resource
from pipeline.least_privilege.refusals import PASSED, REFUSED
from pipeline.least_privilege.resources import resources_of
from pipeline.least_privilege.templates import literal
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

MOST_KEYS = 20
"""Distinct object keys of one shape of calls, above which only their folders are told apart."""

_Key = TypeVar("_Key")

GRADES = ("direct", "proven", "matched", "ambiguous", "claimed", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedFilter:
    """Whose use is asked for; None asks for all. See queries/reports/used_shapes.sql.

    subject -- ARN, name or glob of the role or user. least_evidence -- weakest grade that counts.
    """

    subject: str | None = None
    actor: str | None = None
    session: str | None = None
    account: str | None = None
    window: Window = field(default_factory=Window)
    least_evidence: str = "none"

    def parameters(self) -> dict[str, object]:
        """The query's parameters."""
        return {
            "subject": self.subject,
            "actor": self.actor,
            "session": self.session,
            "account": self.account,
            "since": self.window.since,
            "until": self.window.until,
            "grades": list(GRADES[: GRADES.index(self.least_evidence) + 1]),
        }


@dataclass(frozen=True, slots=True)
class Grant:
    """An action on a resource, under a condition: what a policy allows."""

    action: str
    resource: str
    condition: Condition | None = None


@dataclass(slots=True)
class Evidence:
    """How well a use is known: calls, first and last time (UTC), an event, who, and, where the
    resource holds a wildcard that no call asked for, why.
    """

    events: int
    first_time: datetime
    last_time: datetime
    event_id: str
    actors: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    reason: str = ""

    def copy(self) -> Evidence:
        """Another one that can be added to without changing this."""
        return replace(self, actors=dict(self.actors), kinds=dict(self.kinds))

    def add(self, other: Evidence) -> None:
        """Take in another use of the same thing."""
        if (other.first_time, other.event_id) < (self.first_time, self.event_id):
            self.event_id = other.event_id
        self.events += other.events
        self.first_time = min(self.first_time, other.first_time)
        self.last_time = max(self.last_time, other.last_time)
        for mine, theirs in ((self.actors, other.actors), (self.kinds, other.kinds)):
            for name, events in theirs.items():
                mine[name] = mine.get(name, 0) + events
        self.reason = self.reason or other.reason


@dataclass(slots=True)
class Use:
    """All that was used under one hat.

    subject -- ARN of the role (or user). used -- with evidence. denied -- actions that were
    refused, whatever on. unmapped -- `source:name` of calls that no action is known for.
    free -- events that needed no permission. events -- all of them. kinds -- of the others, by kind
    of actor; a call counts once, whatever number of actions and resources it needs.
    """

    subject: str
    used: dict[Grant, Evidence] = field(default_factory=dict)
    denied: dict[Grant, Evidence] = field(default_factory=dict)
    unmapped: dict[str, Evidence] = field(default_factory=dict)
    free: int = 0
    events: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def actions(self) -> frozenset[str]:
        """The actions that were used."""
        return frozenset(grant.action for grant in self.used)


def used(
    warehouse: Warehouse,
    wanted: UsedFilter | None = None,
    *,
    most_keys: int = MOST_KEYS,
    index: ActionIndex | None = None,
) -> list[Use]:
    """What was used under each hat that the filter allows, by ARN."""
    index = index or ActionIndex.packaged()
    calls = [members_asked(row, index) for row in warehouse.query("reports/used_calls").to_dicts()]
    shapes = warehouse.query(
        "reports/used_shapes",
        {
            **(wanted or UsedFilter()).parameters(),
            "calls": calls,
            "ec2_ids": EC2_ID,
            "most_keys": most_keys,
            "refused": REFUSED,
            "passed": PASSED,
        },
    )
    names = {(call["event_source"], call["event_name"]): call for call in calls}
    uses: dict[str, Use] = {}
    wanted_by_shape = _Wanted(index)
    for row in shapes.iter_rows(named=True):
        use = uses.setdefault(row["subject"], Use(row["subject"]))
        _take(use, row, names[row["event_source"], row["event_name"]], wanted_by_shape)
    return [uses[subject] for subject in sorted(uses)]


def _take(use: Use, row: Mapping[str, Any], call: Mapping[str, Any], wanted: _Wanted) -> None:
    evidence = _evidence(row)
    use.events += evidence.events
    found = wanted.of(row, call)
    if found.verdict == "no-permission":
        use.free += evidence.events
        return
    for kind, events in evidence.kinds.items():
        use.kinds[kind] = use.kinds.get(kind, 0) + events
    if found.verdict == "unmapped":
        _add(use.unmapped, f"{label_of(row['event_source'])}:{row['event_name']}", evidence)
    target = use.denied if row["is_denied"] else use.used
    for grant, reason in found.grants:
        _add(target, grant, evidence, reason)


def _evidence(row: Mapping[str, Any]) -> Evidence:
    evidence = Evidence(0, row["first_time"], row["last_time"], row["event_id"])
    for one in row["actors"]:
        events = one["events"]
        evidence.events += events
        for table, name in ((evidence.actors, one["actor"]), (evidence.kinds, one["kind"])):
            table[name] = table.get(name, 0) + events
    return evidence


@dataclass(frozen=True, slots=True)
class _Found:
    """What a shape of calls wants: its grants, each with the reason of a wildcard in it."""

    verdict: str
    grants: tuple[tuple[Grant, str], ...] = ()


class _Wanted:
    """What shapes of calls want, worked out once for all hats that make them."""

    def __init__(self, index: ActionIndex) -> None:
        self._index = index
        self._found: dict[tuple[object, ...], _Found] = {}

    def of(self, row: Mapping[str, Any], call: Mapping[str, Any]) -> _Found:
        """What the calls of a row want; `call` says which members of the request it has."""
        lists = tuple(tuple(row[name] or ()) for name in _LISTS)
        key = (
            _partition(row["subject"]),
            _caller(row),
            *lists,
            *(row[name] for name in _WANTED_BY),
        )
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._work_out(row, _parameters(row, call))
        return found

    def _work_out(self, row: Mapping[str, Any], parameters: Mapping[str, Any]) -> _Found:
        kind = row["event_type"] or "AwsApiCall"
        call = Call(row["event_source"], row["event_name"], parameters, kind)
        needs = actions_of(call, self._index)
        region, account = row["aws_region"] or "", row["owner_account_id"] or ""
        place = Place(_partition(row["subject"]), region, account, _caller(row))
        arns, ids = tuple(row["arns"] or ()), tuple(row["ids"] or ())
        request = Request(place, parameters, arns, ids, bool(row["is_folder"]))
        grants: dict[Grant, str] = {}
        for need in needs.needed:
            condition = condition_of(need, row)
            for resource in resources_of(need, request, self._index):
                grant = Grant(need.action, resource.arn, condition)
                grants[grant] = grants.get(grant) or _reason(resource, row)
        return _Found(needs.verdict, tuple(grants.items()))


_LISTS = ("members", "arn_members", "structures", "arns", "ids")
_WANTED_BY = (
    "object_key",
    "event_source",
    "event_name",
    "event_type",
    "aws_region",
    "owner_account_id",
    "invoked_by",
    "is_folder",
)
"""Columns of a row that decide what its calls want."""


def _partition(subject: str) -> str:
    partition = subject.split(":")[1] if subject.startswith("arn:") else ""
    return partition or "aws"


def _caller(row: Mapping[str, Any]) -> str:
    """The IAM user who called IAM, whom such a request may leave unnamed."""
    is_meant = row["event_source"] == "iam.amazonaws.com" and ":user/" in row["subject"]
    return literal(row["subject"]) if is_meant else ""


def _parameters(row: Mapping[str, Any], call: Mapping[str, Any]) -> dict[str, Any]:
    """The request as far as it matters."""
    found: dict[str, Any] = {}
    for paths, values in (("paths", "members"), ("arn_paths", "arn_members")):
        for path, value in zip(call[paths], row[values] or (), strict=False):
            if value is not None:
                found[path[3:-1]] = json.loads(value)
    for path, structure in zip(call["presences"], row["structures"] or (), strict=False):
        if structure is not None:
            found[path[3:-1]] = _without_nothing(json.loads(structure))
    if row["object_key"] is not None:
        found["key"] = row["object_key"]
    return found


def _without_nothing(structure: object) -> object:
    """A JSON structure (member → type) without the members that hold nothing."""
    if isinstance(structure, dict):
        return {key: _without_nothing(value) for key, value in structure.items()}
    if isinstance(structure, list):
        return [item for item in map(_without_nothing, structure) if item is not None]
    return None if structure == "NULL" else structure


def _reason(resource: Resource, row: Mapping[str, Any]) -> str:
    is_folder = row["is_folder"] and resource.arn.endswith("*")
    return resource.reason or ("many keys in this folder" if is_folder else "")


def _add(table: dict[_Key, Evidence], key: _Key, evidence: Evidence, reason: str = "") -> None:
    known = table.get(key)
    if known is None:
        table[key] = known = evidence.copy()
    else:
        known.add(evidence)
    known.reason = known.reason or reason
