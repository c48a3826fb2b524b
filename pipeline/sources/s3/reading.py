"""Fetch objects, ahead of the one that is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from urllib3.exceptions import HTTPError

from pipeline.sources import aside
from pipeline.sources.aside import Stored
from pipeline.sources.model import SourceObject
from pipeline.sources.s3.client import CONNECTIONS, Connection, payer
from pipeline.sources.s3.faults import IncompleteError, patiently
from pipeline.sources.s3.gets import Gets
from pipeline.sources.s3.names import split

AHEAD_BYTES = 48 << 20
"""Bytes of objects that are fetched, or being fetched, and not yet asked for; a single object
may be larger."""

_PART_BYTES = 1 << 20


def fetch(connection: Connection, item: SourceObject) -> Stored:
    """The bytes of an object in the state in which it was listed, by boto3.

    Passing faults are waited out, also those in the middle of the body.
    Raises SourceError: deleted or replaced since, denied, archived, no room to put it aside, or S3
    stays unwell.
    """
    bucket, key = split(item.uri)

    def get() -> Stored:
        answer = connection.client.get_object(
            Bucket=bucket,
            Key=key,
            IfMatch=f'"{item.fingerprint}"',
            **payer(connection.access),
        )
        body: Stored
        try:
            if item.size > aside.HELD_BYTES:
                body = aside.put_aside(answer["Body"].iter_chunks(_PART_BYTES), item.uri)
            else:
                body = answer["Body"].read()
        except HTTPError as error:
            raise IncompleteError(str(error)) from error
        if len(body) != item.size:
            raise IncompleteError(f"{len(body)} bytes came instead of {item.size}")
        return body

    permission = f"s3:GetObject on {item.uri}, and kms:Decrypt on its key where KMS encrypts it"
    return patiently(get, item.uri, permission)


class Prefetch:
    """Fetches objects in their order in threads, a limited number of bytes ahead. A context.

    gets -- for each of their buckets.
    """

    def __init__(
        self, connection: Connection, gets: Mapping[str, Gets], objects: Iterable[SourceObject]
    ) -> None:
        self._connection, self._gets = connection, gets
        self._waiting = deque(objects)
        self._running: dict[str, Future[Stored]] = {}
        self._bytes = 0
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="s3-get")

    def __enter__(self) -> Prefetch:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def take(self, item: SourceObject) -> Stored:
        """The bytes of the next object; objects are asked for in the order given."""
        self._top_up()
        future = self._running.pop(item.uri)
        try:
            return future.result()
        finally:
            self._bytes -= item.size
            self._top_up()

    def _top_up(self) -> None:
        while self._waiting:
            item = self._waiting[0]
            if self._running and self._bytes + item.size > AHEAD_BYTES:
                return
            self._waiting.popleft()
            self._bytes += item.size
            self._running[item.uri] = self._pool.submit(self._fetch, item)

    def _fetch(self, item: SourceObject) -> Stored:
        found = self._gets[split(item.uri)[0]].get(item)
        return fetch(self._connection, item) if found is None else found
