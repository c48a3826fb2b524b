"""What is found in a bucket, and how little is listed for it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.ingest import survey
from pipeline.sources import Selection
from tests.s3.trail import (
    ACCOUNT,
    ORGANISATION,
    OTHER,
    REGION,
    TODAY,
    Bucket,
    in_ledger,
    key,
    read_keys,
    stored,
)

DAY = "2026/11/24"


def days(count: int, last: date = TODAY) -> list[str]:
    """The last days up to one, as folders."""
    return [f"{last - timedelta(days=back):%Y/%m/%d}" for back in reversed(range(count))]


@pytest.mark.parametrize(
    ("root", "region"),
    [
        ("AWSLogs", "eu-west-1"),
        ("AWSLogs", "us-gov-west-1"),
        ("AWSLogs", "cn-north-1"),
        (f"AWSLogs/{ORGANISATION}", "eu-west-1"),
        (f"{ORGANISATION}/AWSLogs/{ORGANISATION}", "eu-west-1"),
        (f"{ORGANISATION}/AWSLogs", "eu-west-1"),
        ("custom/AWSLogs", "eu-west-1"),
        (f"custom/deeper/AWSLogs/{ORGANISATION}", "eusc-de-east-1"),
    ],
)
def test_every_variant_of_the_layout_is_found(root: str, region: str, bucket: Bucket) -> None:
    """Organisation or not, Control Tower, own prefix, GovCloud and China, from the bucket on;
    keys are listed below the region's folder only.
    """
    bucket.put(key(DAY, root=root, region=region))
    found = bucket.survey("" if "deeper" not in root else "custom")
    assert read_keys(found.parts) == {(ACCOUNT, region): 1}
    deep = [asked.prefix for asked in bucket.proxy.listings() if "delimiter" not in asked.query]
    assert deep == [f"{root}/{ACCOUNT}/CloudTrail/{region}/"]


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("AWSLogs", 3),
        ("AWSLogs/", 3),
        (f"AWSLogs/{ACCOUNT}", 3),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/", 3),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026", 2),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11", 1),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/10/31", 1),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/12", 0),
        (key("2026/11/24"), 1),
    ],
)
def test_a_location_may_be_any_part_of_the_layout(path: str, count: int, bucket: Bucket) -> None:
    """The account, the region, a year, a month, a day, one object."""
    bucket.put(key("2025/12/31"), key("2026/10/31"), key("2026/11/24"))
    assert sum(read_keys(bucket.survey(path).parts).values()) == count


def test_a_plain_prefix_is_listed_whole(bucket: Bucket, tmp_path: Path) -> None:
    """Without the layout every object below the folder is read; a like-named one is not below."""
    numbers = bucket.put("logs/a/1.json.gz", "logs/b.json.gz")
    bucket.put("logs-old/1.json.gz")
    bucket.put_bytes("logs/", b"")
    assert bucket.run(tmp_path / "lake", "logs").complete
    assert stored(tmp_path / "lake") == numbers
    again = bucket.run(tmp_path / "lake", "logs")
    assert (again.files_new, again.files_skipped) == (0, 2)


def test_what_is_no_log_by_its_name_is_counted_and_not_fetched(
    bucket: Bucket, tmp_path: Path
) -> None:
    """Digests, Insights, Config and other neighbours, folders and single objects."""
    numbers = bucket.put(key(DAY))
    bucket.put(
        key(DAY, kind="CloudTrail-Digest"),
        key(DAY, kind="CloudTrail-Insight"),
        f"AWSLogs/{ACCOUNT}/Config/eu-west-1/2026/11/24/x.json.gz",
        f"AWSLogs/{ACCOUNT}/Config/ConfigWritabilityCheckFile",
        f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{DAY}/{ACCOUNT}_CloudTrail-Digest_x.json.gz",
        f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/note.txt",
        "backups/1.json",
    )
    summary = bucket.run(tmp_path / "lake")
    assert stored(tmp_path / "lake") == numbers
    assert summary.passed_over == {
        "CloudTrail-Digest": 2,
        "CloudTrail-Insight": 1,
        "Config": 1,
        "beside AWSLogs": 1,
        "other": 1,
    }
    assert len(bucket.proxy.gets()) == 1
    assert summary.complete


def test_foreign_names_in_a_plain_prefix(bucket: Bucket, tmp_path: Path) -> None:
    """A digest that was copied elsewhere is known by its name; other files by their content."""
    bucket.put(f"copy/{ACCOUNT}_CloudTrail-Digest_{REGION}_t_{REGION}_20261124T000000Z.json.gz")
    bucket.put_bytes("copy/readme.txt", b"hello")
    summary = bucket.run(tmp_path / "lake", "copy")
    assert summary.passed_over == {"CloudTrail-Digest": 1}
    assert (summary.files_new, summary.files_not_cloudtrail) == (1, 1)


def test_a_nightly_run_lists_only_what_it_must(bucket: Bucket, tmp_path: Path) -> None:
    """With sixty days of history: the folders on the way, and one listing for each region that
    begins three days ago. What is new or came late is found, nothing else is met again.
    """
    history = days(60)
    bucket.put(*(key(day) for day in history))
    bucket.put(*(key(day, account=OTHER, region="us-east-1") for day in history[:50]))
    bucket.run(tmp_path / "lake")
    bucket.proxy.clear()
    tomorrow = TODAY + timedelta(days=1)
    late = bucket.put(key("2026/11/23", "0000Z_late"))
    new = bucket.put(key("2026/11/25"))
    before = stored(tmp_path / "lake")
    summary = bucket.run(tmp_path / "lake", today=tomorrow)
    assert stored(tmp_path / "lake") == sorted(before + late + new)
    # 22nd to 24th are met again: the first day listed is the last closed one's next
    assert (summary.files_new, summary.files_skipped) == (2, 3)
    listings = bucket.proxy.listings()
    deep = {a.prefix: a.query["start-after"] for a in listings if "delimiter" not in a.query}
    assert deep == {
        f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/": [
            f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11/22"
        ],
        f"AWSLogs/{OTHER}/CloudTrail/us-east-1/": [
            f"AWSLogs/{OTHER}/CloudTrail/us-east-1/2026/11/22"
        ],
    }
    # bucket, AWSLogs, then for each account: its kinds, its regions
    assert len(listings) == 2 + 2 * 2 + 2
    assert len(bucket.proxy.gets()) == 2


def test_days_that_a_narrower_run_left_out_are_listed_later(bucket: Bucket, tmp_path: Path) -> None:
    """What was listed is remembered day by day, so a first run for a week loses no history."""
    numbers = bucket.put(*(key(day) for day in days(30)))
    week = Selection(since=date(2026, 11, 10), until=date(2026, 11, 15))
    bucket.run(tmp_path / "lake", selection=week)
    assert stored(tmp_path / "lake") == numbers[15:20]
    bucket.proxy.clear()
    summary = bucket.run(tmp_path / "lake")
    assert stored(tmp_path / "lake") == numbers
    assert summary.files_skipped == 0
    assert len(bucket.proxy.gets()) == 25


def test_a_region_that_is_new_is_listed_from_its_beginning(bucket: Bucket, tmp_path: Path) -> None:
    """What is known of one region says nothing about another."""
    bucket.put(*(key(day) for day in days(10)))
    bucket.run(tmp_path / "lake")
    new = bucket.put(*(key(day, region="us-east-1") for day in days(10)))
    before = stored(tmp_path / "lake")
    bucket.run(tmp_path / "lake")
    assert stored(tmp_path / "lake") == sorted(before + new)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(accounts=frozenset({OTHER})), {(OTHER, "us-east-1"): 2}),
        (
            Selection(regions=frozenset({REGION})),
            {(ACCOUNT, REGION): 3, ("777788889999", REGION): 1},
        ),
        (
            Selection(organisations=frozenset({ORGANISATION})),
            {("777788889999", REGION): 1},
        ),
        (Selection(since=date(2026, 11, 24)), {(ACCOUNT, REGION): 1, (OTHER, "us-east-1"): 1}),
        (
            Selection(since=date(2026, 11, 22), until=date(2026, 11, 24)),
            {(ACCOUNT, REGION): 2, (OTHER, "us-east-1"): 1, ("777788889999", REGION): 1},
        ),
        (Selection(until=date(2026, 11, 1)), {}),
    ],
)
def test_accounts_regions_organisations_and_days_narrow(
    selection: Selection, expected: dict[tuple[str, str], int], bucket: Bucket
) -> None:
    """Only the selected folders are entered."""
    bucket.put(*(key(day) for day in days(3)))
    bucket.put(*(key(day, account=OTHER, region="us-east-1") for day in days(2)))
    bucket.put(key("2026/11/22", root=f"AWSLogs/{ORGANISATION}", account="777788889999"))
    assert read_keys(bucket.survey("AWSLogs", selection).parts) == expected


def test_a_selection_needs_the_layout(bucket: Bucket, tmp_path: Path) -> None:
    """Of a plain prefix nothing is guessed."""
    bucket.put("logs/a.json.gz")
    with pytest.raises(UsageError, match=r"AWSLogs/account/CloudTrail/region"):
        bucket.run(tmp_path / "lake", "logs", selection=Selection(accounts=frozenset({ACCOUNT})))


def test_a_survey_counts_and_reads_nothing(bucket: Bucket) -> None:
    """Objects and bytes by account and region, without one GET."""
    bucket.put(key(DAY), key(DAY, "1000Z_b"), key(DAY, account=OTHER))
    found = bucket.survey()
    assert read_keys(found.parts) == {(ACCOUNT, REGION): 2, (OTHER, REGION): 1}
    assert found.parts[OTHER, REGION][1] > 100
    assert bucket.proxy.gets() == []


def test_more_keys_than_a_page_holds(bucket: Bucket, tmp_path: Path) -> None:
    """A listing goes on from page to page, with workers as without."""
    from moto.s3.models import s3_backends  # noqa: PLC0415 (a server's inside, for speed)

    keys = [key(DAY, f"0900Z_{number:04}") for number in range(1001)]
    inside = s3_backends["123456789012"]["aws"]
    for one in keys:
        inside.put_object(bucket.name, one, b'{"Records":[]}')
    summary = bucket.run(tmp_path / "lake", workers=2)
    assert in_ledger(tmp_path / "lake") == keys
    assert summary.files_new == 1001


def test_locations_that_overlap_give_each_object_once(bucket: Bucket) -> None:
    """The bucket, a folder, an account; a location that is there twice, or with more slashes."""
    bucket.put(key(DAY), key(DAY, account=OTHER))
    account = f"AWSLogs/{ACCOUNT}"
    paths = [bucket.uri(path) for path in ("", account, "AWSLogs", "AWSLogs/", "", "AWSLogs//")]
    for locations in (paths[:5], paths[1:3], paths[2:4], [paths[1], paths[5]]):
        found = survey(locations, None, bucket.request())
        assert read_keys(found.parts) == {(ACCOUNT, REGION): 1, (OTHER, REGION): 1}
