"""Nights as an operator runs them: the samples over three nights."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.errors import RolecallError, UsageError
from pipeline.lake import Lake
from pipeline.nightly import reports
from pipeline.nightly.nights import closed_nights, due_nights
from pipeline.report import Report
from pipeline.warehouse import Warehouse
from tests.nightly.conftest import NIGHTS, NOON, Operator
from tests.nightly.told import facts, morning_after

FIRST, INCIDENT, LAST = NIGHTS


@pytest.mark.usefixtures("two_reports")
def test_each_night_tells_what_is_new_in_it_and_no_night_tells_it_again(
    operator: Operator,
) -> None:
    """The contractor on the first, Mallory and alice on the second, nobody on the third. What
    lies 400 days back is known before.
    """
    codes = []
    for night in NIGHTS:
        operator.deliver(night)
        codes.append(operator.run(morning_after(night)))
    assert codes == [0, 4, 0]  # one record of the second night is broken
    told = [facts(operator, night) for night in NIGHTS]
    assert "person-role carl.contractor" in told[0]
    assert not any("olivia" in fact for fact in told[0])
    assert {"long-term-key mallory", "person-role mallory", "person-role alice"} <= told[1]
    assert not told[0] & told[1]
    assert told[2] == set()
    assert (operator.reports / "latest").resolve().name == LAST
    account = operator.account(INCIDENT)
    assert account["exit_code"] == 4
    records = account["records"]
    assert isinstance(records, dict)
    assert records["read"] == sum(records[n] for n in ("stored", "duplicate", "rejected"))
    assert "rejected 1 record" in str(account["incomplete"])


def test_a_second_run_changes_nothing_but_the_account(operator: Operator) -> None:
    """Byte for byte; the folder is not even replaced."""
    operator.deliver(FIRST)
    operator.deliver(INCIDENT)
    operator.run(morning_after(INCIDENT))
    before = operator.texts(INCIDENT), (operator.reports / INCIDENT).stat().st_ino
    assert operator.run(morning_after(INCIDENT)) == 0
    assert (operator.texts(INCIDENT), (operator.reports / INCIDENT).stat().st_ino) == before
    assert f"night={INCIDENT} files={len(before[0])} changed=False" in operator.log[-3]
    assert len(before[0]) == 3 * len(reports.NIGHTLY_REPORTS)


def test_the_page_of_a_night_is_the_same_bytes_again(operator: Operator) -> None:
    """report.html, with what is new in the night on it."""
    operator.write_config("")
    operator.deliver(FIRST)
    operator.deliver(INCIDENT)
    operator.run(morning_after(INCIDENT))
    page = operator.texts(INCIDENT)["report.html"]
    assert "mallory" in page
    operator.run(morning_after(INCIDENT))
    assert operator.texts(INCIDENT)["report.html"] == page


@pytest.mark.usefixtures("two_reports")
def test_missed_nights_are_caught_up(operator: Operator) -> None:
    """After the first, two nights nobody ran: one run writes both, each with what is its own."""
    operator.deliver(FIRST)
    operator.run(morning_after(FIRST))
    operator.deliver(INCIDENT)
    operator.deliver(LAST)
    assert operator.run(morning_after(LAST)) == 4
    assert sorted(path.name for path in operator.reports.iterdir() if path.is_dir())[:3] == [
        *NIGHTS
    ]
    assert "person-role mallory" in facts(operator, INCIDENT)
    assert facts(operator, LAST) == set()


@pytest.mark.usefixtures("two_reports")
def test_records_that_come_late_are_told_the_night_they_come(operator: Operator) -> None:
    """The second night's files come a day late: its report is written again as it was, and the
    next one tells what they show, as late.
    """
    operator.deliver(FIRST)
    operator.run(morning_after(FIRST))
    operator.run(morning_after(INCIDENT))
    assert facts(operator, INCIDENT) == set()
    operator.deliver(INCIDENT)
    operator.run(night=INCIDENT)
    assert facts(operator, INCIDENT) == set()
    operator.run(morning_after(LAST))
    rows = json.loads(operator.texts(LAST)["new.json"])["tables"]["facts"]
    mallory = [row for row in rows if row["actor_name"] == "mallory"]
    assert mallory
    assert all(row["is_late"] for row in mallory)


def test_a_failing_report_does_not_cost_the_others(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, the failure is named, every other file is there; the next run mends it."""

    def broken(warehouse: Warehouse, night: reports.Night) -> Report:
        raise ZeroDivisionError(f"of a test, {warehouse is None}, {night.day}")

    some = [item for item in reports.NIGHTLY_REPORTS if item.name != "who"]
    operator.deliver(FIRST)
    with monkeypatch.context() as patched:
        broken_list = (reports.NightlyReport("who", broken), *some)
        patched.setattr("pipeline.nightly.run.NIGHTLY_REPORTS", broken_list)
        assert operator.run(morning_after(FIRST)) == 1
    assert "who.json" not in operator.texts(FIRST)
    assert "new.json" in operator.texts(FIRST)
    failures = operator.account(FIRST)["failures"]
    assert failures == [f"report who of {FIRST}: ZeroDivisionError: of a test, False, {FIRST}"]
    assert operator.run(morning_after(FIRST)) == 0
    assert "who.json" in operator.texts(FIRST)


