"""The bytes of an object: held in memory, or, where they are many, put aside in a file.

A large object is copied whole, and found to be what was listed, before any of it is used. So one
that changes or breaks off while it is being read gives nothing, like a small one.
"""

from __future__ import annotations

import errno
import os
import weakref
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from tempfile import TemporaryFile
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

    def __init__(self, file: IO[bytes], parts: Iterable[bytes]) -> None:
        self.file = file
        weakref.finalize(self, _close, file)
        file.writelines(parts)
        self._size = file.tell()
        file.flush()

    def __len__(self) -> int:
        """How many bytes there are."""
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """Some of them."""
        start, end, _ = part.indices(self._size)
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

    Where no file can be made they are held in memory. Raises SourceError when the disk is full,
    and whatever the parts raise.
    """
    folder = None if "TMPDIR" in os.environ or not os.access(_ON_DISK, os.W_OK) else _ON_DISK
    try:
        file = TemporaryFile(dir=folder)  # noqa: SIM115 (closed with what is returned)
    except OSError:
        return b"".join(parts)
    try:
        return OnDisk(file, parts)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        message = "There is no room to put it aside: set TMPDIR to a folder with more."
        raise SourceError(message, location=uri) from error
