"""Times read all at once are those that are read one by one."""

from __future__ import annotations

import pytest

from pipeline.normalise.times import usual_time, usual_times

MANY = [f"2026-02-{day:02}T{hour:02}:59:07Z" for day in range(1, 29) for hour in range(24)]


def test_many_times_are_read_as_each_alone() -> None:
    """Enough of them go through Arrow, and give the same numbers."""
    both_ends = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", *MANY]
    assert list(usual_times(both_ends) or ()) == [usual_time(text) for text in both_ends]


@pytest.mark.parametrize(
    "odd",
    [
        "2026-02-01 10:00:00Z",
        "2026-02-01T10:00:00z",
        "2026-02-01T10:00:00",
        "2026-02-01T10:00:00.5Z",
        "2026-02-01T10:00+0000",
        "2026-02-30T10:00:00Z",
        "2026-02-01T24:00:00Z",
        "2026-02-01T10:00:60Z",
        "0000-02-01T10:00:00Z",
        "2026-02-01T10:00:0٣Z",
        "+026-02-01T10:00:00Z",
        "2026-02-01T1 :00:00Z",
        "",
    ],
)
@pytest.mark.parametrize("others", [[], MANY])
def test_one_odd_time_is_not_taken_for_a_usual_one(odd: str, others: list[str]) -> None:
    """Then the block is read record by record, whatever the others are."""
    assert usual_time(odd) is None
    assert usual_times([*others, odd]) is None
