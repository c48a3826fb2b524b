"""The page that a report for people is laid out on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Width in terminal cells, and whether colours may be used."""

    width: int = 120
    colour: bool = False
