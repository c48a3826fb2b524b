"""Standard input as a source, written `-`."""

from __future__ import annotations

import hashlib
import sys

from pipeline.errors import SourceError
from pipeline.sources.model import SourceObject

LOCATION = "-"

MAX_BYTES = 1 << 30
"""Most bytes that are taken: they are held in memory, for they cannot be read twice."""


def read_all() -> SourceObject:
    """Read standard input to its end.

    It is named after its content, so the same content is the same object.
    Raises SourceError when there is more than `MAX_BYTES`, or none to read.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise SourceError("Standard input is closed: pipe something into it.", location=LOCATION)
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        message = f"Standard input is larger than {MAX_BYTES} bytes: write it to files."
        raise SourceError(message, location=LOCATION)
    digest = hashlib.sha256(content).hexdigest()
    return SourceObject(f"stdin:{digest[:16]}", len(content), digest, content)
