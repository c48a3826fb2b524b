"""Where bytes come from. A source lists objects, and the bytes of one object can be read.

Nothing here looks into the bytes, and nothing is concluded from a path: accounts, regions
and dates come from the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.errors import SourceError
from pipeline.sources import local
from pipeline.sources.model import SourceObject, Unreadable

__all__ = ["SourceObject", "Unreadable", "find", "read"]


def find(
    locations: Iterable[str], *, exclude: frozenset[str] = frozenset()
) -> Iterator[SourceObject | Unreadable]:
    """List every object under the locations, each once, in a fixed order.

    locations -- paths of files or folders.
    exclude -- absolute paths of folders that are not entered (the lake itself).
    Raises SourceError when a location does not exist or is of an unknown kind.
    """
    local_paths = []
    for location in locations:
        if "://" in location:
            message = "Only paths of files and folders can be read."
            raise SourceError(message, location=location)
        local_paths.append(location)
    return local.find(local_paths, exclude)


def read(source_object: SourceObject) -> bytes:
    """Return the object's bytes as stored; raises SourceError when that is not possible."""
    return local.read(source_object)
