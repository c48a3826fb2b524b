"""What a request names: its members as ARNs of IAM's resource types.

least-privilege.md, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.arn import Arn
from pipeline.least_privilege.holders import EC2_IDS, HOLDERS
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.parameters import Parameters
from pipeline.least_privilege.parameters import texts as raw_texts
from pipeline.least_privilege.templates import filled, literal, variables


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call was made: partition, region and the account that owns the called resources.

    account -- "" where the record does not tell it.
    """

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


def built(
    action: str, resource_type: str, template: str, request: Request, index: ActionIndex
) -> Iterator[Resource]:
    """The type's ARNs as the request tells them; none where it does not name each variable."""
    prefix = action.partition(":")[0]
    own = variables(template)
    place = request.place.values()
    if prefix == "ec2" and len(own) == 1:
        for ec2_id in request.ids:
            if EC2_IDS.get(ec2_id.rpartition("-")[0]) == resource_type:
                yield Resource(filled(template, {**place, own[0]: ec2_id}))
        return
    chosen: dict[str, list[str]] = {}
    for variable in own:
        found = values(action, variable, request, index)
        if not found:
            break
        chosen[variable] = found
    if not chosen or (len(chosen) < len(own) and "StackName" not in chosen):
        return  # of a stack, the id behind its name may stay open
    for one in combined(chosen):
        yield from spelt(filled(template, {**place, **one}), prefix, resource_type)


def values(action: str, variable: str, request: Request, index: ActionIndex) -> list[str]:
    """What the request holds for a variable of an ARN template; [] where it does not tell."""
    parameters = request.parameters
    if request.is_folder and variable == "ObjectName":
        return [f"{literal(key.removesuffix('*'))}*" for key in raw_texts(parameters, "key")]
    prefix = action.partition(":")[0]
    known = HOLDERS.get(prefix, {})
    paths = (*known.get(variable, ()), *index.members.get(action, {}).get(variable, ()))
    if variable in known and not known[variable]:
        return []
    for path in dict.fromkeys(paths):
        found = [_bare(text, prefix, variable) for text in texts(parameters, path)]
        if any(found):
            return sorted({value for value in found if value})
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


def combined(chosen: Mapping[str, Iterable[str]]) -> Iterator[dict[str, str]]:
    """Every variable with its value; only one of them may have several."""
    names = list(chosen)
    several = [name for name in names if len(list(chosen[name])) > 1]
    single = {name: next(iter(chosen[name])) for name in names}
    if not several:
        yield single
        return
    for value in chosen[several[0]]:
        yield {**single, several[0]: value}


def spelt(arn: str, prefix: str, resource_type: str) -> Iterator[Resource]:
    """An ARN as a policy has to write it, where that differs from the template."""
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
