"""Times as CloudTrail writes them. All are UTC; the unit is the microsecond since 1970."""

from __future__ import annotations

import re
from array import array
from collections.abc import MutableSequence, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

TIMESTAMP = pa.timestamp("us", tz="UTC")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR_ONE = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_USUAL_LENGTH = len("YYYY-MM-DDTHH:MM:SSZ")
_MAX_KNOWN = 200_000
_FEW = 64
"""Up to so many times are read one by one: a call of Arrow costs more."""

_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_ACCEPTED = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?",
    re.IGNORECASE | re.ASCII,
)


@cache
def usual_time(text: str) -> int | None:
    """Microseconds since 1970 of a time that reads `YYYY-MM-DDTHH:MM:SSZ`; else None.

    Remembers what it has read, a bounded number: many events share a second.
    """
    if usual_time.cache_info().currsize >= _MAX_KNOWN:
        usual_time.cache_clear()
    if not _USUAL.fullmatch(text):
        return None
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND
    except ValueError:
        return None


def usual_times(texts: Sequence[str]) -> MutableSequence[int] | None:
    """What `usual_time` says of each text, or None when it says None of any."""
    if len(texts) <= _FEW:
        times = [*map(usual_time, texts)]
        return None if None in times else cast("list[int]", times)
    column = pa.array(texts, pa.string())
    lengths = pc.min_max(pc.binary_length(column)).as_py()
    if set(lengths.values()) != {_USUAL_LENGTH}:
        return None
    written = memoryview(column.buffers()[2])[: len(texts) * _USUAL_LENGTH]
    for mark, place in (b"T", 10), (b"Z", 19):
        if written[place::_USUAL_LENGTH].tobytes().count(mark) < len(texts):
            return None
    try:
        moments = column.cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return None
    found = array("q", memoryview(moments.buffers()[1])[: len(texts) * 8].tobytes())
    return found if min(found) >= _YEAR_ONE else None


def parse_time(text: str) -> int | None:
    """Microseconds since 1970 of an ISO-like time, zone optional; None when it is none."""
    text = text.strip()
    if not _ACCEPTED.fullmatch(text):
        return None
    iso = re.sub(r" ?(?:Z|UTC)$", "", text, flags=re.IGNORECASE)
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def usual_text(moment: datetime) -> str:
    """The time as CloudTrail writes it; a moment without a zone is UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
