"""Finds members of a call's request parameters, and says whether a condition on them holds.

CloudTrail writes request members in lowerCamelCase, S3's headers as they are, and wraps EC2's
lists as `{"items": […]}`. Names are compared without regard to case. least-privilege.md, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

Parameters = Mapping[str, object]

_EMPTY: tuple[object, ...] = (None, "", [], {})
_STATEMENTS = ("statement", "statements[].statement", "transactStatements[].statement")


def members(parameters: object, path: str) -> Iterator[object]:
    """The values at a path such as `targets[].roleArn`; a name may be a pattern (`x-amz-grant-*`).

    Lists are entered whether the path says `[]` or not, and so are EC2's `items`.
    """
    if isinstance(parameters, list):
        for item in parameters:
            yield from members(item, path)
        return
    if not path:
        if parameters not in _EMPTY:
            yield parameters
        return
    if not isinstance(parameters, Mapping):
        return
    if set(parameters) == {"items"}:
        yield from members(parameters["items"], path)
        return
    name, _, rest = path.partition(".")
    wanted = name.removesuffix("[]").lower()
    is_pattern = "*" in wanted
    for key, value in parameters.items():
        lower = str(key).lower()
        if lower == wanted or (is_pattern and fnmatchcase(lower, wanted)):
            yield from members(value, rest)


def texts(parameters: object, path: str) -> list[str]:
    """The texts at a path; of `{arn, name}` (EC2's instance profile) the ARN, else the name."""
    found = []
    for value in members(parameters, path):
        inner = value
        if isinstance(inner, Mapping):
            lower = {str(key).lower(): item for key, item in inner.items()}
            inner = lower.get("arn") or lower.get("name")
        if isinstance(inner, str) and inner:
            found.append(inner)
    return found


def holds(when: str, parameters: Parameters) -> bool:
    """Whether a condition of `data/exceptions.csv` holds: any of its parts, `|` between them.

    A path is there; `!path` is not there; `path=TEXT`: such a value is there (`*` is
    anything); `sql:VERB`: a PartiQL statement begins with the verb.
    """
    return not when or any(_holds(part, parameters) for part in when.split("|"))


def _holds(part: str, parameters: Parameters) -> bool:
    if part.startswith("!"):
        return not _holds(part[1:], parameters)
    if part.startswith("sql:"):
        verb = part[4:].lower()
        statements = (text for path in _STATEMENTS for text in texts(parameters, path))
        return any(statement.lstrip(" (\n\t").lower().startswith(verb) for statement in statements)
    if part == "copySourceVersion":
        return any("versionid=" in text.lower() for text in texts(parameters, "x-amz-copy-source"))
    path, _, pattern = part.partition("=")
    found = members(parameters, path)
    if not pattern:
        return next(found, None) is not None
    return any(fnmatchcase(str(value).lower(), pattern.lower()) for value in found)
