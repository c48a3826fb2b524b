"""Who may put a role on by its trust policy, held against who did.

A principal came when a successful AssumeRole call of the lake is its; `perhaps` where a record
names only the caller's account, or sessions of the role are there whose call is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

from pipeline.inventory import InventoryRole, Trust
from pipeline.reports.roles.wearing import Row, account_of, role_kind

_REGIONAL = re.compile(r"^([a-z0-9-]+)\.[a-z]{2}(?:-[a-z]+)+-\d+(\.amazonaws\.com(?:\.cn)?)$")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")


def trust_rows(
    roles: Iterable[InventoryRole],
    callers: Mapping[str, Sequence[Row]],
    unlinked: Collection[str],
    known_accounts: Collection[str],
) -> list[dict[str, object]]:
    """One row for each principal of each role's trust policy.

    callers -- role ARN → rows of queries/reports/role_callers.sql; unlinked -- roles with
    sessions whose call is not in the lake; known_accounts -- all others are outside.
    """
    rows = []
    for role in roles:
        for trust in role.trusts:
            matches = [(c, _match(trust, c, role)) for c in callers.get(role.arn, ())]
            sure = [caller for caller, match in matches if match == "came"]
            calls = sum(cast("int", caller["calls"]) for caller in sure)
            may_have = role.arn in unlinked or any(
                match == "perhaps" and caller["calls"] for caller, match in matches
            )
            rows.append(
                {
                    "role_arn": role.arn,
                    "role_name": role.name,
                    "account_id": role.account,
                    "role_kind": role_kind(role.arn),
                    "principal_kind": trust.kind,
                    "principal": trust.principal,
                    "is_exception": trust.is_exception,
                    "condition_keys": list(trust.condition_keys),
                    "trust": _trust_kind(trust, role, known_accounts),
                    "came": "came" if calls else "perhaps" if may_have else "never",
                    "calls": calls,
                    "last_time": max((cast("str", c["last_time"]) for c in sure), default=None),
                }
            )
    return rows


def _trust_kind(trust: Trust, role: InventoryRole, known_accounts: Collection[str]) -> str:
    """`anybody`, `outside-account`, `deleted-principal`, `provider`, `service` or `known`."""
    if trust.is_anybody:
        return "anybody"
    if trust.kind == "Service":
        return "service"
    if trust.kind == "Federated":
        return "provider"
    if _UNIQUE_ID.fullmatch(trust.principal):
        return "deleted-principal"
    account = trust.account
    if account in {role.account, *known_accounts}:
        return "known"
    return "outside-account"


def _match(trust: Trust, caller: Row, role: InventoryRole) -> str:
    """Whether a caller of the role came by this principal: `came`, `perhaps` or ``."""
    kind = str(caller["caller_type"])
    if trust.is_exception:
        return "perhaps"
    if trust.kind == "Service":
        return _came(_service(trust.principal) == _service(str(caller["caller_invoked_by"])))
    if trust.kind == "Federated":
        return _federated(trust.principal, kind, caller, role)
    return "" if kind in ("AWSService", "SAMLUser", "WebIdentityUser") else _aws(trust, caller)


def _aws(trust: Trust, caller: Row) -> str:
    if trust.principal == "*" or trust.principal == caller["caller_id"]:
        return "came"
    account = trust.account
    if account is None or account != caller["caller_account_id"]:
        return ""
    if trust.principal.isdigit() or trust.principal.endswith(":root"):
        return "came"
    known = caller["caller_role_arn"]
    if known is None:
        return "perhaps"
    if trust.principal in (known, caller["caller_session_arn"]):
        return "came"
    is_role = ":role/" in trust.principal and ":assumed-role/" in str(known)
    return _came(is_role and trust.principal.rsplit("/", 1)[-1] == str(known).rsplit("/", 1)[-1])


def _federated(principal: str, kind: str, caller: Row, role: InventoryRole) -> str:
    if ":saml-provider/" in principal:
        alone = sum(":saml-provider/" in trust.principal for trust in role.trusts) == 1
        return ("came" if alone else "perhaps") if kind == "SAMLUser" else ""
    if kind != "WebIdentityUser":
        return ""
    provider = str(caller["caller_identity_provider"] or "")
    return _came(_issuer(provider) == _issuer(principal))


def _came(is_match: bool) -> str:
    return "came" if is_match else ""


def _issuer(provider: str) -> str:
    """An OIDC provider without what varies: ARN, scheme, final slash."""
    name = provider.rpartition(":oidc-provider/")[2] or provider
    return name.removeprefix("https://").rstrip("/").lower()


def _service(name: str) -> str:
    """A service principal without its region: both spellings name the same service."""
    return _REGIONAL.sub(r"\1\2", name.lower())


def accounts_of(roles: Iterable[InventoryRole]) -> set[str]:
    """The accounts that an inventory describes."""
    return {account_of(role.arn) for role in roles}
