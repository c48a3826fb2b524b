"""Which members of a request name the resource: by what botocore's models say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

NAMED_ARN = re.compile(r"arns?$", re.IGNORECASE)
TOLD_ARN = re.compile(r"\bARNs?\b|Amazon Resource Name|\barn:")

NOT_CALLED = re.compile(
    r"(kms|key|role|principals?|token|secret|url|actions|policy|tagkeys)$|kmskey|credential",
    re.IGNORECASE,
)
"""Members of ARNs that are of something else than what is called: keys, roles, whom to notify."""


def members(
    services: dict[str, Any], operations: list[tuple[str, str, Any]]
) -> dict[str, dict[str, list[str]]]:
    """Action → variable of its ARN templates → request members that hold it; "" → those of ARNs.

    Of a variable only members whose name says so: the variable's own, or `name` and `id` for the
    variable that is the type's own name or id (`ClusterName` of `cluster`). Of ARNs those whose
    name or documentation says so.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for prefix, action, operation in operations:
        if operation.input_shape is None:
            continue
        service = services[prefix]
        texts = dict(_texts(operation.input_shape))
        slots = found.setdefault(f"{prefix}:{action}", {})
        arns = {name for name, told in texts.items() if _holds_arns(name, told)}
        if arns:
            slots[""] = sorted(arns.union(slots.get("", ())))
        for entry in service["a"][action].split(" ")[1:]:
            resource_type = entry.removesuffix("*")
            template = service["r"].get(resource_type, "")
            for variable in re.findall(r"\$\{(\w+)\}", template):
                if variable in ("Partition", "Region", "Account"):
                    continue
                holders = {name for name in texts if _is_holder(name, variable, resource_type)}
                if holders:
                    slots[variable] = sorted(holders.union(slots.get(variable, ())))
    return {action: slots for action, slots in sorted(found.items()) if slots}


def _texts(shape: Any) -> Iterator[tuple[str, str]]:
    """The members that are texts or lists of texts, as CloudTrail spells them, with their words."""
    for name, member in shape.members.items():
        inner = member.member if member.type_name == "list" else member
        if inner.type_name == "string":
            yield name[0].lower() + name[1:], f"{member.documentation} {inner.documentation}"


def _holds_arns(name: str, told: str) -> bool:
    if NAMED_ARN.search(name):
        return True
    return bool(TOLD_ARN.search(told)) and not NOT_CALLED.search(name)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_holder(member: str, variable: str, resource_type: str) -> bool:
    name, wanted, kind = _plain(member), _plain(variable), _plain(resource_type)
    wanted = re.sub(r"(withpath|withoutleadingslash)$", "", wanted)
    alike = {wanted, f"{wanted}s", re.sub("identifier$", "id", wanted)}
    if wanted in (kind, f"{kind}name", f"{kind}id", f"{kind}identifier"):
        alike |= {kind, f"{kind}name", f"{kind}id", f"{kind}identifier", f"{kind}ids", f"{kind}s"}
        alike |= {"name"} if wanted.endswith("name") else {"id"}
    return name in alike or re.sub("identifier$", "id", name) in alike
