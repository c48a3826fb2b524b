"""What a policy allows: a small evaluator of IAM's statements, for checking what we generate.

Action and resource patterns with `*` and `?`, NotAction and NotResource, Allow and Deny. Conditions
are compared as they stand: a statement under a condition allows only a use under that condition.
IAM user guide, "Policy evaluation logic"; actions are compared without regard to case, ARNs with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pipeline.least_privilege.conditions import Condition
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
    """IAM writes one value bare and several as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(item) for item in value]  # type: ignore[attr-defined]


_TOKENS = re.compile(r"(\$\{[*?$]\}|\*|\?)")
_WILD = {"*": ".*", "?": "."}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = (_WILD.get(part, re.escape(part)) for part in _TOKENS.split(text))
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` takes in a text, which may itself be a pattern.

    A `*` of the text is an ordinary character here: only `*` takes it in. `${*}` is no wildcard.
    """
    return _pattern(pattern).fullmatch(text) is not None


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

    A Deny under a condition counts as if it held: what is allowed is never said too much.
    """
    is_allowed = False
    for statement in statements:
        if not names_action(statement, grant.action):
            continue
        if not names_resource(statement, grant.resource):
            continue
        if statement.get("Effect") == "Deny":
            return False
        conditions = conditions_of(statement)
        is_allowed = is_allowed or not conditions or grant.condition in conditions
    return is_allowed
