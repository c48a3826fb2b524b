"""The lake as a folder: its marker, its version, its locks."""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from pipeline.errors import LakeError
from pipeline.lake.durable import sync, writing
from pipeline.lake.lease import leased
from pipeline.lake.place import Place, S3Folder
from pipeline.schema import LAKE_VERSION

MARKER = "rolecall.json"
LOCK = "ingest.lock"
WORKERS_LOCK = "workers.lock"
LOCK_WAIT_SECONDS = 60.0
"""How long a second writer waits for the first before it gives up."""

_FORMAT = "rolecall-lake"
_TEMPORARY = ".tmp"
_PAUSE_SECONDS = 0.1


def check(folder: Place) -> None:
    """Raise LakeError unless the folder is a lake that this version understands."""
    where = folder.as_posix()
    if not (not folder.is_empty() if isinstance(folder, S3Folder) else folder.exists()):
        message = "There is no lake here. Make one with: rolecall ingest SOURCE --lake PATH"
        raise LakeError(message, location=where)
    try:
        marker = json.loads(_marker(folder))
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


def create(folder: Place) -> None:
    """Make the folder a lake, unless it is one. Only a missing or an empty folder is used."""
    where = folder.as_posix()
    if isinstance(folder, S3Folder):
        _create_in_s3(folder)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
        if MARKER in names:
            return
        if {name for name in names if not name.startswith(MARKER)} - {LOCK}:
            message = "This is neither a lake nor an empty folder. Choose another --lake."
            raise LakeError(message, location=where)
        write_atomically(
            folder / MARKER, json.dumps({"format": _FORMAT, "version": LAKE_VERSION}).encode()
        )
    except OSError as error:
        message = f"The lake cannot be made: {error.strerror}."
        raise LakeError(message, location=where) from error


def identity(folder: S3Folder) -> str:
    """The id of a lake in S3: another one made in its place later has another id."""
    return uuid.UUID(json.loads(_marker(folder))["id"]).hex


def _marker(folder: Place) -> bytes:
    if isinstance(folder, Path):
        return (folder / MARKER).read_bytes()
    found = (folder / MARKER).read()
    return found[0] if found else b""


def _create_in_s3(folder: S3Folder) -> None:
    if (folder / MARKER).read() is not None:
        return
    if not folder.is_empty():
        message = "This is neither a lake nor an empty prefix. Choose another --lake."
        raise LakeError(message, location=folder.as_posix())
    marker = {"format": _FORMAT, "version": LAKE_VERSION, "id": str(uuid.uuid4())}
    (folder / MARKER).put_if(json.dumps(marker).encode(), None)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a small file so that a reader, or a power loss, sees all of it or the one before.

    Each process writes beside it under a name of its own: two may make the same lake at once.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{_TEMPORARY}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)


@contextmanager
def lock(folder: Place) -> Iterator[bool]:
    """Hold the lake's writer lock; the system frees it however the process ends.

    In S3 it is a lease, see `lake.lease`; yields whether it was taken over from another run.

    Waits a little for another writer, and for the workers that a killed one left, to end.
    Raises LakeError when they do not.
    """
    if isinstance(folder, S3Folder):
        with leased(folder, LOCK) as is_taken_over:
            yield is_taken_over
        return
    patience = time.monotonic() + LOCK_WAIT_SECONDS
    with writing(folder):
        file = (folder / LOCK).open("a+")
        workers = (folder / WORKERS_LOCK).open("a")
    with file, workers:
        _wait_for(file, folder, patience)
        _wait_for(workers, folder, patience)
        fcntl.flock(workers, fcntl.LOCK_UN)
        with writing(folder):
            file.truncate(0)
            file.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}")
            file.flush()
        yield False


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Held by a worker process as long as it may write: the next writer waits for its end."""
    with (folder / WORKERS_LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def _wait_for(file: TextIOWrapper, folder: Path, patience: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= patience:
                holder = (folder / LOCK).read_text()
                message = (
                    f"Another rolecall is writing to the lake ({holder or 'a worker process'}). "
                    "Run again when it is done."
                )
                raise LakeError(message, location=folder.as_posix()) from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return
