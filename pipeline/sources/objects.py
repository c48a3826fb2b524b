"""Many objects in little memory: a million of them would take 400 MiB, packed they take 50."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from isal import isal_zlib

from pipeline.sources.model import SourceObject

_PART = 1000
_PACK_LEVEL = 1
_COLUMNS = msgspec.msgpack.Decoder(tuple[list[str], list[int], list[str]])


class Objects:
    """Objects in the order in which they were added, packed a thousand at a time.

    size -- bytes of all of them, as stored.
    """

    def __init__(self, objects: Iterable[SourceObject] = ()) -> None:
        self.size = 0
        self._count = 0
        self._packed: list[bytes | list[SourceObject]] = []
        self._last: list[SourceObject] = []
        for item in objects:
            self.append(item)

    def append(self, item: SourceObject) -> None:
        """Add an object."""
        self.size += item.size
        self._count += 1
        self._last.append(item)
        if len(self._last) == _PART:
            self._packed.append(_packed(self._last))
            self._last = []

    def parts(self) -> Iterator[list[SourceObject]]:
        """All objects, some at a time."""
        for part in self._packed:
            yield part if isinstance(part, list) else _unpacked(part)
        if self._last:
            yield self._last

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def __iter__(self) -> Iterator[SourceObject]:
        """One after the other."""
        for part in self.parts():
            yield from part


def _packed(part: list[SourceObject]) -> bytes | list[SourceObject]:
    """Columns, compressed: neighbours have most of their names in common.

    Content that cannot be read twice (standard input) stays what it is.
    """
    if any(item.content is not None for item in part):
        return part
    columns = [item.uri for item in part], [i.size for i in part], [i.fingerprint for i in part]
    packed: bytes = isal_zlib.compress(msgspec.msgpack.encode(columns), _PACK_LEVEL)
    return packed


def _unpacked(part: bytes) -> list[SourceObject]:
    return list(map(SourceObject, *_COLUMNS.decode(isal_zlib.decompress(part))))
