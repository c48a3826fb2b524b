"""Standard input as a source, written `-`."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from itertools import chain

from pipeline.errors import SourceError
from pipeline.sources import aside
from pipeline.sources.model import SourceObject

LOCATION = "-"

MAX_BYTES = 1 << 30
"""Most bytes that are taken: they are kept, for they cannot be read twice."""

_PART_BYTES = 4 << 20


def read_all() -> SourceObject:
    """Read standard input to its end; what is large is put aside in a temporary file.

    It is named after its content, so the same content is the same object.
    Raises SourceError when there is more than `MAX_BYTES`, none to read, or no place to keep it.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise SourceError("Standard input is closed: pipe something into it.", location=LOCATION)
    digest = hashlib.sha256()
    parts = _parts(digest)
    content: aside.Stored = next(parts, b"")
    if len(content) > aside.HELD_BYTES:
        content = aside.put_aside(chain([content[:]], parts), LOCATION)
    name = digest.hexdigest()
    return SourceObject(f"stdin:{name[:16]}", len(content), name, content)


def _parts(digest: hashlib._Hash) -> Iterator[bytes]:
    """What is piped, hashed on the way; the first part is all of it, where it may be held."""
    size, wanted = 0, aside.HELD_BYTES + 1
    while part := sys.stdin.buffer.read(wanted):
        size, wanted = size + len(part), _PART_BYTES
        if size > MAX_BYTES:
            message = f"Standard input is larger than {MAX_BYTES} bytes: write it to files."
            raise SourceError(message, location=LOCATION)
        digest.update(part)
        yield part
