"""Read objects of S3 in ranges, for DuckDB (through fsspec) and for pyarrow."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from fsspec import AbstractFileSystem

from pipeline.lake import objects
from pipeline.sources.s3.names import SCHEME, split


class RangeFile(io.RawIOBase):
    """An object, read by ranges: what is not asked for is not fetched."""

    def __init__(self, uri: str) -> None:
        super().__init__()
        self.bucket, self.key = split(uri)
        self.size = objects.size(self.bucket, self.key)
        self.blksize = 1
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; nothing is fetched."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = base + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Fetch the next bytes in one request; all of the rest without a size."""
        left = self.size - self._at
        count = left if size is None or size < 0 else min(size, left)
        if count <= 0:
            return b""
        content = objects.get_range(self.bucket, self.key, self._at, count)
        self._at += len(content)
        return content

    def readall(self) -> bytes:
        """Fetch the rest."""
        return self.read()


class S3Files(AbstractFileSystem):  # type: ignore[misc]
    """What DuckDB asks of a file system, for `s3://`; it only reads."""

    protocol = "s3"
    cachable = False

    def _open(self, path: str, mode: str = "rb", **_: Any) -> RangeFile:
        if mode != "rb":
            raise PermissionError("a lake is only read here")
        return RangeFile(_uri(path))

    def glob(self, path: str, **_: Any) -> list[str]:
        """The path itself: files are named by the lake's log, never looked for."""
        return [path]

    def exists(self, path: str, **_: Any) -> bool:
        """The log says so."""
        return bool(path)

    def isfile(self, path: str) -> bool:
        """As `exists`."""
        return bool(path)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Name and size."""
        return {"name": path, "size": objects.size(*split(_uri(path))), "type": "file"}

    def modified(self, path: str) -> datetime:
        """The same moment for all: a file of the lake never changes."""
        del path
        return datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)

    created = modified


def _uri(path: str) -> str:
    return path if path.startswith(SCHEME) else f"{SCHEME}{path}"
