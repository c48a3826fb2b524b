"""What a case of a hunt is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.world.model import Credential, Role
from tests.world.scenarios.scenario import Cast

Values = dict[str, object]
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """One hunt, one small story.

    play -- acts the story out; what it returns are the values that the hunt is given.
    rows -- of each row found, in any order, the columns that matter; none for a miss.
    """

    hunt: str
    fact: str
    play: Callable[[Cast], Values | None]
    rows: list[Row] = field(default_factory=list)


def iam(by: Credential, name: str, **params: str) -> None:
    """A successful call of IAM with these parameters (`user_name="carol"` is userName)."""
    given = {_camel(key): value for key, value in params.items()}
    by.call("iam", name, params=given, response=None)


def trust(by: Credential, role: Role, principal: str) -> None:
    """UpdateAssumeRolePolicy: this principal may now put the role on."""
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"'
        f'{principal}"}},"Action":"sts:AssumeRole"}}]}}'
    )
    iam(by, "UpdateAssumeRolePolicy", role_name=role.name, policy_document=policy)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
