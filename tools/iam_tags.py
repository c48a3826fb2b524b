"""Which actions need a second one if their request holds tags, and where these sit.

Read by `tools/iam_index.py`.
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.least_privilege.index import LEVELS
from tools.iam_facts import NO_TAG_ACTION, TAG_ACTIONS, TAGGED_BY, TAGS_AT_CREATION, lines
from tools.iam_sources import dependents

TAG_NAME = re.compile(r"(tags|taglist|tagslist|tagspecifications)$", re.I)
"""Names of request members that hold the tags of what the call creates."""

NAMED_TAGS = re.compile(
    r"(backupplan|backupvault|bot|changeset|custommodel|flow|framework|identitypool|importedmodel"
    r"|job|model|newimage|reportplan|resource|targetmodel|testbotalias|testset|tieringconfiguration"
    r"|userpool)tags$",
    re.I,
)
"""Their names in the requests that have none of TAG_NAME."""

CREATED = re.compile(r"(Request|ToCreate|VirtualInterface|VirtualInterfaceAllocation)$", re.I)
"""Names of the members that hold the whole of what is created, its tags among it."""

TAGGING = str(LEVELS.index("Tagging, Write"))


def tags(services: dict[str, Any], operations: list[tuple[str, str, Any]]) -> dict[str, list[str]]:
    """Action → the action that its request needs too if it holds tags, and where these sit."""
    wanted = {
        **_dependent_tags(services),
        **{
            f"{service.split()[0]}:{action}": f"{service.split()[0]}:{service.split()[1]}"
            for service, actions in lines(TAGS_AT_CREATION)
            for action in actions.split()
        },
    }
    found: dict[str, list[str]] = {}
    for prefix, action, operation in operations:
        name, shape = f"{prefix}:{action}", operation.input_shape
        members = _members(shape) if shape else []
        tagging = wanted.get(name) or _tag_action(prefix, action, services)
        if not members or not tagging:
            continue
        where = "|".join(members)
        if prefix == "ec2":
            where = f"tagSpecificationSet|{action}Request.TagSpecification"
        found[name] = [tagging, where]
    return dict(sorted(found.items()))


def _members(shape: Any) -> list[str]:
    paths = {name: name[0].lower() + name[1:] for name in shape.members}
    inside = [
        f"{paths[name]}.tags"
        for name, member in shape.members.items()
        if CREATED.search(name) and member.type_name == "structure" and "tags" in member.members
    ]
    plain = [path for name, path in paths.items() if TAG_NAME.match(name)]
    return plain or [path for name, path in paths.items() if NAMED_TAGS.match(name)] or inside


def _tag_action(prefix: str, action: str, services: dict[str, Any]) -> str | None:
    """The action that setting tags on what an action creates needs; None where none is known."""
    name = f"{prefix}:{action}"
    spared = NO_TAG_ACTION.split()
    if prefix in spared or name in spared or not TAGGED_BY.match(action):
        return None
    tagging = TAG_ACTIONS.get(name) or TAG_ACTIONS.get(prefix, "TagResource")
    return f"{prefix}:{tagging}" if tagging in services[prefix]["a"] and tagging != action else None


def _dependent_tags(services: dict[str, Any]) -> dict[str, str]:
    """Actions among whose dependent actions is one of their own service that sets tags."""
    return {
        name: dependent
        for name, dependent in dependents()
        for prefix, _, action in [dependent.partition(":")]
        if prefix == name.partition(":")[0] and not action.startswith("Untag")
        if services.get(prefix, {"a": {}})["a"].get(action, "").startswith(TAGGING)
    }
