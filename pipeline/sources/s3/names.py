"""`s3://bucket/key` taken apart and put together."""

from __future__ import annotations

from pipeline.errors import SourceError

SCHEME = "s3://"


def split(uri: str) -> tuple[str, str]:
    """Bucket and key (or prefix). Raises SourceError when there is no bucket."""
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    if not bucket:
        raise SourceError("Write s3://bucket or s3://bucket/prefix.", location=uri)
    return bucket, key


def joined(bucket: str, key: str) -> str:
    """The uri of a key."""
    return f"{SCHEME}{bucket}/{key}"
