"""What a source hands out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One file or object.

    uri -- absolute path (posix) of a local file; resolved, so that a file has one uri.
    size -- bytes as stored.
    fingerprint -- changes when the content does: `size-mtime_ns` of a local file.
    """

    uri: str
    size: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was listed but cannot be read; it is tried again by the next run."""

    uri: str
    reason: str
