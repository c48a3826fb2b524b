"""The forms of ids on the command line: what cannot be one is an error, not an empty answer."""

from __future__ import annotations

import re

import typer

from pipeline.errors import UsageError

_FORMS = {
    "--account": (re.compile(r"\d{12}"), "an account id of twelve digits"),
    "--known-account": (re.compile(r"\d{12}"), "an account id of twelve digits"),
    "--region": (re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+"), "a region such as eu-west-1"),
    "--org-id": (re.compile(r"o-[a-z0-9]{10,32}"), "an organisation id such as o-a1b2c3d4e5"),
}


def checked(option: str, value: str) -> str:
    """The value of an option; UsageError where it has not the option's form."""
    form, words = _FORMS[option]
    if not form.fullmatch(value):
        raise UsageError(f"{option} {value!r} is not {words}.")
    return value


def filled(option: typer.CallbackParam, value: str | None) -> str | None:
    """The value of a filter; UsageError where it is empty.

    A shell variable without a value asks for nothing: neither for all nor for what has no name.
    """
    if value is not None and not value.strip():
        raise UsageError(f"{option.opts[0]} is empty; leave it out, and it asks for all.")
    return value
