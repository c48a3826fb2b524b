"""Pure parsing of ARNs: what the names of IAM say, and no more.

Sources: AWS IAM user guide, reference_identifiers; semantics.md sections 1.2 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass

_PARTS = 6


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN behind `arn:`; `region` and `account` may be empty."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """The ARN that `text` spells, or None where it spells none."""
        parts = text.split(":", _PARTS - 1)
        if len(parts) != _PARTS or parts[0] != "arn" or not parts[-1]:
            return None
        return cls(*parts[1:])

    @property
    def name(self) -> str:
        """The last part of the resource: role name, user name, session name, `root`."""
        return self.resource.rsplit("/", 1)[-1]


def role_label(text: str) -> str:
    """A role's ARN as people say it: its name; an account's root with the account.

    >>> role_label("arn:aws:iam::111122223333:role/security/BreakGlass")
    'BreakGlass'
    >>> role_label("arn:aws:iam::111122223333:root")
    'root of 111122223333'
    >>> role_label("no ARN")
    'no ARN'
    """
    arn = Arn.parse(text)
    if arn is None:
        return text
    return f"root of {arn.account}" if arn.resource == "root" else arn.name
