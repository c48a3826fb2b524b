"""A limit of nesting that leaves room for those who read the text again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

HEADROOM = 40
"""Calls, of the interpreter's thousand, that a text which was accepted leaves free."""


def with_headroom(function: Callable[..., Result], *args: Any) -> Result:
    """Call a function that decodes JSON, with fewer calls in each other allowed than elsewhere.

    msgspec and `json` raise RecursionError where nesting reaches the interpreter's limit, counted
    from where they are called. What they accept here they accept anywhere further up.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit - HEADROOM)
    try:
        return function(*args)
    finally:
        sys.setrecursionlimit(limit)
