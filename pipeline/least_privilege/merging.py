"""Several hats taken together: the reserved roles of one permission set over all accounts, and one
role (or user) under the several ARNs that records have of it, with its path and without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pipeline.arn import Arn
from pipeline.least_privilege.used import Evidence, Use

_Key = TypeVar("_Key")

PERMISSION_SET = "arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_{}_*"


def permission_set_pattern(name: str) -> str:
    """The glob that the reserved roles of an Identity Center permission set match."""
    return PERMISSION_SET.format(name)


def identity_of(text: str) -> str:
    """A role's or user's ARN without its path: what of it is unique, whatever the path.

    Names are unique within an account (IAM user guide, "IAM identifiers"), and the ARN of an
    assumed role has no path. What is no ARN of a role or user stays as it is.

    >>> identity_of("arn:aws:iam::111122223333:role/team/Deploy")
    'arn:aws:iam::111122223333:role/Deploy'
    >>> identity_of("arn:aws:iam::111122223333:root")
    'arn:aws:iam::111122223333:root'
    """
    arn = Arn.parse(text)
    kind = arn.resource.partition("/")[0] if arn else ""
    if arn is None or arn.service != "iam" or kind not in ("role", "user"):
        return text
    return f"arn:{arn.partition}:iam::{arn.account}:{kind}/{arn.name}"


def any_path(name: str) -> str:
    """The glob of a role's or user's ARN whatever its path; it takes in longer names too.

    >>> any_path("arn:aws:iam::111122223333:role/team/Deploy")
    'arn:aws:iam::111122223333:role/*Deploy'
    >>> any_path("Deploy")
    'Deploy'
    """
    if not name.startswith("arn:") or "*" in name or "?" in name:
        return name
    kind, slash, last = identity_of(name).rpartition("/")
    return f"{kind}/*{last}" if slash and kind.endswith((":role", ":user")) else name


def together(uses: Sequence[Use]) -> dict[str, Use]:
    """The use of each role (or user) by its `identity_of`, under the fullest of its ARNs."""
    groups: dict[str, list[Use]] = {}
    for use in uses:
        groups.setdefault(identity_of(use.subject), []).append(use)
    return {
        identity: merged(
            group, max((use.subject for use in group), key=lambda arn: (arn.count("/"), arn))
        )
        if len(group) > 1
        else group[0]
        for identity, group in groups.items()
    }


def merged(uses: Sequence[Use], subject: str) -> Use:
    """All of them as one use."""
    whole = Use(subject)
    for use in uses:
        whole.events += use.events
        whole.free += use.free
        for kind, events in use.kinds.items():
            whole.kinds[kind] = whole.kinds.get(kind, 0) + events
        _merge(whole.used, use.used)
        _merge(whole.denied, use.denied)
        _merge(whole.unmapped, use.unmapped)
    return whole


def _merge(target: dict[_Key, Evidence], source: dict[_Key, Evidence]) -> None:
    for key, evidence in source.items():
        if key in target:
            target[key].add(evidence)
        else:
            target[key] = evidence.copy()
