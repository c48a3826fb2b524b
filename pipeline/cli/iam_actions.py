"""The command `iam-actions`."""

from __future__ import annotations

import json
from typing import Annotated, cast

import typer

from pipeline.cli.output import say
from pipeline.errors import RolecallError, UsageError
from pipeline.least_privilege import Call, actions_of
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.parameters import Parameters

FORMATS = ("text", "json")


def iam_actions_command(
    event_source: Annotated[
        str, typer.Argument(help="s3.amazonaws.com, or s3.", metavar="EVENT_SOURCE")
    ],
    event_name: Annotated[
        str, typer.Argument(help="As CloudTrail writes it.", metavar="EVENT_NAME")
    ],
    parameters: Annotated[
        str | None,
        typer.Option(
            "--parameters",
            help="The record's requestParameters, as JSON: then exactly what that call needed.",
            metavar="JSON",
        ),
    ] = None,
    format_name: Annotated[
        str,
        typer.Option("--format", help="text (one a line) or json (a list).", metavar="FORMAT"),
    ] = "text",
) -> None:
    """The IAM actions that a call needs, one a line; what it may need beside them on stderr.

    Exit code 1 and `unmapped` where it is not known: an action is never guessed.
    """
    if format_name not in FORMATS:
        raise UsageError(f"--format {format_name!r} is not known here; valid: {', '.join(FORMATS)}")
    index = ActionIndex.packaged()
    needs = actions_of(Call(event_source, event_name, _parsed(parameters)), index)
    if needs.verdict == "unmapped":
        raise RolecallError(f"unmapped: {needs.reason}")
    actions = list(dict.fromkeys(need.action for need in needs.needed))
    if format_name == "json":
        typer.echo(json.dumps(actions))
    for action in actions if format_name == "text" else ():
        typer.echo(action)
    if needs.verdict == "no-permission":
        say(f"note: {needs.reason}")
    for need in needs.possible:
        say(f"note: also {need.action}, where the request has {_in_words(need.when)}")


def _in_words(when: str) -> str:
    words = when.replace("copySourceVersion", "a versionId in x-amz-copy-source")
    return words.replace("[]", "").replace("|", " or ")


def _parsed(text: str | None) -> Parameters | None:
    if text is None:
        return None
    try:
        parameters = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--parameters is not JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise UsageError("--parameters must be a JSON object, as requestParameters is")
    return cast("Parameters", parameters)
