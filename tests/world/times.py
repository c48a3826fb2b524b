"""Times as CloudTrail writes them. Inside the world a time is whole seconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

DAY = 86_400
HOUR = 3_600
MINUTE = 60


@lru_cache(maxsize=4096)
def seconds(text: str) -> int:
    """`2026-11-20T09:00:00Z` as seconds since 1970."""
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY, UTC).strftime("%Y-%m-%dT")


def iso(at: int) -> str:
    """Seconds as `2026-11-20T09:00:00Z`."""
    day, rest = divmod(at, DAY)
    hour, rest = divmod(rest, HOUR)
    minute, second = divmod(rest, MINUTE)
    return f"{_day(day)}{hour:02d}:{minute:02d}:{second:02d}Z"


def expiration_text(at: int, *, comma: bool = True) -> str:
    """Seconds as in `credentials.expiration`: `Jul 10, 2023, 1:28:26 PM`, UTC (semantics §2)."""
    moment = datetime.fromtimestamp(at, UTC)
    clock = f"{moment.hour % 12 or 12}:{moment:%M:%S %p}"
    return f"{moment:%b} {moment.day}, {moment.year}{',' if comma else ''} {clock}"
