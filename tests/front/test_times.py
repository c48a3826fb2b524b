"""`--from` and `--to`: what people type, and what it means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.cli.times import parse_moment, parse_window
from pipeline.errors import UsageError

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20T09:05", "2026-11-20T09:05:00+00:00"),
        ("2026-11-20 09:05:07", "2026-11-20T09:05:07+00:00"),
        ("2026-11-20T09:05:07Z", "2026-11-20T09:05:07+00:00"),
        ("2026-11-20T09:05:07+02:00", "2026-11-20T07:05:07+00:00"),
        ("7d", "2026-11-17T03:00:00+00:00"),
        ("12h", "2026-11-23T15:00:00+00:00"),
        ("30m", "2026-11-24T02:30:00+00:00"),
        (" 2W ", "2026-11-10T03:00:00+00:00"),
    ],
)
def test_a_moment_is_utc(text: str, expected: str) -> None:
    """A date is its midnight, no zone is UTC, a length of time counts back from now."""
    assert parse_moment(text, NOW).isoformat() == expected


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d", "-7d", "2026-13-01", "999999w"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    """The message shows what to type."""
    with pytest.raises(UsageError, match="7d, 12h, 30m"):
        parse_moment(text, NOW)


def test_an_open_window_is_everything() -> None:
    """Neither option is a bound."""
    window = parse_window(None, None, NOW)
    assert (window.since, window.until) == (None, None)
    assert window.words() == ""


def test_a_window_says_itself_in_utc() -> None:
    """The title of a report tells what was looked at."""
    window = parse_window("7d", "2026-11-20", NOW)
    assert window.words() == " from 2026-11-17 03:00:00 until 2026-11-20 00:00:00 UTC"
    assert parse_window("0001-01-01", None, NOW).words() == " from 0001-01-01 00:00:00 UTC"


@pytest.mark.parametrize(("since", "until"), [("1d", "7d"), ("2026-11-20", "2026-11-20")])
def test_a_window_that_holds_nothing_is_refused(since: str, until: str) -> None:
    """The end is not in the window, so it has to come after the start."""
    with pytest.raises(UsageError, match="is not before"):
        parse_window(since, until, NOW)
