"""Records of some objects, transposed, waiting to become a table."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from msgspec.structs import astuple

from pipeline.normalise.read import Content
from pipeline.normalise.shape import TOP_LEVEL, RecordShape
from pipeline.normalise.tolerant import Extras

_KNOWN = len(TOP_LEVEL)


class Chunk:
    """Records of one Struct type, column by column.

    shape -- gives the type; kept as it was when the chunk began.
    rows -- number of records; size -- bytes that they were decoded from.
    times -- their event times, in parts.
    extras -- row -> what no column can give back as written.
    sources -- (uri, number of records) in the order of the records.
    """

    def __init__(self, shape: RecordShape) -> None:
        self.rows = self.size = 0
        self.times: list[pa.Array] = []
        self.extras: dict[int, Extras] = {}
        self.sources: list[tuple[str, int]] = []
        self._type = shape.record_type
        self._learned = shape.learned
        self._columns: list[list[Any]] = [[] for _ in range(_KNOWN + len(shape.learned))]

    def takes(self, content: Content) -> bool:
        """Whether the content's records are of this chunk's type."""
        return content.record_type is self._type

    def add(self, uri: str, content: Content) -> None:
        """Append the records of an object.

        They are transposed at once: a thousand records fit the processor's cache.
        """
        for position, extras in content.extras.items():
            self.extras[self.rows + position] = extras
        if content.records:
            transposed = zip(*map(astuple, content.records), strict=True)
            for column, values in zip(self._columns, transposed, strict=True):
                column.extend(values)
        self.times.append(content.times)
        self.sources.append((uri, len(content.records)))
        self.rows += len(content.records)
        self.size += content.size

    def values(self) -> dict[str, list[Any]]:
        """The values by column name."""
        known = zip(TOP_LEVEL, self._columns, strict=False)
        return {column.name: values for column, values in known}

    def learned(self) -> dict[str, list[Any]]:
        """The values of the learned fields, by raw name."""
        return dict(zip(self._learned, self._columns[_KNOWN:], strict=True))
