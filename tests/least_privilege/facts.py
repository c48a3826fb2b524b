"""Actions of a call, by name."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.least_privilege import Call, actions_of


def needed(source: str, name: str, parameters: Mapping[str, object] | None = None) -> list[str]:
    """The actions that the call needed."""
    return [need.action for need in actions_of(Call(source, name, parameters)).needed]


def possible(source: str, name: str) -> list[str]:
    """The actions that it may need, without its parameters."""
    return [need.action for need in actions_of(Call(source, name)).possible]
