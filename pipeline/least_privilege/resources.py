"""The resources that an action was used on, as ARNs that a policy can name.

From the record's `resources` where they fit the action's types, from ARNs in the request, and from
the types' templates filled with what the request names. The owner is the account that the request
names, else the record's `resources`, else the recipient, as the called service is there, unless
the record is the caller's own copy of a call that another account recorded too. What the record
does not tell is `*`, with the reason: nothing is widened silently. least-privilege.md, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from pipeline.least_privilege import bedrock, of_iam
from pipeline.least_privilege.actions import Need
from pipeline.least_privilege.created import created
from pipeline.least_privilege.filling import Kind, Way, holders, is_guess, plain, ways
from pipeline.least_privilege.holders import BY_TYPE, OF_OTHERS, tables
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.naming import Request, Resource, spelt, texts, whole
from pipeline.least_privilege.parameters import holds
from pipeline.least_privilege.parameters import texts as raw_texts
from pipeline.least_privilege.patterns import matches
from pipeline.least_privilege.templates import closest, filled, is_wide, literal, variables

ANY = "*"

NO_TYPE = "the action works on no single resource"
"""The one reason for `*` that widens nothing: IAM takes no other resource for such an action."""

_COMPANIONS = {"ec2:RunInstances": {"volume": "", "launch-template": "launchTemplate"}}
"""Types that IAM's list calls optional, and without which such a call is refused: nearly every one,
or one whose request has that member."""

_COMPANION_REASONS = {
    "volume": "what the call creates gets its id from AWS",
    "launch-template": "the request has the template's name, and its ARN has the id",
}

_FOR_ARNS = re.compile(r"(?!source|target|destination).*arns?", re.IGNORECASE)
"""Members that hold the ARN of what is called, so that names elsewhere are of something else."""

TOGETHER = "the request does not tell which of its names go together"

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
    elif found := list(_by_service(need, request)):
        yield from found
    elif not index.resource_types(need.action):
        yield Resource(ANY, NO_TYPE)
    else:
        yield from _of_types(need, request, index)


def _by_service(need: Need, request: Request) -> Iterator[Resource]:
    """What a service's own rule finds, for the few actions that have one."""
    if need.action in bedrock.ACTIONS:
        yield from bedrock.models(request)
    elif need.action in of_iam.ACTIONS:
        yield from of_iam.meant(need, request)


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


@dataclass(slots=True)
class _Type:
    """A type of the action's resources, and the ARNs that are of it.

    recorded -- of the record's `resources`. asked -- of the request. is_told -- whether one of
    these stands in a member that is not for names: then names elsewhere are of something else.
    """

    kind: Kind
    is_required: bool
    recorded: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    is_told: bool = False


def _of_types(need: Need, request: Request, index: ActionIndex) -> Iterator[Resource]:
    member = need.member if need.action.startswith("kms:") else ""
    types = [
        _Type(Kind(need.action, t.name, template, member), t.is_required)
        for t, template in index.templates(need.action)
    ]
    _take_arns(types, need, request, index)
    covered: set[str] = set()
    left: list[tuple[str, Resource]] = []
    for one in types:
        name, prefix = one.kind.name, one.kind.prefix
        for arn in dict.fromkeys((*one.recorded, *one.asked)):
            covered.add(name)
            yield from spelt(arn, prefix, name, is_given=True)
        if one.is_told or not _is_meant(one.kind, request):
            continue
        found = ways(one.kind, request, index)
        for resource in _named(one, found):
            covered.add(name)
            if not any(matches(resource.arn, arn) for arn in one.recorded):
                yield resource
        if one.is_required or _is_companion(one.kind, request):
            left += [(name, resource) for resource in _open(one, found)]
    yield from (resource for name, resource in left if name not in covered)
    if not covered and not left:
        names = ", ".join(sorted({one.kind.name for one in types})[:3])
        yield Resource(ANY, f"the record names no resource of its types ({names}…)")


