"""Policies from what was used: the same use gives the same bytes.

Actions are always spelt out, never with a wildcard. Resources of an action above a stated number
are collapsed to folders or to a whole type, and each such widening is told. Statements are those
of one set of resources; documents are split at IAM's limit. least-privilege.md, section 4.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.least_privilege.conditions import Condition
from pipeline.least_privilege.patterns import Patterns, matches
from pipeline.least_privilege.resources import ANY, NO_TYPE
from pipeline.least_privilege.templates import is_wide
from pipeline.least_privilege.used import Evidence, Grant

VERSION = "2012-10-17"
MANAGED = 6_144
"""Most characters of a managed policy without white space (IAM quotas)."""

MOST_ARNS = 20
"""Most ARNs of one action, above which they are collapsed."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Widening:
    """A resource that allows more than was used: which actions, what stands there, and why."""

    action: str
    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One or more policy documents that together allow what was used.

    widenings -- where they allow more; sorted.
    """

    documents: tuple[Document, ...]
    widenings: tuple[Widening, ...]


def policy_of(
    used: Mapping[Grant, Evidence], *, most_arns: int = MOST_ARNS, limit: int = MANAGED
) -> Policy:
    """The policy that allows each use. Without any use it has no document.

    most_arns -- ARNs of one action above which they are collapsed.
    limit -- characters of one document, as compact JSON.
    """
    by_action: dict[tuple[str, Condition | None], dict[str, str]] = {}
    for grant, evidence in used.items():
        arns = by_action.setdefault((grant.action, grant.condition), {})
        arns[grant.resource] = evidence.reason
    for (action, condition), arns in by_action.items():
        direct = by_action.get((action, None), {})
        if condition and condition[1] != "iam:PassedToService":
            # What was also called directly is allowed without the condition.
            patterns = Patterns(direct)
            for arn in [a for a in arns if any(patterns.taking_in(a))]:
                del arns[arn]
    widenings: set[Widening] = set()
    groups: dict[tuple[tuple[str, ...], Condition | None], list[str]] = {}
    for (action, condition), arns in by_action.items():
        if arns:
            kept, reasons = _collapsed(arns, most_arns)
            widenings |= {Widening(action, arn, reason) for arn, reason in reasons.items()}
            groups.setdefault((kept, condition), []).append(action)
    statements = [
        _statement(sorted(actions), arns, condition)
        for (arns, condition), actions in groups.items()
    ]
    statements.sort(key=lambda s: json.dumps(s, sort_keys=True))
    documents = tuple(_split(statements, limit))
    return Policy(documents, tuple(sorted(widenings, key=lambda w: (w.action, w.resource))))


def compact(document: Document) -> str:
    """A document as IAM counts it: without white space."""
    return json.dumps(document, separators=(",", ":"))


def _collapsed(arns: Mapping[str, str], most: int) -> tuple[tuple[str, ...], dict[str, str]]:
    """The ARNs of one action, few enough, and the reason of each that is wider than its use."""
    reasons = {a: why for a, why in arns.items() if why and why != NO_TYPE and is_wide(a)}
    kept = _without_covered(arns)
    parents: set[str] = set()
    while _resources(kept) > most:
        deepest = max(_depth(arn) for arn in kept)
        if deepest == 0:
            kept = {ANY}
            reasons[ANY] = f"more than {most} resources ({len(arns)})"
            break
        shortened = {_parent(arn) if _depth(arn) == deepest else arn for arn in kept}
        parents |= shortened - kept
        kept = _without_covered(shortened)
    for parent in parents & kept:
        below = sum(matches(parent, arn) for arn in arns)
        reasons[parent] = f"more than {most} resources ({below} in it)"
    return tuple(sorted(kept)), {arn: why for arn, why in reasons.items() if arn in kept}


def _resources(arns: set[str]) -> int:
    """How many resources these are: of one whose path or version is open there are two ARNs.

    `role/NAME` and `role/*/NAME`, `log-group:NAME` and `log-group:NAME:*`.
    """
    return sum(arn.removesuffix(":*").replace("/*/", "/", 1) not in arns - {arn} for arn in arns)


def _without_covered(arns: Iterable[str]) -> set[str]:
    """Without the ARNs that a wider one of them takes in; of two that do so to each other, one."""
    every = set(arns)
    wide = Patterns(arn for arn in every if is_wide(arn))
    return {
        arn
        for arn in every
        if all(w == arn or (arn < w and matches(arn, w)) for w in wide.taking_in(arn))
    }


def _depth(arn: str) -> int:
    """How often an ARN can be shortened before only its service is left."""
    resource = arn.removesuffix("/*").removesuffix(":*").split(":", 5)[-1]
    if ANY in (arn, resource):
        return 0
    return resource.count("/") + resource.count(":") + 1


def _parent(arn: str) -> str:
    """The folder, then the whole type, then all of the service in that place."""
    head, resource = (
        arn.rsplit(":", 1)
        if arn.count(":") > 5
        else (":".join(arn.split(":")[:5]), arn.split(":", 5)[-1])
    )
    resource = resource.removesuffix("/*")
    if resource in ("", ANY):
        return head if head.endswith("*") else f"{head}*" if head.count(":") > 4 else ANY
    if "/" in resource:
        return f"{head}:{resource.rpartition('/')[0]}/*"
    return f"{head}:*"


def _statement(
    actions: Sequence[str], arns: Sequence[str], condition: Condition | None
) -> Document:
    statement: Document = {"Effect": "Allow", "Action": _bare(actions), "Resource": _bare(arns)}
    if condition:
        operator, key, value = condition
        statement["Condition"] = {operator: {key: value}}
    return statement


def _bare(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _document(statements: Sequence[Document]) -> Document:
    return {"Version": VERSION, "Statement": list(statements)}


def _split(statements: Sequence[Document], limit: int) -> Iterable[Document]:
    """Documents of at most `limit` characters, first fit; a statement too long is halved."""
    bins: list[list[Document]] = []
    waiting = list(statements)
    while waiting:
        statement = waiting.pop(0)
        if len(compact(_document([statement]))) > limit:
            waiting = [*_halves(statement), *waiting]
            continue
        for chosen in bins:
            if len(compact(_document([*chosen, statement]))) <= limit:
                chosen.append(statement)
                break
        else:
            bins.append([statement])
    return [_document(chosen) for chosen in bins]


def _halves(statement: Document) -> list[Document]:
    for name in ("Resource", "Action"):
        values = statement[name]
        if isinstance(values, list) and len(values) > 1:
            middle = len(values) // 2
            return [
                {**statement, name: _bare(values[:middle])},
                {**statement, name: _bare(values[middle:])},
            ]
    raise ValueError("a statement of one action and one resource is longer than a policy may be")
