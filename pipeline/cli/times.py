"""`--from` and `--to`: moments as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.errors import UsageError
from pipeline.reports.window import Window

_RELATIVE = re.compile(r"(\d{1,6})\s*(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_moment(text: str, now: datetime) -> datetime:
    """A moment in UTC from `2026-11-20`, `2026-11-20T09:00`, `…Z`, `…+01:00`, `7d`, `12h`, `30m`.

    A date is its midnight; a time without a zone is UTC; a relative one counts back from `now`.
    Raises UsageError, with examples, for anything else.
    """
    relative = _RELATIVE.fullmatch(text.strip().lower())
    try:
        if relative:
            unit = _UNITS[relative.group(2)]
            return now.astimezone(UTC) - timedelta(**{unit: int(relative.group(1))})
        moment = datetime.fromisoformat(text.strip())
        # Subtracting may pass year 1, moving to UTC year 9999: OverflowError, as below.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is not a time; write 2026-11-20, 2026-11-20T09:00Z (UTC), or how long "
            "ago: 7d, 12h, 30m"
        ) from error


def parse_window(since: str | None, until: str | None, now: datetime) -> Window:
    """The half-open window from `--from` and `--to`.

    Raises UsageError where the second is not after the first.
    """
    window = Window(
        parse_moment(since, now) if since is not None else None,
        parse_moment(until, now) if until is not None else None,
    )
    if window.since and window.until and window.since >= window.until:
        raise UsageError(
            f"--from {since} is not before --to {until}; the window ends just before --to"
        )
    return window
