"""Times as CloudTrail writes them. All are UTC; the unit is the microsecond since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

TIMESTAMP = pa.timestamp("us", tz="UTC")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z
_USUAL_LENGTH = len("2026-01-31T23:59:59Z")
_ACCEPTED = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?",
    re.IGNORECASE | re.ASCII,
)


def usual_times(texts: Sequence[str]) -> pa.Array | None:
    """The times as one Arrow array when all read `YYYY-MM-DDTHH:MM:SSZ`; else None."""
    array = pa.array(texts, pa.string())
    if len(array) == 0:
        return array.cast(TIMESTAMP)
    lengths = pc.min_max(pc.binary_length(array)).as_py()
    if lengths != {"min": _USUAL_LENGTH, "max": _USUAL_LENGTH}:
        return None
    separators = pc.utf8_slice_codeunits(array, 10, 11)
    if (
        not pc.all(pc.equal(separators, "T")).as_py()
        or not pc.all(pc.ends_with(array, "Z")).as_py()
    ):
        return None
    try:
        times = array.cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return None
    return times if pc.min(times.cast(pa.int64())).as_py() >= _FIRST else None


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
