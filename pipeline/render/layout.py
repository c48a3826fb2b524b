"""Cells, widths and wrapping in terminal columns (a wide character takes two)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, chop_cells
from rich.color import ColorSystem
from rich.style import Style

LEAST_BESIDE_BRANCH = 12
"""Cells that a tree's branch leaves to the text beside it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, already safe to show, with the rich style it is drawn in."""

    text: str
    style: str = ""
    right: bool = False
    branch: str = ""

    def lines(self, width: int) -> list[str]:
        """The text in lines of at most `width` cells.

        branch -- what a tree draws before the text: wrapped lines go on below it. Where it would
        leave too little for the text, only its end is drawn.
        """
        if not self.branch or cell_len(self.branch + self.text) <= width:
            return wrap(self.branch + self.text, width)
        branch = self.branch
        if cell_len(branch) + LEAST_BESIDE_BRANCH > width:
            branch = branch.lstrip(" │")
        below = "".join("│" if sign in "│├" else " " for sign in branch)
        texts = wrap(self.text, max(width - cell_len(branch), 1))
        return [f"{below if n else branch}{text}" for n, text in enumerate(texts)]


Line = tuple[Cell, ...]
"""What stands side by side on a line."""


def drawn(line: Line, *, colour: bool) -> str:
    """The line as text, with ANSI colours if wanted and no blanks at its end."""
    plain = "".join(cell.text for cell in line).rstrip()
    if not colour:
        return plain
    left = len(plain)
    parts = []
    for cell in line:
        text = cell.text[:left]
        left -= len(text)
        parts.append(_style(cell.style).render(text, color_system=ColorSystem.STANDARD))
    return "".join(parts)


@lru_cache
def _style(name: str) -> Style:
    return Style.parse(name)


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken at spaces (before an arrow, not after).

    A word longer than a line is cut. Gives one line, perhaps empty, at least.
    """
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        joined = f"{line} {piece}" if line else piece
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(piece, width) or [""]
        lines += full
    return [*lines, line]


def _pieces(text: str) -> list[str]:
    """Words; an arrow stays with what follows it, and a count (`×3`) with what it counts."""
    pieces: list[str] = []
    for word in text.split():
        if pieces and (pieces[-1] == "→" or word.startswith(("×", "(denied)"))):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text filled up to `width` cells with spaces, on the left when `right`."""
    blank = " " * max(width - cell_len(text), 0)
    return blank + text if right else text + blank


def fit(natural: Sequence[int], least: Sequence[int], available: int) -> list[int] | None:
    """Column widths that sum to at most `available`: the widest give way first.

    natural -- the width each column would like; least -- the width it cannot go below.
    None where even the least widths do not fit.
    """
    floors = [min(a, b) for a, b in zip(natural, least, strict=True)]
    if sum(floors) > available:
        return None
    widths = list(natural)
    excess = sum(widths) - available
    while excess > 0:
        open_columns = [i for i, width in enumerate(widths) if width > floors[i]]
        widest = max(widths[i] for i in open_columns)
        top = [i for i in open_columns if widths[i] == widest]
        below = [widths[i] for i in open_columns if widths[i] < widest]
        goal = max([*below, *(floors[i] for i in top), widest - -(-excess // len(top))])
        for i in top:
            step = min(widest - goal, excess)
            widths[i] -= step
            excess -= step
    return widths
