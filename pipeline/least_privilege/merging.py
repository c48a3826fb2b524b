"""Several hats taken together: the reserved roles of one permission set over all accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pipeline.least_privilege.used import Evidence, Use

_Key = TypeVar("_Key")

PERMISSION_SET = "arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_{}_*"


def permission_set_pattern(name: str) -> str:
    """The glob that the reserved roles of an Identity Center permission set match."""
    return PERMISSION_SET.format(name)


def merged(uses: Sequence[Use], subject: str) -> Use:
    """All of them as one use."""
    whole = Use(subject)
    for use in uses:
        whole.events += use.events
        whole.free += use.free
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
