"""The resources that an action was used on, as ARNs that a policy can name.

From the record's `resources` where they fit the action's types, else from ARNs in the request,
else the types' templates filled from the request; the owner is the recipient account, as the
called service is there. What the record does not tell is `*`, with the reason: nothing is widened
silently. least-privilege.md, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from pipeline.arn import Arn
from pipeline.least_privilege.actions import Need
from pipeline.least_privilege.holders import EC2_IDS, HOLDERS
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.parameters import Parameters
from pipeline.least_privilege.parameters import texts as raw_texts
from pipeline.least_privilege.templates import filled, fits, is_wide, literal, variables

ANY = "*"

NO_TYPE = "the action works on no single resource"
"""The one reason for `*` that widens nothing: IAM takes no other resource for such an action."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call was made: partition, region and the account that owns the called resources."""

    partition: str
    region: str
    account: str

    def values(self) -> dict[str, str]:
        """As values of a template; what is not known is left out."""
        named = {"Partition": self.partition, "Region": self.region, "Account": self.account}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Request:
    """What the record of a call says about the resources.

    parameters -- of the request, as far as they matter.
    arns -- of the record's `resources`. ids -- EC2 ids anywhere in the request.
    is_folder -- whether the object key stands for many, and its last `*` is ours.
    """

    place: Place
    parameters: Parameters
    arns: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """One ARN (or `*`), and, where it holds a wildcard that the call did not need, why."""

    arn: str
    reason: str = ""


def resources_of(
    need: Need, request: Request, index: ActionIndex | None = None
) -> tuple[Resource, ...]:
    """The resources of one action of a call, sorted; never empty."""
    found = tuple(dict.fromkeys(_found(need, request, index or ActionIndex.packaged())))
    return tuple(sorted(found, key=lambda resource: resource.arn))


def _found(need: Need, request: Request, index: ActionIndex) -> Iterator[Resource]:
    if need.resource:
        yield Resource(ANY if need.resource == ANY else literal(need.resource))
    elif need.action == "iam:PassRole":
        yield from _role(need, request)
    elif need.member.startswith("path:"):
        yield Resource(_api_gateway(need.member.removeprefix("path:"), request))
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
        built = [] if name in covered else list(_built(need.action, name, template, request, index))
        if built:
            covered.add(name)
            yield from built
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
            yield f"arn:{place.partition}:kms:{place.region}:{place.account}:key/{text}"


def _built(
    action: str, resource_type: str, template: str, request: Request, index: ActionIndex
) -> Iterator[Resource]:
    """The type's ARNs as the request tells them; none where it does not name each variable."""
    prefix = action.partition(":")[0]
    own = variables(template)
    place = request.place.values()
    if prefix == "ec2" and len(own) == 1:
        for found in request.ids:
            if EC2_IDS.get(found.rpartition("-")[0]) == resource_type:
                yield Resource(filled(template, {**place, own[0]: found}))
        return
    chosen: dict[str, list[str]] = {}
    for variable in own:
        values = _values(action, variable, request, index)
        if not values:
            break
        chosen[variable] = values
    if not chosen or (len(chosen) < len(own) and "StackName" not in chosen):
        return  # of a stack, the id behind its name may stay open
    for values_of_one in _combined(chosen):
        yield from _spelt(filled(template, {**place, **values_of_one}), prefix, resource_type)


def _values(action: str, variable: str, request: Request, index: ActionIndex) -> list[str]:
    parameters = request.parameters
    if request.is_folder and variable == "ObjectName":
        return [f"{literal(key.removesuffix('*'))}*" for key in raw_texts(parameters, "key")]
    prefix = action.partition(":")[0]
    known = HOLDERS.get(prefix, {})
    paths = (*known.get(variable, ()), *index.members.get(action, {}).get(variable, ()))
    if variable in known and not known[variable]:
        return []
    for path in dict.fromkeys(paths):
        values = [_bare(text, prefix, variable) for text in texts(parameters, path)]
        if any(values):
            return sorted({value for value in values if value})
    return []


def _bare(text: str, prefix: str, variable: str) -> str:
    """A name as the template wants it; "" where the text names something else."""
    if variable in ("QueueName", "Id") and "/" in text:
        return text.rstrip("/").rpartition("/")[2]  # of a queue's URL, of /hostedzone/Z1
    if variable == "ParameterNameWithoutLeadingSlash":
        return text.removeprefix("/")
    if prefix == "lambda" and variable == "FunctionName":
        # A name, a part of an ARN or a whole one, each perhaps with a qualifier.
        parts = text.split(":")
        start = parts.index("function") + 1 if "function" in parts else 0
        return parts[start] if start < len(parts) else ""
    if prefix == "kms" and text.startswith("alias/"):
        return ""
    arn = Arn.parse(text)
    return text if arn is None else arn.resource.partition("/")[2] or arn.name.rpartition(":")[2]


def texts(parameters: Parameters, path: str) -> list[str]:
    """The texts at a path, none of whose signs is a wildcard."""
    return [literal(text) for text in raw_texts(parameters, path)]


def _combined(chosen: Mapping[str, Iterable[str]]) -> Iterator[dict[str, str]]:
    """Every variable with its value; only one of them may have several."""
    names = list(chosen)
    several = [name for name in names if len(list(chosen[name])) > 1]
    single = {name: next(iter(chosen[name])) for name in names}
    if not several:
        yield single
        return
    for value in chosen[several[0]]:
        yield {**single, several[0]: value}


def _spelt(arn: str, prefix: str, resource_type: str) -> Iterator[Resource]:
    """As a policy has to write it where that differs from the template."""
    if prefix == "secretsmanager" and not re.search(r"-[A-Za-z0-9]{6}$", arn):
        yield Resource(f"{arn}-??????")  # the six characters that Secrets Manager adds
    elif prefix == "logs" and resource_type == "log-group":
        yield from (Resource(arn), Resource(f"{arn}:*"))
    elif prefix == "iam" and arn.count("/") == 1:
        # The request has the name without the path.
        stem, _, name = arn.rpartition("/")
        yield from (Resource(arn), Resource(f"{stem}/*/{name}"))
    else:
        yield Resource(arn)


def _stable(arn: str, prefix: str) -> str:
    """Without what changes from call to call: the qualifier of a function."""
    if prefix == "lambda":
        parts = arn.split(":")
        if len(parts) == 8 and parts[5] == "function":
            return ":".join(parts[:7]) + ":*"
    return arn
