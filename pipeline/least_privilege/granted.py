"""What is granted: the policies of roles and users, from the JSON that AWS gives out.

`aws iam get-account-authorization-details` (one file or more, of one account or more), or bare
policy documents. Wildcards are expanded over the list of actions. A Deny, a boundary and a
condition are noted on the action, never ignored. least-privilege.md, section 8.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from pipeline.errors import SourceError
from pipeline.least_privilege.details import Details, Document
from pipeline.least_privilege.evaluate import (
    Statement,
    conditions_of,
    listed,
    names_action,
    statements_of,
)
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.patterns import matches

INLINE = {"RoleDetailList": "RolePolicyList", "UserDetailList": "UserPolicyList"}


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy with the name that people know it by."""

    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Principal:
    """A role or user with its policies.

    arn -- "" where only a bare policy is given. boundary -- the permissions boundary, if any.
    unknown -- names of attached policies whose documents the files do not hold.
    """

    arn: str
    policies: tuple[NamedPolicy, ...]
    boundary: NamedPolicy | None = None
    unknown: tuple[str, ...] = ()


@dataclass(slots=True)
class GrantedAction:
    """An action that a principal may use: by which policies, on what, and what limits it."""

    action: str
    policies: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    limits: set[str] = field(default_factory=set)
    is_denied: bool = False


def read_granted(paths: Iterable[Path]) -> list[Principal]:
    """The principals of some files, by ARN; a bare policy document has no ARN.

    Raises SourceError where a file is missing, no JSON, neither of the two, not as IAM writes it,
    or one page of several.
    """
    documents = [(path, _json(path)) for path in paths]
    managed: dict[str, Mapping[str, Any]] = {}
    groups: dict[tuple[str, str], Mapping[str, Any]] = {}
    for _, document in documents:
        for policy in document.get("Policies", ()):
            managed[policy["Arn"]] = _default_version(policy)
        for group in document.get("GroupDetailList", ()):
            groups[_account(group["Arn"]), group["GroupName"]] = group
    principals: list[Principal] = []
    for path, document in documents:
        if "Statement" in document:
            principals.append(Principal("", (NamedPolicy(path.name, document),)))
            continue
        if not any(key in document for key in ("RoleDetailList", "UserDetailList", "Policies")):
            message = (
                "This is neither the JSON of `aws iam get-account-authorization-details` "
                "nor a policy document. Give one of them with --granted."
            )
            raise SourceError(message, location=str(path))
        for kind, inline in INLINE.items():
            principals += [
                _principal(entity, inline, managed, groups) for entity in document.get(kind, ())
            ]
    return sorted(principals, key=lambda principal: principal.arn)


def granted_actions(
    principal: Principal, index: ActionIndex | None = None
) -> dict[str, GrantedAction]:
    """Every action that the principal's policies allow, by name."""
    index = index or ActionIndex.packaged()
    found: dict[str, GrantedAction] = {}
    denies: list[tuple[str, Statement]] = []
    for policy in principal.policies:
        for statement in statements_of([policy.document]):
            if statement.get("Effect") == "Deny":
                denies.append((policy.name, statement))
                continue
            limits = {
                f"only if {operator} {key} {value}"
                for operator, key, value in conditions_of(statement)
            }
            resources = listed(statement.get("Resource")) or [
                f"all but {text}" for text in listed(statement.get("NotResource"))
            ]
            for action in expanded(statement, index):
                entry = found.setdefault(action, GrantedAction(action))
                entry.policies.add(policy.name)
                entry.resources.update(resources)
                entry.limits.update(limits)
    for name, statement in denies:
        for action in expanded(statement, index):
            if action in found:
                _deny(found[action], name, statement)
    if principal.boundary:
        _bound(found, principal.boundary)
    return found


