"""ARN templates of IAM's resource types: whether an ARN fits one, and filling one in.

A template is `arn:${Partition}:s3:::${BucketName}/${ObjectName}` (service authorization reference).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_ANY = re.compile(r"[*?]")
_SIGNS = re.compile(r"[*?$]")
_LITERAL = re.compile(r"\$\{[*?$]\}")
_RECOVERED = r"((?!iam:|backup:[^:]*:[^:]*:backup-vault:)[^:]+?)"
"""`Vendor` in the ARNs of Backup's recovery points: of any service, but no role and no vault."""

PLACE = ("Partition", "Region", "Account")
"""Variables that the record tells, whatever the request says."""


@cache
def variables(template: str) -> tuple[str, ...]:
    """The template's own variables, without those of PLACE."""
    return tuple(v for v in _VARIABLE.findall(template) if v not in PLACE)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = _VARIABLE.split(template)
    last = len(parts) - 2
    text = ""
    for number, part in enumerate(parts):
        if number % 2 == 0:
            text += re.escape(part).replace(r"\*", ".*")  # of DMS: `cert:*`
        elif part in PLACE:
            text += "([^:]*)"
        elif part == "Vendor":
            text += _RECOVERED
        elif number == last and not parts[-1] and part != "BucketName":
            text += "(.+)"
        else:
            text += "([^:/]+)" if part == "BucketName" else "([^:]+?)"
    return re.compile(text)


def fits(arn: str, template: str) -> bool:
    """Whether an ARN is one of the template's; a wildcard in it stands for any text."""
    return _pattern(template).fullmatch(arn) is not None


def told(arn: str, template: str) -> dict[str, str]:
    """What an ARN of the template tells of its variables, PLACE among them; {} of another's ARN.

    >>> told("arn:aws:ecs:r:1:task/c/t", "arn:${Partition}:ecs:${Region}:${Account}:task/${C}/${T}")
    {'Partition': 'aws', 'Region': 'r', 'Account': '1', 'C': 'c', 'T': 't'}
    """
    match = _pattern(template).fullmatch(arn)
    return dict(zip(_VARIABLE.findall(template), match.groups(), strict=True)) if match else {}


def closest(arn: str, templates: Iterable[str]) -> str | None:
    """The template that an ARN is of; of several that it fits, the one with the most fixed text."""
    return max(
        (template for template in templates if fits(arn, template)),
        key=lambda template: len(_VARIABLE.sub("", template)),
        default=None,
    )


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with `values` in place of its variables; `*` where there is none."""
    return _VARIABLE.sub(lambda match: values.get(match.group(1), "*"), template)


def is_wide(arn: str) -> bool:
    """Whether an ARN holds a wildcard; `${*}` is an asterisk and none."""
    return _ANY.search(_LITERAL.sub("", arn)) is not None


def literal(text: str) -> str:
    """A text from a log as a policy has to write it: its `*`, `?` and `$` are no wildcards.

    Whoever makes a call chooses keys and names, so without this he would choose the policy too
    (IAM user guide, "Policy variables": `${*}`, `${?}`, `${$}`).
    """
    return _SIGNS.sub(lambda match: f"${{{match.group()}}}", text)
