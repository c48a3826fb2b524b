"""What a call creates and tags: its tags need a second permission, on the thing that is created.

The request names it where the caller chooses the name (a role, a function). Where AWS gives it an
id, no request has that id, so the permission stands on all things of its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.least_privilege.actions import Need
from pipeline.least_privilege.filling import Kind, ways
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.naming import Request, Resource, spelt, texts
from pipeline.least_privilege.templates import filled, variables

_VERB = re.compile(
    r"(Accept|Activate|Allocate|Associate|Claim|Connect|Convert|Copy|Create|Enable|Import|Put"
    r"|Register|Request|Reserve|Restore|Run|Start|Submit|Upload)"
)

_TYPES = {
    "cloudwatch:CompositeAlarm": "alarm",
    "cloudwatch:MetricAlarm": "alarm",
    "elasticmapreduce:JobFlow": "cluster",
    "iam:OpenIDConnectProvider": "oidc-provider",
    "iam:VirtualMFADevice": "mfa",
    "rds:DBCluster": "cluster",
    "rds:DBClusterParameterGroup": "cluster-pg",
    "rds:DBClusterSnapshot": "cluster-snapshot",
    "rds:DBInstance": "db",
    "rds:DBParameterGroup": "pg",
    "rds:DBSecurityGroup": "secgrp",
    "rds:DBSnapshot": "snapshot",
    "rds:DBSubnetGroup": "subgrp",
    "rds:EventSubscription": "es",
    "rds:OptionGroup": "og",
}
"""What the name of an operation calls the type that IAM calls otherwise."""

_IN_ONE_TYPE = frozenset({"elasticloadbalancing"})
"""Services of whose types the index knows only one by that name (classic and application load
balancers): a name of theirs does not tell the ARN."""

_EC2_SPECIFICATIONS = (
    "tagSpecificationSet.resourceType",
    "*Request.TagSpecification.ResourceType",
)

ID_UNKNOWN = "what the call creates gets its id from AWS"
NOT_TOLD = "the request does not tell what it creates"


def created(need: Need, request: Request, index: ActionIndex) -> Iterator[Resource]:
    """The resources of a need that tags what `need.creates` creates; never empty."""
    prefix = need.action.partition(":")[0]
    known = {t.name: template for t, template in index.templates(need.action)}
    templates = {name: known.get(name) for name in _types(need, request, set(known))}
    if not templates or None in templates.values() or prefix in _IN_ONE_TYPE:
        yield Resource("*", NOT_TOLD if known else "")
        return
    request = replace(request, ids=())  # ids are of what the request refers to
    for name, template in templates.items():
        for way in ways(Kind(need.creates, name, template or ""), request, index):
            is_named = all(variable in way for variable in variables(template or ""))
            for resource in spelt(filled(template or "", way), prefix, name):
                yield Resource(resource.arn, "" if is_named else ID_UNKNOWN)


def _types(need: Need, request: Request, known: set[str]) -> list[str]:
    """The types of what is created: EC2's requests say it, elsewhere the operation's name does."""
    prefix, _, operation = need.creates.partition(":")
    if prefix == "ec2":
        found = (text for path in _EC2_SPECIFICATIONS for text in texts(request.parameters, path))
        return sorted(set(found))
    noun = _VERB.sub("", operation, count=1)
    wanted = _plain(_TYPES.get(f"{prefix}:{noun}", noun))
    return [name for name in sorted(known) if _plain(name) == wanted]


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
