"""Where a lake lies: a local folder (`pathlib.Path`) or a prefix of a bucket (`S3Folder`).

`S3Folder` has the few methods of a path that the lake uses, so that tables, batches and models
do not ask which of the two they have. In S3 a PUT is whole or not there: nothing has to be forced
to a disk or mended. Credentials, region and endpoint are those of the AWS configuration
(AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL …).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import LakeError, SourceError, UsageError
from pipeline.sources.s3.names import SCHEME, joined, split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_PREFIX = re.compile(r"[A-Za-z0-9._/-]+")
_PERCENT_CODE = re.compile("%[0-9A-Fa-f]{2}")
"""delta-rs decodes it when it reads, not when it writes."""


@dataclass(slots=True)
class Writer:
    """The run that writes to a lake in S3.

    token -- is in the name of every file that the run writes, so that a worker of a killed run
        that is still writing cannot replace a file of the next run.
    lock -- key of the lock object, while the run holds it; see `lake.lease`.
    lost -- why the lake is no longer this run's to write to; empty while it is.
    """

    token: str = ""
    lock: str = ""
    lost: str = ""


@dataclass(frozen=True, slots=True)
class S3Folder:
    """A folder in a bucket, or an object in it. May be handed to another process.

    bucket -- its name.
    key -- without a slash at either end.
    writer -- shared by all that is reached from the lake's folder.
    """

    bucket: str
    key: str
    writer: Writer = field(default_factory=Writer, compare=False)

    def __truediv__(self, name: str) -> S3Folder:
        return S3Folder(self.bucket, f"{self.key}/{name}", self.writer)

    def __str__(self) -> str:
        return joined(self.bucket, self.key)

    def as_posix(self) -> str:
        """`s3://bucket/key`."""
        return str(self)

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    def is_lost(self) -> bool:
        """Whether the lake is no longer this run's to write to: asks the lock itself.

        Always False where no lock was taken. Raises LakeError.
        """
        writer = self.writer
        if writer.lock and not writer.lost:
            found = _objects().get(self.bucket, writer.lock)
            if found is None or writer.token.encode() not in found[0]:
                writer.lost = "another run took it over"
        return bool(writer.lost)

    def read(self) -> tuple[bytes, str] | None:
        """Content and ETag of the object; None where there is none. Raises LakeError."""
        found: tuple[bytes, str] | None = _objects().get(self.bucket, self.key)
        return found

    def put(self, content: bytes) -> None:
        """Write the object. Raises LakeError."""
        _objects().put(self.bucket, self.key, content)

    def put_if(self, content: bytes, etag: str | None) -> str | None:
        """Write the object if it has this ETag, or, with None, if it is not there.

        Returns the new ETag; None when another was first. Raises LakeError.
        """
        new: str | None = _objects().put_if(self.bucket, self.key, content, etag)
        return new

    def delete_if(self, etag: str) -> None:
        """Delete the object if it has this ETag still; who comes too late is not told."""
        _objects().delete_if(self.bucket, self.key, etag)

    def is_empty(self) -> bool:
        """Whether nothing lies below. Raises LakeError."""
        return bool(_objects().is_empty(self.bucket, f"{self.key}/"))

    def sizes(self) -> dict[str, int]:
        """All keys below the folder, relative to it, in order, with their bytes.

        Raises LakeError.
        """
        start = f"{self.key}/"
        found: dict[str, int] = _objects().sizes(self.bucket, start)
        return {key.removeprefix(start): size for key, size in found.items()}

    def folders(self) -> list[S3Folder]:
        """The folders directly below, in order. Raises LakeError."""
        start = f"{self.key}/"
        found: list[str] = _objects().folders(self.bucket, start)
        return [self / key[len(start) : -1] for key in found]

    def download(self, target: Path) -> None:
        """Write the content of the object to a file. Raises LakeError."""
        _objects().download(self.bucket, self.key, target)

    def upload(self, source: Path) -> None:
        """Write the object with the content of a file. Raises LakeError."""
        _objects().upload(self.bucket, self.key, source)

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects below the folder. Raises LakeError."""
        _objects().delete(self.bucket, [f"{self.key}/{name}" for name in names])


Place = Path | S3Folder


def place_of(location: str) -> Place:
    """The place that a person named. Raises LakeError for one that cannot be a lake, UsageError
    for an empty one: it would be the folder that the process happens to be in.
    """
    if not location.strip():
        raise UsageError("The location of the lake is empty; give --lake PATH or ROLECALL_LAKE.")
    if not location.startswith(SCHEME):
        if "://" in location:
            message = "A lake is a folder or s3://bucket/prefix."
            raise LakeError(message, location=location)
        if _PERCENT_CODE.search(str(Path(location).absolute())):
            message = "The path of a lake cannot hold a % code such as %20."
            raise LakeError(message, location=location)
        return Path(location).expanduser().absolute()
    try:
        bucket, key = split(location)
    except SourceError as error:
        raise LakeError(error.message, location=location) from error
    key = key.strip("/")
    if not _PREFIX.fullmatch(key) or "//" in key:
        message = (
            "A lake in S3 needs a prefix of its own, s3://bucket/prefix, of letters, digits, "
            "dots, dashes and underscores."
        )
        raise LakeError(message, location=location)
    return S3Folder(bucket, key)


def storage_options(place: Place) -> dict[str, str] | None:
    """How delta-rs and Polars reach a place; None for a local folder.

    The credentials are those of this moment, so ask again for each use.
    """
    return None if isinstance(place, Path) else _objects().options(str(place))


def _objects() -> ModuleType:
    """Loaded for lakes in S3 only: boto3 costs a third of a second."""
    from pipeline.lake import objects  # noqa: PLC0415

    return objects
