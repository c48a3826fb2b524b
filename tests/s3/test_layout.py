"""What a key says, and which days are done with: pure functions."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.sources import ListedDays, merged
from pipeline.sources.s3.days import gaps
from pipeline.sources.s3.layout import foreign_kind, place_of

FOLDER = "s3://b/AWSLogs/111122223333/CloudTrail/eu-west-1/"


def november(first: int, last: int) -> ListedDays:
    return ListedDays(FOLDER, date(2026, 11, first), date(2026, 11, last))


@pytest.mark.parametrize(
    ("path", "account", "region", "dates"),
    [
        ("AWSLogs/", "", "", ""),
        ("x/AWSLogs/AWSLogs/o-a1b2c3d4e5/", "", "", ""),
        ("o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/111122223333/", "111122223333", "", ""),
        ("AWSLogs/111122223333/CloudTrail/us-gov-east-1/", "111122223333", "us-gov-east-1", ""),
        ("AWSLogs/111122223333/CloudTrail/cn-north-1/2026/11/", "111122223333", "cn-north-1",
         "2026/11"),
    ],
)  # fmt: skip
def test_a_folder_of_the_layout_is_a_place(
    path: str, account: str, region: str, dates: str
) -> None:
    """As deep as its name goes."""
    place = place_of(path)
    assert place is not None
    assert (place.account, place.region, place.dates) == (account, region, dates)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "logs/",
        "myAWSLogs/111122223333/",
        "AWSLogs/1111/",
        "AWSLogs/111122223333/Config/",
        "AWSLogs/111122223333/CloudTrail/eu-west-1/11/",
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/24/x.json.gz/",
    ],
)
def test_other_folders_are_no_places(path: str) -> None:
    """They are listed as they are."""
    assert place_of(path) is None


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/24/x.json.gz",
         "CloudTrail-Digest"),
        ("AWSLogs/o-a1b2c3d4e5/111122223333/elasticloadbalancing/x.log.gz", "elasticloadbalancing"),
        ("copy/111122223333_CloudTrail-Insight_eu-west-1_x.json.gz", "CloudTrail-Insight"),
        ("copy/111122223333_CloudTrail_eu-west-1_x.json.gz", None),
        ("AWSLogs/111122223333/CloudTrail-NetworkActivity/eu-west-1/2026/11/24/x.gz", None),
        ("CloudTrail-Digest/notes.json", None),
        ("Config/x.json", None),
    ],
)  # fmt: skip
def test_only_known_names_are_foreign(key: str, kind: str | None) -> None:
    """The content of anything else decides."""
    assert foreign_kind(key) == kind


def test_listed_days_are_joined_and_unread_ones_cut_out() -> None:
    """A day in which something could not be read is listed again; neighbours are not."""
    unread = [f"{FOLDER}2026/11/12/x.json.gz", "s3://b/elsewhere", f"{FOLDER}2026/11/25/x.json.gz"]
    after = merged({FOLDER: (november(1, 9),)}, [november(10, 14)], unread)
    assert after == {FOLDER: (november(1, 11), november(13, 14))}
    again = merged(after, [november(12, 12), november(15, 15)], [])
    assert again == {FOLDER: (november(1, 15),)}


def test_gaps_are_what_is_not_listed() -> None:
    """Between the listed days, before and after them."""
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    assert list(gaps(first, last, [november(5, 6), november(20, 30)])) == [
        (first, date(2026, 11, 4)),
        (date(2026, 11, 7), date(2026, 11, 19)),
    ]
    assert list(gaps(first, last, [])) == [(first, last)]
    assert list(gaps(first, last, [november(1, 30)])) == []
    assert list(gaps(date.min, date.max, [ListedDays(FOLDER, date.min, last)])) == [
        (date(2026, 12, 1), date.max)
    ]
