"""Find where a JSON value ends without decoding it.

Used only on content that a decoder refused: it counts brackets outside strings, so a value
that is wrong inside (a bad literal, too deep, a control character) costs only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
_SCALAR = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^\s,\]\[{}"]+', re.DOTALL)
_SPACE = re.compile(rb"\s*")
_OPEN = frozenset(b"{[")
_CLOSE = frozenset(b"}]")


def skip_space(data: bytes, position: int) -> int:
    """Position of the first byte that is no white space."""
    match = _SPACE.match(data, position)
    return match.end() if match else position


def end_of_value(data: bytes, position: int) -> int | None:
    """Position after the value that starts at `position`; None when it does not end."""
    if data[position] not in _OPEN:
        match = _SCALAR.match(data, position)
        return match.end() if match else None
    depth = 0
    for match in _TOKEN.finditer(data, position):
        byte = data[match.start()]
        if byte in _OPEN:
            depth += 1
        elif byte in _CLOSE:
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def members(data: bytes, name: str) -> Iterator[int]:
    """Positions of the values of the outermost object's members of a name.

    One as a rule, or none. A name that is there twice hides a value: decoding keeps the last.
    """
    wanted = f'"{name}"'.encode()
    left = data.count(wanted)
    depth = 0
    for match in _TOKEN.finditer(data) if left else ():
        byte = data[match.start()]
        if byte in _OPEN:
            depth += 1
        elif byte in _CLOSE:
            depth -= 1
            if depth == 0:
                return
        elif match.group() == wanted:
            colon = skip_space(data, match.end())
            if depth == 1 and data[colon : colon + 1] == b":":
                yield skip_space(data, colon + 1)
            left -= 1
            if not left:
                return


def lists(data: bytes, name: str) -> Iterator[int]:
    """Positions after the `[` of those members of a name that are lists."""
    for position in members(data, name):
        if data[position : position + 1] == b"[":
            yield position + 1


def all_lists(data: bytes, names: tuple[str, ...]) -> list[int]:
    """Positions after the `[` of the members of any of the names that are lists, in order."""
    return sorted(at for name in names for at in lists(data, name))
