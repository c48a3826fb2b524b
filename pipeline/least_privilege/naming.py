"""Requests, the resources that they name, and how a policy has to write these.

least-privilege.md, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.least_privilege.parameters import Parameters
from pipeline.least_privilege.parameters import texts as raw_texts
from pipeline.least_privilege.templates import literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call was made: partition, region and the account that owns the called resources.

    account -- "" where the record does not tell it. caller -- ARN of the IAM user who called; "" of
    anybody else.
    """

    partition: str
    region: str
    account: str
    caller: str = ""

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


def texts(parameters: Parameters, path: str) -> list[str]:
    """The texts at a path, or at several joined by `&`; none of their signs is a wildcard."""
    return [literal(text) for one in path.split("&") for text in raw_texts(parameters, one)]


_QUEUE_URL = re.compile(r"https?://([^/]+)/([0-9]{12})/([^/]+)/?")
_REGION = re.compile(r"(?:^|\.)((?:[a-z]+-){2,3}[0-9])\.")


def whole(text: str, prefix: str, request: Request) -> str:
    """A text that is an ARN but for its looks, as the ARN; any other as it is.

    A queue's URL, a function with its account, an alias of a key; an ARN without what is no part
    of it for IAM: the version of a parameter, the `:*` of a log group.
    """
    place = request.place
    start = f"arn:{place.partition}:{prefix}"
    own = f"{start}:{place.region}:{place.account or '*'}"
    if prefix == "sqs" and (url := _QUEUE_URL.fullmatch(text)):
        host, account, name = url.groups()
        region = _REGION.search(host)
        return f"{start}:{region.group(1) if region else place.region}:{account}:{name}"
    if prefix == "kms" and text.startswith("alias/"):
        return f"{own}:{text}"
    if prefix == "lambda":
        return _function(text, start, request)
    if prefix == "logs" and text.startswith("arn:"):
        return text.removesuffix(":${*}")
    if prefix == "ssm" and ":parameter/" in text:
        return ":".join(text.split(":")[:6])
    return text


def _function(text: str, start: str, request: Request) -> str:
    """A function, with the qualifier that the request has beside it."""
    if re.match(r"[0-9]{12}:function:", text):
        text = f"{start}:{request.place.region}:{text}"
    name = text.partition(":function:")[2] if text.startswith("arn:") else text
    qualifiers = texts(request.parameters, "qualifier")
    return f"{text}:{qualifiers[0]}" if qualifiers and name and ":" not in name else text


def spelt(
    arn: str, prefix: str, resource_type: str, *, is_given: bool = False
) -> Iterator[Resource]:
    """An ARN as a policy has to write it, where that differs from the template.

    is_given -- whether the log has the ARN itself, and not only the name in it.
    """
    if prefix == "secretsmanager" and not (is_given and re.search(r"-[A-Za-z0-9]{6}$", arn)):
        yield Resource(f"{arn}-??????")  # the six characters that Secrets Manager adds
    elif prefix == "logs" and resource_type == "log-group":
        yield from (Resource(arn), Resource(f"{arn}:*"))
    elif prefix == "iam" and arn.count("/") == 1 and not is_given:
        # The request has the name without the path.
        stem, _, name = arn.rpartition("/")
        yield from (Resource(arn), Resource(f"{stem}/*/{name}"))
    elif prefix == "lambda" and resource_type == "function" and arn.count(":") == 7:
        # Which of the two IAM is asked for depends on the action.
        yield from (Resource(arn.rpartition(":")[0]), Resource(arn))
    else:
        yield Resource(arn)
