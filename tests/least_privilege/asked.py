"""What a call's own action is on, by its request."""

from __future__ import annotations

from pipeline.least_privilege import Call, actions_of
from pipeline.least_privilege.naming import Place, Request
from pipeline.least_privilege.resources import resources_of

HERE = Place("aws", "eu-west-1", "111122223333")
OWN = "eu-west-1:111122223333"
OTHER = "eu-west-1:222222222222"


def first(
    call: str, parameters: dict[str, object], *record: str, ids: tuple[str, ...] = ()
) -> dict[str, str]:
    """ARN → reason, of the call's own action."""
    source, _, name = call.partition(":")
    need = actions_of(Call(source, name, parameters)).needed[0]
    found = resources_of(need, Request(HERE, parameters, record, ids))
    return {resource.arn: resource.reason for resource in found}
