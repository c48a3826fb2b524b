"""List the day folders of one region folder: those that have to be, in one sweep each gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pipeline.errors import SourceError
from pipeline.sources.model import (
    Found,
    ListedDays,
    PassedOver,
    Request,
    SourceObject,
    Unreadable,
)
from pipeline.sources.objects import Objects
from pipeline.sources.s3.layout import Place, day_of, foreign_kind
from pipeline.sources.s3.pages import Bucket

LATE_DAYS = 3
"""Today and the days before it that are listed whole by every run, for files that come late."""

_DAY = timedelta(days=1)


def list_region(bucket: Bucket, place: Place, request: Request) -> tuple[Objects, list[Found]]:
    """The objects of a region folder in order; what else is in it, and which of its days need not
    be listed again.

    Days that earlier runs listed to their end are not listed.
    """
    folder = bucket.uri(place.path)
    objects = Objects()
    others: list[Found] = []
    wanted = _wanted(place, request)
    if wanted is None:
        return objects, others
    for first, last in gaps(*wanted, request.listed.get(folder, ())):
        try:
            for found in _between(bucket, place, first, last):
                if isinstance(found, SourceObject):
                    objects.append(found)
                else:
                    others.append(found)
        except SourceError as error:
            others.append(Unreadable(folder, error.message))
            break
        over = _last_over(request.today)
        if over is not None and first <= over:
            others.append(ListedDays(folder, first, min(last, over)))
    return objects, others


def gaps(first: date, last: date, listed: Sequence[ListedDays]) -> Iterator[tuple[date, date]]:
    """The parts of first to last (both included) that are not listed."""
    for days in sorted(listed, key=lambda days: days.first):
        if days.first > last:
            break
        if first < days.first:
            yield first, days.first - _DAY
        if days.last >= last:
            return
        first = max(first, days.last + _DAY)
    yield first, last


def _wanted(place: Place, request: Request) -> tuple[date, date] | None:
    """First and last day that are asked for, by options and by the location itself."""
    first = request.selection.since or date.min
    until = request.selection.until
    last = date.max if until is None else until - _DAY
    if place.dates:
        parts = [int(part) for part in place.dates.split("/")]
        try:
            begin = date(*[*parts, 1, 1][:3])
        except ValueError:
            return None
        first, last = max(first, begin), min(last, _end(begin, len(parts)))
    return (first, last) if first <= last else None


def _end(begin: date, depth: int) -> date:
    """The last day of the year, month or day that begins."""
    if depth == 3:
        return begin
    month = 12 if depth == 1 else begin.month
    following = date(begin.year + month // 12, month % 12 + 1, 1)
    return following - _DAY


def _between(
    bucket: Bucket, place: Place, first: date, last: date
) -> Iterator[SourceObject | PassedOver]:
    """The objects of the days first to last, in one listing that begins at the first."""
    after = "" if first == date.min else f"{place.path}{first:%Y/%m/%d}"
    start = len(bucket.uri(place.path))
    for item in bucket.objects(place.path, after):
        day = day_of(item.uri[start:])
        if day is None:
            yield PassedOver("other", item.uri)
        elif day > last:
            return
        elif kind := foreign_kind(item.uri):
            yield PassedOver(kind, item.uri)
        else:
            yield item


def _last_over(today: date | None) -> date | None:
    """The last day that no longer gets late files."""
    return today - LATE_DAYS * _DAY if today is not None else None
