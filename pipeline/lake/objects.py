"""Requests for the objects of a lake in S3, and its credentials; loads boto3.

Each raises LakeError, which says which bucket, and what to do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import LakeError, SourceError
from pipeline.sources import Access
from pipeline.sources.s3 import source
from pipeline.sources.s3.faults import explained, patiently
from pipeline.sources.s3.names import joined

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import DeleteTypeDef

PERMISSIONS = "s3:ListBucket on the bucket; s3:GetObject, s3:PutObject, s3:DeleteObject in the lake"

_NOT_THERE = frozenset({"NoSuchKey", "404"})
_LOST_RACE = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_MOST_DELETED = 1000

T = TypeVar("T")


def get(bucket: str, key: str) -> tuple[bytes, str] | None:
    """Content and ETag of an object; None where there is none."""

    def ask() -> tuple[bytes, str] | None:
        try:
            answer = client().get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if _code(error) in _NOT_THERE:
                return None
            raise
        return answer["Body"].read(), answer["ETag"]

    return asked(bucket, key, ask)


def get_range(bucket: str, key: str, start: int, count: int) -> bytes:
    """So many bytes of an object, in one request."""
    wanted = f"bytes={start}-{start + count - 1}"

    def ask() -> bytes:
        return client().get_object(Bucket=bucket, Key=key, Range=wanted)["Body"].read()

    return asked(bucket, key, ask)


@lru_cache(maxsize=1 << 16)
def size(bucket: str, key: str) -> int:
    """Bytes of an object; asked for once, as a file of a lake is never written again."""
    return asked(bucket, key, lambda: client().head_object(Bucket=bucket, Key=key))["ContentLength"]


def put(bucket: str, key: str, content: bytes) -> None:
    """Write an object."""
    asked(bucket, key, lambda: client().put_object(Bucket=bucket, Key=key, Body=content))


def put_if(bucket: str, key: str, content: bytes, etag: str | None) -> str | None:
    """Write an object if it has this ETag, or, with None, if it is not there.

    Returns the new ETag; None when another was first.
    """
    try:
        if etag is None:
            answer = client().put_object(Bucket=bucket, Key=key, Body=content, IfNoneMatch="*")
        else:
            answer = client().put_object(Bucket=bucket, Key=key, Body=content, IfMatch=etag)
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError) and _code(error) in _LOST_RACE | _NOT_THERE:
            return None
        where = joined(bucket, key)
        raise LakeError(explained(error, where, PERMISSIONS).message, location=where) from error
    return answer["ETag"]


def delete_if(bucket: str, key: str, etag: str) -> None:
    """Delete an object if it has this ETag still; who comes too late is not told."""
    try:
        client().delete_object(Bucket=bucket, Key=key, IfMatch=etag)
    except (ClientError, BotoCoreError):
        return


def download(bucket: str, key: str, target: Path) -> None:
    """Write the content of an object to a file."""

    def fetch() -> None:
        with target.open("wb") as file:
            shutil.copyfileobj(client().get_object(Bucket=bucket, Key=key)["Body"], file)

    asked(bucket, key, fetch)


def upload(bucket: str, key: str, source: Path) -> None:
    """Write an object with the content of a file."""

    def send() -> None:
        with source.open("rb") as file:
            client().put_object(Bucket=bucket, Key=key, Body=file)

    asked(bucket, key, send)


def delete(bucket: str, names: Sequence[str]) -> None:
    """Delete objects, a thousand at most in each request; those that are gone are no fault."""
    for start in range(0, len(names), _MOST_DELETED):
        _delete_some(bucket, names[start : start + _MOST_DELETED])


def _delete_some(bucket: str, names: Sequence[str]) -> None:
    wanted: DeleteTypeDef = {"Objects": [{"Key": key} for key in names], "Quiet": True}
    answer = asked(bucket, names[0], lambda: client().delete_objects(Bucket=bucket, Delete=wanted))
    for fault in answer.get("Errors", []):
        message = f"It cannot be deleted: {fault.get('Message')} Needed: {PERMISSIONS}."
        raise LakeError(message, location=joined(bucket, fault.get("Key", "")))


def is_empty(bucket: str, start: str) -> bool:
    """Whether no key begins so."""
    answer = asked(
        bucket,
        start,
        lambda: client().list_objects_v2(Bucket=bucket, Prefix=start, MaxKeys=1),
    )
    return not answer["KeyCount"]


def sizes(bucket: str, start: str) -> dict[str, int]:
    """All keys that begin so, in order, with their bytes."""

    def listed() -> dict[str, int]:
        pages = client().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=bucket, Prefix=start)
        return {item["Key"]: item["Size"] for page in found for item in page.get("Contents", [])}

    return asked(bucket, start, listed)


def folders(bucket: str, start: str) -> list[str]:
    """The prefixes directly below one that ends with `/`, in order; each ends with `/`, too."""

    def listed() -> list[str]:
        pages = client().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=bucket, Prefix=start, Delimiter="/")
        return [item["Prefix"] for page in found for item in page.get("CommonPrefixes", [])]

    return asked(bucket, start, listed)


def options(where: str) -> dict[str, str]:
    """How delta-rs and Polars reach S3, with the credentials of this moment."""
    s3 = client()
    credentials = session().get_credentials()
    if credentials is None:
        raise LakeError("There are no AWS credentials.", location=where)
    frozen = credentials.get_frozen_credentials()
    found = {
        "aws_access_key_id": str(frozen.access_key),
        "aws_secret_access_key": str(frozen.secret_key),
        "aws_region": s3.meta.region_name,
        "aws_conditional_put": "etag",
    }
    if frozen.token:
        found["aws_session_token"] = frozen.token
    endpoint = s3.meta.endpoint_url
    if ".amazonaws." not in endpoint:
        found["aws_endpoint_url"] = endpoint
        found["aws_allow_http"] = str(endpoint.startswith("http://")).lower()
    return found


def client() -> S3Client:
    """The S3 client of this process, by the AWS configuration."""
    return source.client(Access())


@lru_cache(maxsize=1)
def session() -> boto3.Session:
    """Where credentials come from; they are renewed there."""
    return boto3.Session()


def asked(bucket: str, key: str, action: Callable[[], T]) -> T:
    """The answer to a request, passing faults waited out."""
    where = joined(bucket, key)
    try:
        return patiently(action, where, PERMISSIONS)
    except SourceError as error:
        raise LakeError(error.message, location=where) from error


def _code(error: ClientError) -> str:
    return error.response["Error"].get("Code", "")
