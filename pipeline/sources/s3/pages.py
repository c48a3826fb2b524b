"""The two ways of listing: the folders below a prefix, and the keys below it in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.sources.model import Access, SourceObject
from pipeline.sources.s3.client import payer
from pipeline.sources.s3.faults import patiently
from pipeline.sources.s3.names import joined

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, ObjectTypeDef


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies directly below a prefix: names of folders, and keys."""

    names: list[str]
    keys: list[str]


class Bucket:
    """Lists a bucket; may be used by several threads. Passing faults are waited out.

    Every method raises SourceError when the bucket cannot be listed.
    """

    def __init__(self, client: S3Client, access: Access, name: str) -> None:
        self._client, self._access = client, access
        self.name = name

    def uri(self, key: str) -> str:
        """The uri of a key of this bucket."""
        return joined(self.name, key)

    def folder(self, path: str) -> Folder:
        """Look at one level: the folders and keys directly below a path that ends with `/`."""
        names: list[str] = []
        keys: list[str] = []
        for page in self._pages(Prefix=path, Delimiter="/"):
            names += [p["Prefix"][len(path) : -1] for p in page.get("CommonPrefixes", [])]
            keys += [o["Key"] for o in page.get("Contents", []) if not o["Key"].endswith("/")]
        return Folder(names, keys)

    def objects(self, path: str, after: str = "") -> Iterator[SourceObject]:
        """The objects below a path in the order of their keys, those after `after` only.

        Keys that end with `/` are folders drawn by consoles and are left out.
        """
        start = {"StartAfter": after} if after else {}
        for page in self._pages(Prefix=path, **start):
            for item in page.get("Contents", []):
                if not item["Key"].endswith("/"):
                    yield self._object(item)

    def is_empty(self, path: str) -> bool:
        """Whether no key begins with a path."""
        return not self._page({"Prefix": path, "MaxKeys": 1}).get("Contents")

    def single(self, key: str) -> SourceObject | None:
        """The object with exactly this key, or None."""
        page = self._page({"Prefix": key, "MaxKeys": 1})
        first = next(iter(page.get("Contents", [])), None)
        return self._object(first) if first is not None and first["Key"] == key else None

    def _object(self, item: ObjectTypeDef) -> SourceObject:
        return SourceObject(self.uri(item["Key"]), item["Size"], item["ETag"].strip('"'))

    def _pages(self, **options: Any) -> Iterator[ListObjectsV2OutputTypeDef]:
        while True:
            page = self._page(options)
            yield page
            if not page.get("IsTruncated"):
                return
            options = {**options, "ContinuationToken": page["NextContinuationToken"]}

    def _page(self, options: dict[str, Any]) -> ListObjectsV2OutputTypeDef:
        uri = self.uri(options["Prefix"])
        permission = f"s3:ListBucket on the bucket {self.name} for this prefix"
        return patiently(
            lambda: self._client.list_objects_v2(
                Bucket=self.name, **options, **payer(self._access)
            ),
            uri,
            permission,
        )