def _named(one: _Type, found: Sequence[Way]) -> Iterator[Resource]:
    """The type's resources whose ARNs the request fills in, but for those that it holds whole."""
    own = variables(one.kind.template)
    reason = TOGETHER if is_guess(found, one.kind.template) else ""
    for way in found:
        missing = [variable for variable in own if variable not in way]
        # Of a stack, the id behind its name may stay open.
        if not own or (missing and (missing != ["Id"] or "StackName" not in way)):
            continue
        arn = filled(one.kind.template, way)
        if arn not in one.asked:
            for resource in spelt(arn, one.kind.prefix, one.kind.name):
                yield Resource(resource.arn, reason)


def _open(one: _Type, found: Sequence[Way]) -> Iterator[Resource]:
    """A type that the call needs, as far as the request tells which of them."""
    reason = f"the record does not name the {one.kind.name}"
    if not one.is_required:
        reason = _COMPANION_REASONS[one.kind.name]
    elif any(variable in way for way in found for variable in variables(one.kind.template)):
        reason += " in full"
    for arn in dict.fromkeys(filled(one.kind.template, way) for way in found):
        yield Resource(arn, reason if is_wide(arn) else "")


def _take_arns(types: Sequence[_Type], need: Need, request: Request, index: ActionIndex) -> None:
    """Give each type the ARNs that are of it: of the record, and of the request."""
    by_template = {one.kind.template: one for one in types}
    for path, arn in [*_by_exception(need, request)] or [*_asked(need, request, index)]:
        if template := closest(arn, by_template):
            one = by_template[template]
            one.asked.append(arn)
            own = (holders(one.kind, variable, index) for variable in variables(template))
            holds_names = any(path in paths for paths in own)
            is_the_called = path in ("", need.member) or bool(_FOR_ARNS.fullmatch(path))
            one.is_told = one.is_told or (is_the_called and not holds_names)
    if need.member and any(one.asked for one in types):
        return
    prefix = need.action.partition(":")[0]
    for text in request.arns:
        arn = whole(literal(text), prefix, request)
        if template := closest(arn, by_template):
            by_template[template].recorded.append(arn)


def _asked(need: Need, request: Request, index: ActionIndex) -> Iterator[tuple[str, str]]:
    """Each ARN in the request, with its member: whatever variable the member is for."""
    prefix = need.action.partition(":")[0]
    types = [resource_type.name for resource_type in index.resource_types(need.action)]
    slots = (index.members.get(need.action, {}), *tables(need.action, types))
    paths = dict.fromkeys(p for slot in slots for held in slot.values() for p in held)
    for path in (path for path in paths if path not in OF_OTHERS.get(need.action, ())):
        for text in texts(request.parameters, path):
            arn = whole(text, prefix, request)
            if arn.startswith("arn:"):
                yield path, arn


def _by_exception(need: Need, request: Request) -> Iterator[tuple[str, str]]:
    """What an exception says names the resource: S3's copy source, a KMS key."""
    place = request.place
    prefix = need.action.partition(":")[0]
    for raw in raw_texts(request.parameters, need.member) if need.member else ():
        text = whole(literal(raw), prefix, request)
        if text.startswith("arn:"):
            yield need.member, text
        elif need.member == "x-amz-copy-source":
            source = unquote(raw.partition("?")[0].lstrip("/"))
            yield "", f"arn:{place.partition}:s3:::{literal(source)}"
        elif prefix == "kms":
            yield "", f"arn:{place.partition}:kms:{place.region}:{place.account or ANY}:key/{text}"


def _is_companion(kind: Kind, request: Request) -> bool:
    when = _COMPANIONS.get(kind.action, {}).get(kind.name)
    return when is not None and holds(when, request.parameters)


def _is_meant(kind: Kind, request: Request) -> bool:
    """Whether a type that is an alternative to others is the one that the request means."""
    if kind.action in BY_TYPE:
        named = texts(request.parameters, "resourceType")
        return any(plain(kind.name).startswith(plain(text)) for text in named)
    if not kind.name.startswith("rule-on-"):
        return True
    bus = [name.rpartition("/")[2] for name in texts(request.parameters, "eventBusName")]
    is_default = bus in ([], ["default"])
    return is_default == (kind.name == "rule-on-default-event-bus")
