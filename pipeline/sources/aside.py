"""The bytes of an object: held in memory, or, where they are many, put aside in a file.

A large object is copied whole, and found to be what was listed, before any of it is used. So one
that changes or breaks off while it is being read gives nothing, like a small one.
"""

from __future__ import annotations

import errno
import os
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from tempfile import TemporaryFile, gettempdir
from typing import IO, Protocol

from pipeline.errors import SourceError

HELD_BYTES = 32 << 20
"""Objects of more bytes are put aside."""

_ON_DISK = "/var/tmp"
"""Where /tmp is memory, this is none."""


class Stored(Protocol):
    """The bytes of an object, as stored; a slice of them is bytes."""

    def __len__(self) -> int:
        """How many bytes there are."""
        ...

    def __getitem__(self, part: slice, /) -> bytes:
        """Some of them, one after the other (a step of 1)."""
        ...


class OnDisk:
    """Bytes in a file without a name, which is closed and gone with this object."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        weakref.finalize(self, _close, file)

    def __len__(self) -> int:
        """How many bytes there are."""
        return self.file.seek(0, os.SEEK_END)

    def __getitem__(self, part: slice) -> bytes:
        """Some of them."""
        start, end, _ = part.indices(len(self))
        self.file.seek(start)
        return self.file.read(max(end - start, 0))


def as_file(stored: Stored) -> IO[bytes]:
    """The bytes as a file, to be read at any place."""
    return stored.file if isinstance(stored, OnDisk) else BytesIO(stored[:])


def _close(file: IO[bytes]) -> None:
    """Close a file whose last bytes may have found no room, which was told before."""
    with suppress(OSError):
        file.close()


def put_aside(parts: Iterable[bytes], uri: str) -> Stored:
    """Keep the parts, one after the other, in a file (in TMPDIR, where that is set).

    Raises SourceError, which names the folder, when they cannot be kept there, and whatever the
    parts raise.
    """
    folder = _folder(uri)
    with _kept_in(folder, uri):
        file = TemporaryFile(dir=folder)  # noqa: SIM115 (closed with what is returned)
    stored = OnDisk(file)
    for part in parts:
        with _kept_in(folder, uri):
            file.write(part)
    with _kept_in(folder, uri):
        file.flush()
    return stored


def _folder(uri: str) -> str:
    if "TMPDIR" not in os.environ and os.access(_ON_DISK, os.W_OK):
        return _ON_DISK
    try:
        return gettempdir()
    except FileNotFoundError as error:
        message = "There is no folder for temporary files to put it aside: set TMPDIR to one."
        raise SourceError(message, location=uri) from error


@contextmanager
def _kept_in(folder: str, uri: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"It cannot be put aside in {folder} ({reason}): set TMPDIR to another folder"
        more = " with more room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise SourceError(f"{message}{more}.", location=uri) from error