def expanded(statement: Statement, index: ActionIndex) -> Iterator[str]:
    """The actions of a statement, its wildcards expanded over the list; unknown names are left."""
    if "NotAction" in statement:
        for prefix in sorted(index.prefixes):
            yield from (a for a in index.actions(prefix) if names_action(statement, a))
        return
    for pattern in listed(statement.get("Action")):
        prefix, _, name = pattern.partition(":")
        for known in (
            sorted(index.prefixes) if "*" in prefix or "?" in prefix else (prefix.lower(),)
        ):
            if pattern != "*" and not matches(prefix.lower(), known):
                continue
            if pattern == "*" or "*" in name or "?" in name:
                wanted = "*" if pattern == "*" else name.lower()
                yield from (
                    action
                    for action in index.actions(known)
                    if matches(wanted, action.partition(":")[2].lower())
                )
            else:
                spelt = index.spelt(known, name)
                if spelt:
                    yield spelt


def _deny(entry: GrantedAction, policy: str, statement: Statement) -> None:
    is_partial = bool(statement.get("Condition")) or listed(statement.get("Resource")) != ["*"]
    if is_partial:
        entry.limits.add(f"denied in part by {policy}")
    else:
        entry.is_denied = True
        entry.limits.add(f"denied by {policy}")


def _bound(found: Mapping[str, GrantedAction], boundary: NamedPolicy) -> None:
    allowing = [s for s in statements_of([boundary.document]) if s.get("Effect") == "Allow"]
    for entry in found.values():
        naming = [s for s in allowing if names_action(s, entry.action)]
        if not naming:
            entry.is_denied = True
            entry.limits.add(f"outside the boundary {boundary.name}")
        elif all(s.get("Condition") or listed(s.get("Resource")) != ["*"] for s in naming):
            entry.limits.add(f"in part outside the boundary {boundary.name}")


def _principal(
    entity: Mapping[str, Any],
    inline: str,
    managed: Mapping[str, Mapping[str, Any]],
    groups: Mapping[tuple[str, str], Mapping[str, Any]],
) -> Principal:
    policies: list[NamedPolicy] = []
    unknown: list[str] = []
    account = _account(entity["Arn"])
    owners: list[tuple[str, Mapping[str, Any], str]] = [("", entity, inline)]
    for name in entity.get("GroupList", ()):
        group = groups.get((account, name))
        if group is None:
            unknown.append(f"group {name}")
        else:
            owners.append((f"group {name}: ", group, "GroupPolicyList"))
    for prefix, owner, key in owners:
        for policy in owner.get(key, ()):
            document = _document(policy["PolicyDocument"])
            policies.append(NamedPolicy(prefix + policy["PolicyName"], document))
        for attached in owner.get("AttachedManagedPolicies", ()):
            known = managed.get(attached["PolicyArn"])
            if known is None:
                unknown.append(prefix + attached["PolicyName"])
            else:
                policies.append(NamedPolicy(prefix + attached["PolicyName"], known))
    boundary = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    if boundary and boundary not in managed:
        unknown.append(f"boundary {boundary}")
    limit = NamedPolicy(boundary, managed[boundary]) if boundary in managed else None
    return Principal(entity["Arn"], tuple(policies), limit, tuple(unknown))


def _default_version(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    versions: Sequence[Mapping[str, Any]] = policy.get("PolicyVersionList", ())
    for version in versions:
        if version.get("IsDefaultVersion"):
            return _document(version["Document"])
    return {"Statement": []}


def _document(document: object) -> Mapping[str, Any]:
    """A policy document; taken raw from the API it is URL-encoded JSON."""
    if isinstance(document, str):
        text = unquote(document) if document.startswith("%7B") else document
        try:
            document = msgspec.convert(json.loads(text), Document)
        except ValueError as error:  # no JSON, or no policy
            raise SourceError(f"A policy is not as IAM writes it: {error}.") from error
    return document if isinstance(document, Mapping) else {"Statement": []}


def _account(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def _json(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", location=str(path)) from error
    except ValueError as error:
        raise SourceError(f"This is not JSON: {error}.", location=str(path)) from error
    if not isinstance(document, Mapping):
        raise SourceError(
            "This is JSON, but no object; give one policy a file.", location=str(path)
        )
    try:
        msgspec.convert(document, Document if "Statement" in document else Details)
    except msgspec.ValidationError as error:
        raise SourceError(f"It is not as IAM writes it: {error}.", location=str(path)) from error
    if document.get("IsTruncated") or "NextToken" in document:
        message = (
            "This is one page of several: policies would be missing; "
            "leave out --max-items and --no-paginate."
        )
        raise SourceError(message, location=str(path))
    return document
