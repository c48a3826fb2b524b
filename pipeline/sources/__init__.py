"""Where bytes come from. A source lists objects, and the bytes of one object can be read.

Nothing here looks into the bytes. Names decide only what is listed and which objects are
certainly something else (digests, Config); accounts, regions and dates of events come from
the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise
from typing import Protocol

from pipeline.errors import SourceError, UsageError
from pipeline.sources import local, standard_input
from pipeline.sources.aside import Stored, as_file, put_aside
from pipeline.sources.listed import merged, reopened
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
from pipeline.sources.objects import Objects
from pipeline.sources.s3.layout import account_and_region
from pipeline.sources.s3.names import SCHEME
from pipeline.sources.standard_input import read_all

__all__ = [
    "Access",
    "Found",
    "ListedDays",
    "Objects",
    "PassedOver",
    "Read",
    "Request",
    "Selection",
    "SourceObject",
    "Stored",
    "Unreadable",
    "account_and_region",
    "as_file",
    "check",
    "find",
    "merged",
    "put_aside",
    "read",
    "read_all",
    "reading",
    "reopened",
]


_PLAIN_REQUEST = Request()


class Read(Protocol):
    """Reads an object."""

    def __call__(self, item: SourceObject, /) -> Stored:
        """The bytes as stored; raises SourceError when that is not possible."""
        ...


def check(locations: Iterable[str], request: Request = _PLAIN_REQUEST) -> None:
    """Raise what `find` would for locations that do not exist or cannot be reached; read nothing.

    Faults of S3 that may pass are not raised; an empty location is a UsageError.
    """
    paths, buckets, has_input = _sorted_out(locations)
    _check_selection(request, paths, has_input)
    local.find(paths, frozenset())
    if buckets:
        from pipeline.sources.s3 import source  # noqa: PLC0415 (see there)

        for location in buckets:
            source.check(location, request.access)


def find(
    locations: Iterable[str],
    *,
    exclude: frozenset[str] = frozenset(),
    request: Request = _PLAIN_REQUEST,
) -> Iterator[Found]:
    """List every object under the locations, each once, in a fixed order.

    locations -- paths of files or folders, `s3://bucket/prefix`, `-` for standard input.
    exclude -- absolute paths of folders that are not entered (the lake itself).
    request -- how to list in S3.
    Raises SourceError when a location does not exist or is of an unknown kind, UsageError
    when a selection is made of what has no folders of CloudTrail.
    """
    paths, buckets, has_input = _sorted_out(locations)
    _check_selection(request, paths, has_input)
    listed = local.find(paths, exclude) if paths else iter(())
    from_buckets = chain.from_iterable(_find_in_bucket(place, request) for place in buckets)
    piped = [request.piped or standard_input.read_all()] if has_input else []
    return chain(listed, _once(from_buckets) if _may_overlap(buckets) else from_buckets, piped)


def read(item: SourceObject) -> Stored:
    """The bytes of one local file or of standard input; raises SourceError."""
    return item.content if item.content is not None else local.read(item)


@contextmanager
def reading(objects: Sequence[SourceObject], access: Access) -> Iterator[Read]:
    """Yield what reads these objects, which must be asked for in this order.

    Those in S3 are fetched ahead, a limited number of bytes.
    """
    remote = [item for item in objects if item.uri.startswith(SCHEME)]
    if not remote:
        yield read
        return
    from pipeline.sources.s3 import source  # noqa: PLC0415 (see there)

    with source.fetching(remote, access) as ahead:

        def read_any(item: SourceObject, /) -> Stored:
            return ahead.take(item) if item.uri.startswith(SCHEME) else read(item)

        yield read_any


def _find_in_bucket(location: str, request: Request) -> Iterator[Found]:
    from pipeline.sources.s3 import source  # noqa: PLC0415 (see there)

    return source.find(location, request)


def _sorted_out(locations: Iterable[str]) -> tuple[list[str], list[str], bool]:
    """Local paths, locations in S3, and whether standard input is among them."""
    paths: list[str] = []
    buckets: list[str] = []
    has_input = False
    for location in locations:
        if location == standard_input.LOCATION:
            has_input = True
        elif location.startswith(SCHEME):
            buckets.append(location)
        elif not location.strip():
            raise UsageError("A source is empty; write . for the folder that you are in.")
        elif "://" in location:
            message = "Only paths, s3://bucket/prefix and - (standard input) can be read."
            raise SourceError(message, location=location)
        else:
            paths.append(location)
    return paths, sorted(set(buckets)), has_input


def _check_selection(request: Request, paths: Sequence[str], has_input: bool) -> None:
    if not request.selection.is_everything and (paths or has_input):
        message = "Accounts, regions and days can be selected in s3:// locations only."
        raise UsageError(message, location=", ".join(paths) or standard_input.LOCATION)


def _may_overlap(buckets: Sequence[str]) -> bool:
    """Whether what lies below one location may lie below another, however many slashes each has."""
    plain = sorted(re.sub("/+", "/", location).rstrip("/") for location in buckets)
    return any(after.startswith(before) for before, after in pairwise(plain))


def _once(found: Iterable[Found]) -> Iterator[Found]:
    """Each object once, where locations overlap."""
    seen: set[str] = set()
    for item in found:
        if isinstance(item, SourceObject):
            if item.uri in seen:
                continue
            seen.add(item.uri)
        yield item
