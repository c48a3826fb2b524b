"""Which day folders need not be listed again: pure arithmetic on days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from pipeline.sources.model import ListedDays
from pipeline.sources.s3.layout import region_and_day

_DAY = timedelta(days=1)

Listed = Mapping[str, tuple[ListedDays, ...]]


def merged(known: Listed, days: Iterable[ListedDays], unread: Iterable[str]) -> Listed:
    """What is known after a run: what was known, and what the run listed and read.

    days -- what the run listed to its end.
    unread -- uris that it could not read: their days have to be listed again.
    """
    open_days = _days_of(unread)
    by_folder = {folder: list(spans) for folder, spans in known.items()}
    for span in days:
        cut = _without(span, open_days.get(span.folder, set()))
        by_folder.setdefault(span.folder, []).extend(cut)
    return {folder: tuple(_joined(spans)) for folder, spans in sorted(by_folder.items()) if spans}


def reopened(known: Listed, uris: Iterable[str]) -> Listed:
    """What is known, without the days of some objects: they are listed again."""
    again = _days_of(uris)
    return {
        folder: tuple(part for span in spans for part in _without(span, again.get(folder, ())))
        for folder, spans in known.items()
    }


def _days_of(uris: Iterable[str]) -> dict[str, set[date]]:
    """Region folder -> the days of these objects in it."""
    days: dict[str, set[date]] = defaultdict(set)
    for uri in uris:
        place = region_and_day(uri)
        if place is not None:
            days[place[0]].add(place[1])
    return days


def _without(span: ListedDays, days: Iterable[date]) -> Iterator[ListedDays]:
    first = span.first
    for day in sorted(day for day in days if span.first <= day <= span.last):
        if first < day:
            yield ListedDays(span.folder, first, day - _DAY)
        first = day + _DAY
    if first <= span.last:
        yield ListedDays(span.folder, first, span.last)


def _joined(spans: Iterable[ListedDays]) -> Iterator[ListedDays]:
    """The same days in as few spans as possible."""
    current: ListedDays | None = None
    for span in sorted(spans, key=lambda span: span.first):
        if current is not None and span.first <= current.last + _DAY:
            current = ListedDays(span.folder, current.first, max(current.last, span.last))
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current