@pytest.mark.usefixtures("two_reports")
def test_a_failed_report_is_made_after_later_nights_were_written(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two nights the first lacks a report, as does one that was killed before its end; the next
    run, a night later, makes both whole, and leaves whole ones as they are.
    """
    _, who, *_ = reports.NIGHTLY_REPORTS

    def broken(warehouse: Warehouse, night: reports.Night) -> Report:
        if str(night.day) == INCIDENT:
            raise ZeroDivisionError
        return who.make(warehouse, night)

    for night in NIGHTS:
        operator.deliver(night)
    operator.run(night=FIRST)
    with monkeypatch.context() as patched:
        patched.setattr(
            "pipeline.nightly.run.NIGHTLY_REPORTS", (reports.NightlyReport("who", broken),)
        )
        assert operator.run(morning_after(LAST)) == 1
    assert not operator.texts(INCIDENT)
    (operator.reports / LAST / "run.json").unlink()
    whole = (operator.reports / FIRST / "run.json").read_bytes()
    next_morning = morning_after(LAST) + timedelta(days=1)
    assert operator.run(next_morning) == 0
    assert "mallory" in operator.texts(INCIDENT)["who.json"]
    assert (operator.reports / LAST / "run.json").exists()
    assert (operator.reports / FIRST / "run.json").read_bytes() == whole
    assert operator.run(next_morning) == 0
    told = json.loads((operator.reports / "run.json").read_text())["nights"]
    assert list(told) == ["2026-11-23"]


@pytest.mark.usefixtures("two_reports")
def test_findings_make_an_alarm_where_that_is_wanted(operator: Operator) -> None:
    """Exit code 3, also where something was rejected: what is found goes before what is missing."""
    operator.write_config('[reports]\npage = false\n[thresholds]\nfail_on = "high"\n')
    operator.deliver(FIRST)
    operator.deliver(INCIDENT)
    assert operator.run(morning_after(INCIDENT)) == 3


def test_a_folder_of_reports_that_cannot_be_written_is_an_error_at_once(
    operator: Operator,
) -> None:
    """Before anything is read."""
    operator.reports.write_text("a file")
    with pytest.raises(RolecallError, match="The folder of reports cannot be written"):
        operator.run()
    assert not (operator.home / "lake").exists()


@pytest.mark.usefixtures("two_reports")
def test_old_events_are_removed_where_that_is_wanted(operator: Operator) -> None:
    """keep_days; the facts of the removed days stay known."""
    operator.write_config("[reports]\npage = false\n[retention]\nkeep_days = 1\n")
    operator.deliver(FIRST)
    operator.run(morning_after(FIRST))
    operator.deliver(INCIDENT)
    operator.run(morning_after(INCIDENT) + timedelta(days=1))
    assert FIRST in str(operator.account(INCIDENT)["compact"])
    assert "person-role carl.contractor" not in facts(operator, INCIDENT)


@pytest.mark.parametrize(
    ("written", "whole", "closed", "due"),
    [
        ([], [], [], [5]),
        ([4], [4], [4], [5]),
        ([5], [5], [5], [5]),
        ([2], [2], [2], [3, 4, 5]),
        ([2, 5], [2, 5], [2, 5], [3, 4, 5]),
        ([2, 3, 4], [2, 4], [2, 3, 4], [3, 5]),
        ([3, 4], [3, 4], [1, 2, 3, 4], [5]),
        ([], [], [3], [3, 4, 5]),
        ([7], [7], [7], [5]),
    ],
)
def test_due_nights(
    written: list[int], whole: list[int], closed: list[int], due: list[int]
) -> None:
    """All since the first written one that are not whole, and the last in any case; those of a kill
    come again, those whose folders somebody cleared away do not.
    """

    def days(numbers: list[int]) -> list[date]:
        return [date(2026, 11, number) for number in numbers]

    assert due_nights(date(2026, 11, 5), days(written), days(whole), days(closed)) == days(due)


def test_the_log_can_be_read_by_machines(operator: Operator) -> None:
    """No terminal, no HOME, no environment at all; each line on stderr is JSON, stdout is empty."""
    operator.deliver(FIRST)
    with operator.start("--night", FIRST, "--log-format", "json") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    assert out == b""
    lines = [json.loads(line) for line in err.decode().splitlines()]
    assert lines[0]["event"] == "begin"
    assert (lines[-1]["event"], lines[-1]["exit_code"]) == ("end", 0)
    assert "person-role carl.contractor" in facts(operator, FIRST)
    assert sorted(path.name for path in Path(operator.home).iterdir()) == [
        "lake",
        "reports",
        "rolecall.toml",
        "trail",
    ]


def test_a_day_that_is_not_over_is_no_night(operator: Operator) -> None:
    """A mistyped year must not close a night of the future: those before it would stay open."""
    for night in ("2027-11-20", f"{NOON:%Y-%m-%d}"):
        with pytest.raises(UsageError, match="the day is not over"):
            operator.run(night=night)


@pytest.mark.usefixtures("two_reports")
def test_a_night_that_was_skipped_is_closed_too(operator: Operator) -> None:
    """Written out of order, a fact is still told in one night."""
    for night in NIGHTS:
        operator.deliver(night)
    operator.run(night=NIGHTS[0])
    operator.run(night=NIGHTS[2])
    lake = Lake.open(str(operator.home / "lake"))
    closed = [str(night) for night in closed_nights(lake)["night"]]
    assert closed == list(NIGHTS[:3])
    operator.run(night=NIGHTS[1])
    assert not facts(operator, NIGHTS[1]) & facts(operator, NIGHTS[2])
