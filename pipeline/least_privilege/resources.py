"""The resources that an action was used on, as ARNs that a policy can name.

From the record's `resources` where they fit the action's types, else from ARNs in the request,
else the types' templates filled from the request; the owner is the account that the record's
`resources` name, else the recipient, as the called service is there, unless the record is the
caller's own copy of a call that another account recorded too. What the record does not tell is
`*`, with the reason: nothing is widened silently. least-privilege.md, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from pipeline.least_privilege import bedrock
from pipeline.least_privilege.actions import Need
from pipeline.least_privilege.created import created
from pipeline.least_privilege.holders import HOLDERS
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.naming import Request, Resource, built, texts
from pipeline.least_privilege.parameters import Parameters
from pipeline.least_privilege.parameters import texts as raw_texts
from pipeline.least_privilege.templates import filled, fits, is_wide, literal

ANY = "*"

NO_TYPE = "the action works on no single resource"
"""The one reason for `*` that widens nothing: IAM takes no other resource for such an action."""

_COMPANIONS = {"ec2:RunInstances": ("volume",)}
"""Types that IAM's list calls optional, and without which nearly every such call is refused."""

_COMPANION = "what the call creates gets its id from AWS"


OWNER_UNKNOWN = "the record does not tell whose account the resource is in"


def resources_of(
    need: Need, request: Request, index: ActionIndex | None = None
) -> tuple[Resource, ...]:
    """The resources of one action of a call, sorted; never empty."""
    index = index or ActionIndex.packaged()
    found = {_owned(resource, request) for resource in _found(need, request, index)}
    return tuple(sorted(found, key=lambda resource: resource.arn))


def _owned(resource: Resource, request: Request) -> Resource:
    """The resource, with the reason for a `*` in place of its account."""
    is_open = not request.place.account and resource.arn.split(":")[4:5] == [ANY]
    if not is_open:
        return resource
    reasons = (resource.reason, OWNER_UNKNOWN)
    return Resource(resource.arn, "; ".join(filter(None, reasons)))


def _found(need: Need, request: Request, index: ActionIndex) -> Iterator[Resource]:
    if need.resource:
        yield Resource(ANY if need.resource == ANY else literal(need.resource))
    elif need.creates:
        yield from created(need, request, index)
    elif need.action == "iam:PassRole":
        yield from _role(need, request)
    elif need.member.startswith("path:"):
        yield Resource(_api_gateway(need.member.removeprefix("path:"), request))
    elif need.action in bedrock.ACTIONS and (found := list(bedrock.models(request))):
        yield from found
    elif not index.resource_types(need.action):
        yield Resource(ANY, NO_TYPE)
    else:
        yield from _of_types(need, request, index)


def _role(need: Need, request: Request) -> Iterator[Resource]:
    """A passed role that the request names without its ARN: by name, or behind a profile."""
    named = texts(request.parameters, need.member)
    names = [text for text in named if not text.startswith("arn:")]
    stem = f"arn:{request.place.partition}:iam::{request.place.account or ANY}:role"
    if names and "profile" not in need.member.lower():
        for name in names:
            yield from (Resource(f"{stem}/{name}"), Resource(f"{stem}/*/{name}"))
    else:
        reason = "the request names an instance profile, and not the role in it"
        yield Resource(f"{stem}/*", reason if "profile" in need.member.lower() else "role unknown")


def _api_gateway(path: str, request: Request) -> str:
    """The ARN of an API Gateway path, `{restapi_id}` in it filled from `restApiId`."""
    place = request.place
    known = {re.sub("[^a-z0-9]", "", str(k).lower()): v for k, v in request.parameters.items()}

    def value(match: re.Match[str]) -> str:
        found = known.get(re.sub("[^a-z0-9]", "", match.group(1).lower()))
        if not isinstance(found, str) or not found:
            return ANY
        return quote(found, safe="") if found.startswith("arn:") else literal(found)

    whole = re.sub(r"\{([\w-]+)\+?\}", value, path)
    return f"arn:{place.partition}:apigateway:{place.region}::{whole.removeprefix('/v2')}"


def _of_types(need: Need, request: Request, index: ActionIndex) -> Iterator[Resource]:
    prefix = need.action.partition(":")[0]
    types = index.resource_types(need.action)
    templates = {t.name: index.template(prefix, t.name) or ANY for t in types}
    given = [*map(literal, request.arns), *_given_arns(need, request.parameters, index)]
    if need.member:
        given = [*_named(need, request)] or given
    covered: set[str] = set()
    for arn in dict.fromkeys(given):
        name = next((name for name, template in templates.items() if fits(arn, template)), None)
        if name:
            covered.add(name)
            yield Resource(_stable(arn, prefix))
    for name, template in templates.items():
        found = [] if name in covered else list(built(need.action, name, template, request, index))
        if found:
            covered.add(name)
            yield from found
    for name in _COMPANIONS.get(need.action, ()):
        if name not in covered:
            covered.add(name)
            yield Resource(filled(templates[name], request.place.values()), _COMPANION)
    for resource_type in types:
        name = resource_type.name
        if resource_type.is_required and name not in covered:
            covered.add(name)
            arn = filled(templates[name], request.place.values())
            reason = f"the record does not name the {name}" if is_wide(arn) else ""
            yield Resource(arn, reason)
    if not covered:
        names = ", ".join(sorted(templates)[:3])
        yield Resource(ANY, f"the record names no resource of its types ({names}…)")


def _given_arns(need: Need, parameters: Parameters, index: ActionIndex) -> list[str]:
    members = index.members.get(need.action, {})
    prefix = need.action.partition(":")[0]
    paths = [*members.get("", ()), *(m for ms in HOLDERS.get(prefix, {}).values() for m in ms)]
    values = [text for path in dict.fromkeys(paths) for text in texts(parameters, path)]
    return [text for text in values if text.startswith("arn:")]


def _named(need: Need, request: Request) -> Iterator[str]:
    """What an exception says names the resource: S3's copy source, a KMS key."""
    place = request.place
    for raw in raw_texts(request.parameters, need.member):
        text = literal(raw)
        if text.startswith("arn:"):
            yield text
        elif need.member == "x-amz-copy-source":
            source = unquote(raw.partition("?")[0].lstrip("/"))
            yield f"arn:{place.partition}:s3:::{literal(source)}"
        elif need.action.startswith("kms:") and "/" not in text:
            yield f"arn:{place.partition}:kms:{place.region}:{place.account or ANY}:key/{text}"


def _stable(arn: str, prefix: str) -> str:
    """Without what changes from call to call: the qualifier of a function."""
    if prefix == "lambda":
        parts = arn.split(":")
        if len(parts) == 8 and parts[5] == "function":
            return ":".join(parts[:7]) + ":*"
    return arn
