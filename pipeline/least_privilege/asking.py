"""Which members of a call's request the lake is asked for: those that decide its actions and its
resources, and no others, so that calls that differ in nothing else are one shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.least_privilege import bedrock
from pipeline.least_privilege.actions import Call, Need, actions_of, condition_members
from pipeline.least_privilege.event_sources import label_of
from pipeline.least_privilege.holders import BESIDE, OWNERS, tables
from pipeline.least_privilege.index import ActionIndex, ResourceType
from pipeline.least_privilege.templates import variables


def members_asked(row: Mapping[str, Any], index: ActionIndex) -> dict[str, Any]:
    """Which members of a call's request matter, as JSON paths; a row of `$calls`.

    paths -- whose values matter. arn_paths -- only where they hold an ARN. presences -- only
    whether they are there. wants_arns, wants_ids -- whether the ARNs of the record, and ids of EC2
    in the request, can name a resource of the call.
    """
    source, name = row["event_source"], row["event_name"]
    needs = actions_of(Call(source, name), index)
    values: set[str] = set()
    arns: set[str] = set()
    presences: set[str] = set()
    has_types = wants_ids = False
    for need in (*needs.needed, *needs.possible):
        values |= _named(need)
        presences |= condition_members(need.when)
        if need.creates and need.action.startswith("ec2:"):
            # What is tagged stands in the specification itself.
            values |= condition_members(need.when)
            continue
        types = _types(need, index)
        if types:
            has_types = True
            wants_ids = wants_ids or (label_of(source) == "ec2" and need.action.startswith("ec2:"))
            filling, others = _members_of_types(need, types, index)
            values |= filling
            arns |= others
    if label_of(source) == "apigateway":
        values |= {"restApiId", "apiId", "resourceId", "stageName", "domainName", "apiKey"}
        values |= {"deploymentId", "routeId", "integrationId", "authorizerId", "modelName"}
        values |= {"httpMethod", "usageplanId", "vpcLinkId", "basePath", "resourceArn"}
    values |= presences & arns  # a condition may be on what is below them
    return {
        "event_source": source,
        "event_name": name,
        "paths": [_path(member) for member in sorted(values - {"key"})],
        "arn_paths": [_path(member) for member in sorted(arns - values - {"key"})],
        "presences": [_path(member) for member in sorted(presences - values)],
        "wants_arns": has_types,
        "wants_ids": wants_ids,
    }


def _types(need: Need, index: ActionIndex) -> tuple[ResourceType, ...]:
    """The resource types of an action; () where its resource is told in another way."""
    is_told = need.resource or need.action == "iam:PassRole" or need.member.startswith("path:")
    return () if is_told else index.resource_types(need.action)


def _named(need: Need) -> set[str]:
    """Members that the way of finding the action names."""
    members = {need.member} if need.member and not need.member.startswith("path:") else set()
    if need.action in bedrock.ACTIONS:
        members.add(bedrock.MEMBER)
    if "copySourceVersion" in need.when:
        members.add("x-amz-copy-source")
    if need.when.startswith("sql:"):
        members |= {"statement", "statements", "transactStatements"}
    if "=" in need.when:
        members |= condition_members(need.when)
    return _tops(members)


def _members_of_types(
    need: Need, types: tuple[ResourceType, ...], index: ActionIndex
) -> tuple[set[str], set[str]]:
    """Members that fill in the types' ARNs, and those that may hold one of these ARNs."""
    prefix = need.action.partition(":")[0]
    slots: list[Mapping[str, Sequence[str]]] = [*tables(need.action, (t.name for t in types))]
    slots.append(index.members.get(need.action, {}))
    every = {m for table in slots for members in table.values() for m in members}
    if need.creates:  # its name is found as the call finds it, for another type
        slots.append(index.members.get(need.creates, {}))
    own = {v for _, template in index.templates(need.action) for v in variables(template)}
    filling = {m for table in slots for name in own for m in table.get(name, ())}
    filling |= {*BESIDE.get(prefix, ())} if filling else set()
    filling |= {
        OWNERS[key] for key in (prefix, *(f"{prefix}:{t.name}" for t in types)) if key in OWNERS
    }
    return _tops(filling), _tops(every)


def _tops(members: set[str]) -> set[str]:
    names = {name for member in members for name in member.split("&") if name != "*"}
    return {name.partition(".")[0].removesuffix("[]") for name in names}


def _path(member: str) -> str:
    return f'$."{member}"'
