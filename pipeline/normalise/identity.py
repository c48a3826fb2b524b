"""The columns that flatten `userIdentity` (semantics.md section 1.2).

The same few identities repeat over and over, so each distinct text is decoded once and its
columns are looked up by number.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from pipeline.normalise.times import parse_time
from pipeline.schema import ARROW_TYPES, EVENTS, Column

_PREFIX = "userIdentity."
COLUMNS: tuple[Column, ...] = tuple(c for c in EVENTS if c.raw.startswith(_PREFIX))
_TRUTH = {"true": True, "false": False}
_MAX_KNOWN = 20_000

Values = tuple[Any, ...]
_NOTHING: Values = (None,) * len(COLUMNS)

Tree = dict[str, "Tree | int"]
"""Names of members -> what lies below, or the position of the column that holds the value."""


def _tree() -> Tree:
    tree: Tree = {}
    for position, column in enumerate(COLUMNS):
        *above, last = column.raw.removeprefix(_PREFIX).split(".")
        node = tree
        for name in above:
            below = node.setdefault(name, {})
            assert isinstance(below, dict)
            node = below
        node[last] = position
    return tree


_TREE = _tree()


class Identities:
    """Flattens identity texts, remembering those it has seen (a bounded number)."""

    def __init__(self) -> None:
        self._known: dict[str, Values] = {}

    def columns(self, texts: pa.Array) -> dict[str, pa.Array]:
        """The identity columns of rows whose identity text is given, NULL where it has none.

        Text is dictionary-encoded, except in a column that is NULL in every row.
        texts -- JSON text, one value per row, dictionary-encoded where there is any.
        """
        if not pa.types.is_dictionary(texts.type):
            return {c.name: pa.nulls(len(texts), ARROW_TYPES[c.kind]) for c in COLUMNS}
        rows = [self._values(text) for text in texts.dictionary.to_pylist()]
        by_column = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
        flattened = {}
        for column, values in zip(COLUMNS, by_column, strict=True):
            distinct = pa.array(values, ARROW_TYPES[column.kind])
            if distinct.null_count == len(distinct):
                flattened[column.name] = pa.nulls(len(texts), distinct.type)
            elif column.kind == "text":
                encoded = distinct.dictionary_encode()
                flattened[column.name] = pa.DictionaryArray.from_arrays(
                    encoded.indices.take(texts.indices), encoded.dictionary
                )
            else:
                flattened[column.name] = distinct.take(texts.indices)
        return flattened

    def _values(self, text: str) -> Values:
        values = self._known.get(text)
        if values is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            values = self._known[text] = flatten(text)
        return values


def flatten(text: str) -> Values:
    """The values of `COLUMNS` for one identity text; all None when it is no object."""
    try:
        identity = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return _NOTHING
    values: list[Any] = [None] * len(COLUMNS)
    _fill(identity, _TREE, values)
    return tuple(values)


def _fill(value: Any, tree: Tree, values: list[Any]) -> None:
    """Put the leaves of an object into their places; what it lacks is not looked for below."""
    if not isinstance(value, dict):
        return
    for name, below in tree.items():
        found = value.get(name)
        if found is None:
            continue
        if isinstance(below, dict):
            _fill(found, below, values)
        else:
            values[below] = _convert(found, COLUMNS[below].kind)


def _convert(value: Any, kind: str) -> Any:
    if kind == "boolean":
        return value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    if kind == "timestamp":
        return parse_time(value) if isinstance(value, str) else None
    if isinstance(value, str):
        return value or None
    if value is None or isinstance(value, (dict, list)):
        return None
    return msgspec.json.encode(value).decode()
