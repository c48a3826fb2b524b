"""The lake as a folder: its marker, its version, its lock."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import LakeError
from pipeline.schema import LAKE_VERSION

MARKER = "rolecall.json"
LOCK = "ingest.lock"
_FORMAT = "rolecall-lake"
_TEMPORARY = ".tmp"


def check(folder: Path) -> None:
    """Raise LakeError unless the folder is a lake that this version understands."""
    where = folder.as_posix()
    if not folder.exists():
        message = "There is no lake here. Make one with: rolecall ingest SOURCE --lake PATH"
        raise LakeError(message, location=where)
    try:
        marker = json.loads((folder / MARKER).read_bytes())
        version = int(marker["version"]) if marker["format"] == _FORMAT else 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"This is not a lake of rolecall: it holds no readable {MARKER}."
        raise LakeError(message, location=where) from error
    if version > LAKE_VERSION:
        message = (
            f"The lake was written by a newer rolecall (lake version {version}, "
            f"this one reads up to {LAKE_VERSION}). Upgrade rolecall."
        )
        raise LakeError(message, location=where)
    if version < 1:
        message = f"This is not a lake of rolecall: {MARKER} says something else."
        raise LakeError(message, location=where)


def create(folder: Path) -> None:
    """Make the folder a lake, unless it is one. Only a missing or an empty folder is used."""
    where = folder.as_posix()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
        if MARKER in names:
            return
        if names - {MARKER + _TEMPORARY, LOCK}:
            message = "This is neither a lake nor an empty folder. Choose another --lake."
            raise LakeError(message, location=where)
        write_atomically(
            folder / MARKER, json.dumps({"format": _FORMAT, "version": LAKE_VERSION}).encode()
        )
    except OSError as error:
        message = f"The lake cannot be made: {error.strerror}."
        raise LakeError(message, location=where) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write a small file so that a reader sees all of it or the one before."""
    temporary = path.with_name(path.name + _TEMPORARY)
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the lake's writer lock; the system frees it however the process ends.

    Raises LakeError when another process holds it.
    """
    where = folder.as_posix()
    try:
        file = (folder / LOCK).open("w")
    except OSError as error:
        message = f"The lake cannot be written: {error.strerror}."
        raise LakeError(message, location=where) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "Another rolecall is writing to the lake. Run again when it is done."
            raise LakeError(message, location=where) from error
        yield
