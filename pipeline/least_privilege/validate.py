"""Checks a policy before anybody sees it: known actions, ARNs that fit them, size, characters.

least-privilege.md, sections 4 and 5; IAM user guide, reference_iam-quotas.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.least_privilege.evaluate import Statement, listed, statements_of
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.policy import MANAGED, Document, compact
from pipeline.least_privilege.resources import ANY
from pipeline.least_privilege.templates import fits, is_wide

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "*")


def faults(
    document: Document, *, limit: int = MANAGED, index: ActionIndex | None = None
) -> Iterator[str]:
    """What is wrong with a policy document, in words; nothing where it is right."""
    index = index or ActionIndex.packaged()
    size = len(compact(document))
    if size > limit:
        yield f"{size} characters, IAM takes {limit}"
    if not compact(document).isascii():
        yield "a character outside of what IAM takes"
    for statement in statements_of([document]):
        yield from _statement(statement, index)


def _statement(statement: Statement, index: ActionIndex) -> Iterator[str]:
    actions = listed(statement.get("Action"))
    resources = listed(statement.get("Resource"))
    if not actions or not resources:
        yield "a statement without action or resource"
    for action in actions:
        prefix, _, name = action.partition(":")
        if "*" in action or "?" in action:
            yield f"{action}: a wildcard among actions"
        elif index.spelt(prefix, name) != action:
            yield f"{action}: no such action in the list of {index.date}"
        else:
            for resource in resources:
                if not _fits(action, resource, index):
                    yield f"{action}: {resource} is none of the action's resource types"


def _fits(action: str, resource: str, index: ActionIndex) -> bool:
    if resource == ANY:
        return True
    parts = resource.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[1] not in PARTITIONS:
        return False
    if action.startswith("apigateway:"):
        return parts[2] == "apigateway"
    templates = [template for _, template in index.templates(action)]
    return any(fits(resource, template) for template in templates) or (
        is_wide(resource) and any(_begins(resource, template) for template in templates)
    )


def _begins(resource: str, template: str) -> bool:
    """Whether a pattern begins as a template does: the same service, and its fixed beginning."""
    stem = resource.split("*", maxsplit=1)[0].split("?", maxsplit=1)[0].split(":", 5)
    wanted = template.split(":", 5)
    if len(stem) < 6:
        return stem[2:3] == wanted[2:3]
    fixed = wanted[5].split("${")[0]
    return stem[2] == wanted[2] and (stem[5].startswith(fixed) or fixed.startswith(stem[5]))
