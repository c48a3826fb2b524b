"""Cut the objects to read into batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from pipeline import decoders
from pipeline.sources import Objects, SourceObject

BATCH_BYTES = 64 << 20
"""Expanded bytes of a batch, about: some 45,000 events."""

BATCH_OBJECTS = 2048

COMMIT_BATCHES = 4
"""Batches that are stored by one commit, which costs as much as reading some thousand events. A
crash costs no more than them: what was not committed is read again."""

_SMALL_BYTES = 24 << 20
_SMALL_OBJECTS = 400
_GZIP_RATIO = 8


def batches(objects: Iterable[SourceObject]) -> Iterator[tuple[SourceObject, ...]]:
    """Consecutive objects, about `BATCH_BYTES` each.

    Where a batch ends depends only on where it begins, so a run that continues after a crash
    cuts the rest as the undisturbed run would have.
    """
    batch: list[SourceObject] = []
    size = 0
    for item in objects:
        batch.append(item)
        size += _expanded(item)
        if size >= BATCH_BYTES or len(batch) >= BATCH_OBJECTS:
            yield tuple(batch)
            batch, size = [], 0
    if batch:
        yield tuple(batch)


def batch_id(objects: Sequence[SourceObject]) -> str:
    """The id of a batch: a hash of its objects' URIs and fingerprints, and of the decoders'
    version, for what an older one could not read is read again.
    """
    digest = hashlib.sha256(f"{decoders.VERSION}\0".encode())
    for item in objects:
        digest.update(f"{item.uri}\0{item.fingerprint}\0".encode())
    return digest.hexdigest()[:16]


def is_small(objects: Objects) -> bool:
    """Whether starting processes would take longer than the work."""
    return len(objects) <= _SMALL_OBJECTS and sum(map(_expanded, objects)) <= _SMALL_BYTES


def at_least(objects: Objects) -> int:
    """Batches that so many objects make at least, whatever their sizes."""
    return -(-len(objects) // BATCH_OBJECTS)


def _expanded(item: SourceObject) -> int:
    """A guess, for planning only: what an object is gets decided by its content."""
    return item.size * _GZIP_RATIO if item.uri.endswith(".gz") else item.size
