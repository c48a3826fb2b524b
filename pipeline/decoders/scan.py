"""Find where a JSON value ends without decoding it.

Used only on content that a decoder refused: it counts brackets outside strings, so a value
that is wrong inside (a bad literal, too deep, a control character) costs only itself.
"""

from __future__ import annotations

import re

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


def member(data: bytes, name: bytes) -> int | None:
    """Position of the value of a member of the outermost object; None when it has none."""
    wanted = b'"' + name + b'"'
    depth = 0
    for match in _TOKEN.finditer(data):
        byte = data[match.start()]
        if byte in _OPEN:
            depth += 1
        elif byte in _CLOSE:
            depth -= 1
            if depth == 0:
                return None
        elif depth == 1 and match.group() == wanted:
            colon = skip_space(data, match.end())
            if data[colon : colon + 1] == b":":
                return skip_space(data, colon + 1)
    return None
