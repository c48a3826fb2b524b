"""What a policy allows: a small evaluator of IAM's statements, for checking what we generate.

Action and resource patterns with `*` and `?`, NotAction and NotResource, Allow and Deny. Conditions
are compared as they stand: a statement under a condition allows only a use under that condition.
IAM user guide, "Policy evaluation logic"; actions are compared without regard to case, ARNs with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.least_privilege.conditions import Condition
from pipeline.least_privilege.patterns import matches
from pipeline.least_privilege.used import Grant

Statement = Mapping[str, Any]


def statements_of(documents: Iterable[Mapping[str, Any]]) -> list[Statement]:
    """All statements of some policies; a single statement may stand without its list."""
    found: list[Statement] = []
    for document in documents:
        statement = document.get("Statement", [])
        found += [statement] if isinstance(statement, Mapping) else list(statement)
    return found


def listed(value: object) -> list[str]:
    """IAM writes one value bare and several as a list; a condition's may be `true` or a number."""
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else json.dumps(item) for item in values]


def names_action(statement: Statement, action: str) -> bool:
    """Whether a statement is about an action."""
    if "NotAction" in statement:
        return not any(matches(p.lower(), action.lower()) for p in listed(statement["NotAction"]))
    return any(matches(p.lower(), action.lower()) for p in listed(statement.get("Action")))


def names_resource(statement: Statement, resource: str) -> bool:
    """Whether a statement is about a resource; of one with wildcards, about all of it."""
    if "NotResource" in statement:
        return not any(matches(p, resource) for p in listed(statement["NotResource"]))
    return any(matches(p, resource) for p in listed(statement.get("Resource")))


def conditions_of(statement: Statement) -> frozenset[Condition]:
    """A statement's conditions, one for each value."""
    return frozenset(
        (operator, key, value)
        for operator, tests in statement.get("Condition", {}).items()
        for key, values in tests.items()
        for value in listed(values)
    )


def allows(statements: Sequence[Statement], grant: Grant) -> bool:
    """Whether the statements allow a use: an Allow takes it in, and no Deny does.

    A Deny under a condition counts as if it held. Of a use on a pattern, what a statement names or
    leaves out is the whole of it: a Deny or NotResource of a part of the pattern is not seen.
    """
    is_allowed = False
    for statement in statements:
        if not names_action(statement, grant.action):
            continue
        if not names_resource(statement, grant.resource):
            continue
        if statement.get("Effect") == "Deny":
            return False
        is_allowed = is_allowed or _holds(conditions_of(statement), grant.condition)
    return is_allowed


def _holds(conditions: frozenset[Condition], known: Condition | None) -> bool:
    """Of several values one must hold, of several keys or operators each; a use knows one key."""
    keys = {(operator, key) for operator, key, _ in conditions}
    return not keys or (len(keys) == 1 and known in conditions)
