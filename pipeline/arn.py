"""Pure parsing of ARNs and principal ids: what the names of IAM say, and no more.

Sources: AWS IAM user guide, reference_identifiers; semantics.md sections 1.2 and 6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEY = re.compile(r"(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}")


@dataclass(frozen=True, slots=True)
class Arn:
    """The six parts of an ARN; `region` and `account` may be empty."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """The ARN that `text` spells, or None where it spells none."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[5]:
            return None
        return cls(*parts[1:])

    @property
    def name(self) -> str:
        """The last part of the path: role name, user name, session name, `root`."""
        return self.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def short_name(arn: str) -> str:
    """What a person calls the thing behind `arn`; the text itself where it is no ARN.

    >>> short_name("arn:aws:iam::111122223333:role/security/BreakGlass")
    'BreakGlass'
    >>> short_name("arn:aws:iam::111122223333:root")
    'root'
    """
    parsed = Arn.parse(arn)
    return parsed.name if parsed else arn


def is_access_key_id(text: str) -> bool:
    """Whether `text` has the shape of an access key id (prefix AKIA, ASIA, ABIA or ACCA).

    >>> is_access_key_id("ASIATFQR7NSCWLLE7IWW")
    True
    """
    return _KEY.fullmatch(text) is not None
