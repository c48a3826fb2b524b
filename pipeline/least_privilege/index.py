"""The list of IAM actions, their resource types and ARN templates, as of a stated day.

Compiled by `tools/iam_index.py` and shipped with the package; nothing is fetched at run time.
least-privilege.md, sections 0 and 1.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).resolve().parent / "data" / "iam_index.json.gz"

LEVELS = ("List", "Read", "Write", "Tagging, Write", "Permissions management, Write")
"""Access levels of the service authorization reference, the least first."""

_RECOVERY_POINT = "arn:${Partition}:${Vendor}:${Region}:${Account}:${RecoveryPoint}"
"""Of every service that Backup backs up, in that service's own form (`snapshot/snap-…`); AWS's list
has only one of the forms."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of resource that an action works on; `is_required` as AWS marks it with `*`."""

    name: str
    is_required: bool


class ActionIndex:
    """IAM's actions. Names are compared without regard to case, and given back as AWS spells them.

    version, date -- of the list. pass_role -- action → request members with the role it passes.
    tags -- action → the action it needs too if its request holds tags, and the condition.
    api_gateway -- version → operation → verb, path, and `tags` if it may set some.
    source_prefixes -- label of an event source → prefix, as botocore knows it.
    members -- action → variable of its ARNs → request members that hold it (under "" those that
    hold ARNs).
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._services: dict[str, Any] = document["services"]
        self.version: str = document["version"]
        self.date: str = document["date"]
        self.pass_role: dict[str, list[str]] = document["pass_role"]
        self.tags: dict[str, tuple[str, str]] = {
            action: (tagging, when) for action, (tagging, when) in document["tags"].items()
        }
        self.members: dict[str, dict[str, list[str]]] = document["members"]
        self.api_gateway: dict[str, dict[str, list[str]]] = document["api_gateway"]
        self.source_prefixes: dict[str, str] = document["prefixes"]
        self._spellings: dict[str, dict[str, str]] = {}
        self._types: dict[str, tuple[ResourceType, ...]] = {}
        self._templates: dict[str, tuple[tuple[ResourceType, str], ...]] = {}
        self._service_templates: dict[str, tuple[str, ...]] = {}

    @classmethod
    @cache
    def packaged(cls) -> ActionIndex:
        """The index that comes with rolecall."""
        return cls(json.loads(gzip.decompress(PACKAGED.read_bytes())))

    @property
    def prefixes(self) -> frozenset[str]:
        """All service prefixes."""
        return frozenset(self._services)

    def actions(self, prefix: str) -> tuple[str, ...]:
        """All actions of a service, `prefix:Name`, sorted; () for an unknown prefix."""
        service = self._services.get(prefix.lower())
        return tuple(f"{prefix.lower()}:{name}" for name in sorted(service["a"])) if service else ()

    def spelt(self, prefix: str, name: str) -> str | None:
        """`prefix:Name` as AWS spells it, or None where there is no such action."""
        prefix = prefix.lower()
        if prefix not in self._services:
            return None
        names = self._spellings.get(prefix)
        if names is None:
            names = {known.lower(): known for known in self._services[prefix]["a"]}
            self._spellings[prefix] = names
        found = names.get(name.lower())
        return f"{prefix}:{found}" if found else None

    def level(self, action: str) -> str:
        """The access level of an action as the index spells it: one of LEVELS."""
        return LEVELS[int(self._entry(action)[0])]

    def resource_types(self, action: str) -> tuple[ResourceType, ...]:
        """The types that the action works on; () where only `*` will do."""
        types = self._types.get(action)
        if types is None:
            types = tuple(
                ResourceType(name.removesuffix("*"), name.endswith("*"))
                for name in self._entry(action)[1:]
            )
            self._types[action] = types
        return types

    def templates(self, action: str) -> tuple[tuple[ResourceType, str], ...]:
        """The types that the action works on, each with its ARN, or with each of its ARNs.

        An ARN has `${Partition}`, `${Region}`, `${Account}` and its own names; `*` where unknown.
        """
        found = self._templates.get(action)
        if found is None:
            prefix = action.partition(":")[0]
            found = self._templates[action] = tuple(
                (resource_type, template)
                for resource_type in self.resource_types(action)
                for template in self._arns(prefix, resource_type.name)
            )
        return found

    def service_templates(self, prefix: str) -> tuple[str, ...]:
        """The ARNs of all types of a service."""
        found = self._service_templates.get(prefix)
        if found is None:
            names = self._services[prefix]["r"]
            found = tuple(template for name in names for template in self._arns(prefix, name))
            self._service_templates[prefix] = found
        return found

    def _arns(self, prefix: str, resource_type: str) -> list[str]:
        if (prefix, resource_type) == ("backup", "recoveryPoint"):
            return [_RECOVERY_POINT]
        arns: str = self._services[prefix]["r"].get(resource_type, "*")
        return arns.split(", ")

    @cached_property
    def permission_only(self) -> frozenset[str]:
        """Actions that no API operation has the name of."""
        left: dict[str, list[str]] = self._document["unreachable"]
        return frozenset(f"{prefix}:{name}" for prefix, names in left.items() for name in names)

    def _entry(self, action: str) -> list[str]:
        prefix, _, name = action.partition(":")
        entry: str = self._services[prefix]["a"][name]
        return entry.split(" ")
