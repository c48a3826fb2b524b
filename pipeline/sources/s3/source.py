"""Find the objects of a bucket without listing the whole of it, and fetch them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.errors import SourceError, UsageError
from pipeline.sources.model import (
    Access,
    Found,
    ListedDays,
    PassedOver,
    Request,
    Selection,
    SourceObject,
    Unreadable,
)
from pipeline.sources.s3.client import CONNECTIONS, Connection, connect
from pipeline.sources.s3.days import list_region
from pipeline.sources.s3.discovery import Discovery, Explorer
from pipeline.sources.s3.faults import PassingError
from pipeline.sources.s3.gets import Gets
from pipeline.sources.s3.layout import foreign_kind, place_of
from pipeline.sources.s3.names import split
from pipeline.sources.s3.pages import Bucket
from pipeline.sources.s3.reading import Prefetch

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

__all__ = ["check", "client", "fetching", "find"]

MOST_NAMES = 5
"""Names of folders that a message lists."""

NOTHING_THERE = "There is no object: check the names of the bucket and the prefix."


@lru_cache(maxsize=4)
def connection(access: Access) -> Connection:
    """The connection of this process; see `connect`."""
    return connect(access)


@lru_cache(maxsize=64)
def gets(access: Access, bucket: str) -> Gets:
    """What this process fetches the objects of a bucket with."""
    return Gets(connection(access), bucket)


def client(access: Access) -> S3Client:
    """The client of this process."""
    return connection(access).client


def fetching(objects: Sequence[SourceObject], access: Access) -> Prefetch:
    """Fetches these objects, in this order. A context."""
    buckets = {split(item.uri)[0] for item in objects}
    return Prefetch(connection(access), {name: gets(access, name) for name in buckets}, objects)


def check(location: str, access: Access) -> None:
    """Raise SourceError unless the location can be listed; passing faults count as listed."""
    bucket, prefix = split(location)
    try:
        Bucket(client(access), access, bucket).single(prefix)
    except PassingError:
        return


def find(location: str, request: Request) -> Iterator[Found]:
    """What a location holds: objects in a fixed order, and what was passed over or listed.

    Where the location lies in CloudTrail's layout, or AWSLogs lies below it, only the wanted
    folders are listed; else all that lies below it.
    Raises UsageError when parts are selected of a location that has no such layout.
    """
    name, prefix = split(location)
    bucket = Bucket(client(request.access), request.access, name)
    path = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    is_nothing = True
    for item in _found(bucket, prefix, path, request):
        is_nothing = is_nothing and isinstance(item, ListedDays)
        yield item
    if is_nothing:
        yield from _empty(bucket, prefix, path)


def _empty(bucket: Bucket, prefix: str, path: str) -> Iterator[Unreadable]:
    """That there is nothing at all, not even what earlier runs listed."""
    location = bucket.uri(prefix)
    try:
        if bucket.is_empty(path) and not (prefix and bucket.single(prefix)):
            yield Unreadable(location, NOTHING_THERE, is_empty=True)
    except SourceError as error:
        yield Unreadable(location, error.message)


def _found(bucket: Bucket, prefix: str, path: str, request: Request) -> Iterator[Found]:
    location = bucket.uri(prefix)
    with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="s3-list") as pool:
        explorer = Explorer(bucket, request.selection, pool.map)
        place = place_of(path)
        try:
            places, aside = ([place], []) if place else explorer.roots(path)
        except SourceError as error:
            yield Unreadable(location, error.message)
            return
        if not places:
            yield from _plain(bucket, prefix, path, request)
            return
        yield from aside
        discovery = explorer.regions(places)
        yield from discovery.aside
        if reason := _nothing_selected(request.selection, discovery):
            yield Unreadable(location, reason, is_empty=True)
        regions = pool.map(lambda p: list_region(bucket, p, request), discovery.regions)
        for objects, others in regions:
            yield from objects
            yield from others


def _nothing_selected(wanted: Selection, discovery: Discovery) -> str:
    """What was asked for and what there is instead; "" where there is some of it, or may be."""
    asked = {
        "organisation": wanted.organisations,
        "account": wanted.accounts,
        "region": wanted.regions,
    }
    words = [f"{what} {' or '.join(sorted(ids))}" for what, ids in asked.items() if ids]
    is_unsure = any(isinstance(item, Unreadable) for item in discovery.aside)
    if not words or discovery.regions or is_unsure:
        return ""
    left_out = discovery.left_out
    names = sorted(
        {"/".join(filter(None, (p.organisation, p.account, p.region))) for p in left_out}
    )
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    others = f"; there are folders of {', '.join(names[:MOST_NAMES])}{more}" if names else ""
    return f"There is no CloudTrail folder of {', '.join(words)}{others}."


def _plain(bucket: Bucket, prefix: str, path: str, request: Request) -> Iterator[Found]:
    """Everything below a path without the layout, and the object of that name."""
    if not request.selection.is_everything:
        message = (
            "Accounts, regions and days can be selected where the folders are CloudTrail's own "
            "(AWSLogs/account/CloudTrail/region/…); there are none here."
        )
        raise UsageError(message, location=bucket.uri(prefix))
    try:
        if prefix and not prefix.endswith("/") and (single := bucket.single(prefix)):
            yield single
        for item in bucket.objects(path):
            kind = foreign_kind(item.uri)
            yield PassedOver(kind, item.uri) if kind else item
    except SourceError as error:
        yield Unreadable(bucket.uri(prefix), error.message)
