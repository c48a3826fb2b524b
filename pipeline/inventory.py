"""The roles that an account has, by `aws iam get-account-authorization-details`.

Only what a report on the use of roles asks for is read: names, ids, AWS's own word on the last
use (it keeps that for 400 days), and who may put the role on by its trust policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from pipeline.arn import Arn
from pipeline.errors import SourceError

_ASSUMING = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
_WRITES = "`aws iam get-account-authorization-details --output json` writes it"


@dataclass(frozen=True, slots=True)
class Trust:
    """A principal that a trust policy lets put the role on.

    kind -- AWS, Service, Federated or CanonicalUser, as the policy has it.
    principal -- ARN, account id, service, provider, or `*`; with `is_exception` those who may not
        (NotPrincipal: everybody else may).
    condition_keys -- keys of the statement's conditions, sorted; what they ask for is not judged.
    """

    kind: str
    principal: str
    condition_keys: tuple[str, ...] = ()
    is_exception: bool = False

    @property
    def account(self) -> str | None:
        """The account that is trusted, or None for a service, a provider or anybody."""
        if self.kind != "AWS":
            return None
        if self.principal.isdigit():
            return self.principal
        arn = Arn.parse(self.principal)
        return arn.account if arn else None

    @property
    def is_anybody(self) -> bool:
        """Whether every AWS principal of every account may put the role on."""
        return self.kind == "AWS" and (self.principal == "*" or self.is_exception)


@dataclass(frozen=True, slots=True)
class InventoryRole:
    """A role as IAM describes it.

    role_id -- its unique id (AROA…); created_at, last_used_at -- UTC, None where not told;
    last_used_region -- where AWS saw the last use; trusts -- who may put it on.
    tells_last_use -- whether the entry has RoleLastUsed, which is empty for a role never used; the
        lists of other commands leave it out (IAM API reference, ListRoles), and then nothing is
        known.
    """

    arn: str
    name: str
    role_id: str
    created_at: datetime | None
    last_used_at: datetime | None
    last_used_region: str | None
    trusts: tuple[Trust, ...]
    tells_last_use: bool = True

    @property
    def account(self) -> str:
        """The account that owns it."""
        arn = Arn.parse(self.arn)
        return arn.account if arn else ""


def read_inventory(paths: Sequence[Path]) -> tuple[InventoryRole, ...]:
    """The roles of all files, by ARN; of two entries of one ARN the later counts.

    Raises SourceError naming file and place where one is no such JSON, or only a page of it.
    """
    roles = {role.arn: role for path in paths for role in _read(path)}
    return tuple(roles[arn] for arn in sorted(roles))


def _read(path: Path) -> Iterator[InventoryRole]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(
            f"the inventory cannot be read: {error.strerror}; {_WRITES}", location=str(path)
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"the inventory is no JSON: {error}", location=str(path)) from error
    roles = document.get("RoleDetailList") if isinstance(document, dict) else None
    if not isinstance(roles, list):
        raise SourceError(
            f"the inventory has no list “RoleDetailList”; {_WRITES}", location=str(path)
        )
    if document.get("IsTruncated") or "NextToken" in document:
        raise SourceError(
            "the inventory is one page of several (IsTruncated, NextToken): roles would be "
            "missing; leave out --max-items and --no-paginate",
            location=str(path),
        )
    for number, role in enumerate(roles, start=1):
        yield _role(role, f"{path}, entry {number} of RoleDetailList")


def _role(entry: object, place: str) -> InventoryRole:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("Arn"), str):
        raise SourceError("the role has no text “Arn”", location=place)
    arn = str(entry["Arn"])
    used = entry.get("RoleLastUsed")
    used = used if isinstance(used, Mapping) else {}
    return InventoryRole(
        arn=arn,
        name=str(entry.get("RoleName") or arn.rsplit("/", 1)[-1]),
        role_id=str(entry.get("RoleId") or ""),
        created_at=_moment(entry.get("CreateDate"), place),
        last_used_at=_moment(used.get("LastUsedDate"), place),
        last_used_region=str(used["Region"]) if used.get("Region") else None,
        trusts=tuple(_trusts(entry.get("AssumeRolePolicyDocument"), place)),
        tells_last_use=isinstance(entry.get("RoleLastUsed"), Mapping),
    )


def _moment(value: object, place: str) -> datetime | None:
    """A time as the AWS command line writes it: ISO 8601, or seconds since 1970."""
    if value is None:
        return None
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError) as error:
        raise SourceError(f"{value!r} is no time", location=place) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _trusts(policy: object, place: str) -> Iterator[Trust]:
    """The principals of the statements that allow to put the role on; each once a statement."""
    if isinstance(policy, str):  # the API encodes it as in a URL, the command line decodes it
        try:
            policy = json.loads(unquote(policy))
        except json.JSONDecodeError as error:
            raise SourceError(
                f"the trust policy is no JSON: {error.msg}", location=place
            ) from error
    if not isinstance(policy, Mapping):
        return
    for statement in _listed(policy.get("Statement")):
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            yield from _allowed(statement)


def _allowed(statement: Mapping[str, object]) -> Iterator[Trust]:
    if "Action" in statement and not any(
        _assumes(str(action)) for action in _listed(statement["Action"])
    ):
        return
    conditions = statement.get("Condition")
    operators = conditions.values() if isinstance(conditions, Mapping) else ()
    keys = {str(key) for operator in operators if isinstance(operator, Mapping) for key in operator}
    for name in ("Principal", "NotPrincipal"):
        principals = statement.get(name)
        if principals == "*":
            principals = {"AWS": "*"}
        if not isinstance(principals, Mapping):
            continue
        for kind, values in principals.items():
            for value in _listed(values):
                yield Trust(str(kind), str(value), tuple(sorted(keys)), name == "NotPrincipal")


def _assumes(action: str) -> bool:
    """Whether an action of a policy, `*` included, lets put the role on."""
    start, star, _ = action.lower().partition("*")
    if not star:
        return start in _ASSUMING
    return any(known.startswith(start) for known in _ASSUMING)


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
