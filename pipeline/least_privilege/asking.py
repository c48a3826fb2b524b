"""Which members of a call's request the lake is asked for: those that decide its actions and its
resources, and no others, so that calls that differ in nothing else are one shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.least_privilege.actions import Call, Need, actions_of, condition_members
from pipeline.least_privilege.event_sources import label_of
from pipeline.least_privilege.holders import HOLDERS
from pipeline.least_privilege.index import ActionIndex


def members_asked(row: Mapping[str, Any], index: ActionIndex) -> dict[str, Any]:
    """Which members of a call's request matter, as JSON paths; a row of `$calls`."""
    source, name = row["event_source"], row["event_name"]
    needs = actions_of(Call(source, name), index)
    values: set[str] = set()
    presences: set[str] = set()
    for need in (*needs.needed, *needs.possible):
        values |= _value_members(need, index)
        presences |= condition_members(need.when)
    if label_of(source) == "apigateway":
        values |= {"restApiId", "apiId", "resourceId", "stageName", "domainName", "apiKey"}
        values |= {"deploymentId", "routeId", "integrationId", "authorizerId", "modelName"}
        values |= {"httpMethod", "usageplanId", "vpcLinkId", "basePath", "resourceArn"}
    return {
        "event_source": source,
        "event_name": name,
        "paths": [_path(member) for member in sorted(values - {"key"})],
        "presences": [_path(member) for member in sorted(presences - values)],
    }


def _value_members(need: Need, index: ActionIndex) -> set[str]:
    prefix = need.action.partition(":")[0]
    if need.creates and prefix == "ec2":
        return condition_members(need.when)  # what is tagged stands in the specification itself
    members = {need.member} if need.member and not need.member.startswith("path:") else set()
    members |= {member for ms in HOLDERS.get(prefix, {}).values() for member in ms}
    for slots in index.members.get(need.action, {}).values():
        members.update(slots)
    if "copySourceVersion" in need.when:
        members.add("x-amz-copy-source")
    if need.when.startswith("sql:"):
        members |= {"statement", "statements", "transactStatements"}
    return {member.partition(".")[0].removesuffix("[]") for member in members if member != "*"}


def _path(member: str) -> str:
    return f'$."{member}"'
