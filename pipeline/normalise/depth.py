"""A limit of nesting that leaves room for those who read the text again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

HEADROOM = 40
"""Calls, of the interpreter's thousand, that a text which was accepted leaves free."""


def with_headroom(function: Callable[..., Result], *args: Any) -> Result:
    """Call a function that decodes JSON from deep in the stack.

    msgspec and `json` raise RecursionError where nesting reaches the interpreter's limit, counted
    from where they are called. What they accept down here they accept anywhere further up.
    """
    return _deeper(HEADROOM, function, args)


def _deeper(calls: int, function: Callable[..., Result], args: tuple[Any, ...]) -> Result:
    return _deeper(calls - 1, function, args) if calls else function(*args)
