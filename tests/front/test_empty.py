"""What is said where nothing matches, where an id cannot be one, and where rows are cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.render import Page, render
from pipeline.reports.who import WhoFilter, who_report
from tests.front.facts import alice, incident, warehouse_of
from tests.front.terminal import rolecall


def notes(wanted: WhoFilter) -> str:
    with warehouse_of(*incident()) as warehouse:
        return " ".join(who_report(warehouse, wanted).notes)


def test_no_match_says_what_the_lake_has() -> None:
    """Accounts, span and the roles that look alike."""
    said = notes(WhoFilter(role="BreakGlas"))
    assert "no events match · role BreakGlas" in said
    assert "111111111111, 222222222222, 333333333333" in said
    assert "from 2026-11-20 09:00:00 until 2026-11-20 09:21:00 UTC" in said
    assert "roles that look alike: SecurityBreakGlassRole" in said


def test_nothing_alike_lists_what_there_is() -> None:
    """An actor of another kind of name: the lake's own are told."""
    assert "no actor looks alike; actors: alice, i-0abc" in notes(WhoFilter(actor="zzzzzz"))


def test_a_match_says_nothing_of_that() -> None:
    """The note is for no match only, also where all that matches is hidden."""
    assert "no events match" not in notes(WhoFilter(role="AppRole"))


def test_no_match_is_an_answer_on_stdout_and_a_note_on_stderr(lake: Path) -> None:
    """Exit code 0: programs get an empty list."""
    ran = rolecall("who", "--role", "SecurityBreakGlas", "--lake", lake)
    assert ran.exit_code == 0
    assert "no events match" in ran.stdout
    assert "roles that look alike: SecurityBreakGlassRole" in ran.stderr


def test_what_cannot_be_an_account_is_exit_2(lake: Path) -> None:
    """Twelve digits."""
    ran = rolecall("who", "--account", "12", "--lake", lake)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--account '12' is not an account id of twelve digits" in ran.stderr


@pytest.mark.parametrize(
    "arguments", [("show", "zzz"), ("trace", "zzz"), ("schema", "zzz")], ids=lambda a: str(a[0])
)
def test_what_is_not_found_is_exit_1(arguments: tuple[str, ...], lake: Path) -> None:
    """An id, a name, a table."""
    where = () if arguments[0] == "schema" else ("--lake", str(lake))
    ran = rolecall(*arguments, *where)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "'zzz'" in ran.stderr


def test_a_limit_cuts_and_says_so_on_the_page() -> None:
    """People first; the heading names the option that shows all."""
    with warehouse_of(*incident()) as warehouse:
        report = who_report(warehouse, WhoFilter(limit=2))
    assert report.tables[0].frame.height == 2
    assert "(the first 2 of 4 rows; --limit 4 shows all)" in render(report, "table", Page(100))
    assert "cut: the first 2 of 4 rows; --limit 4 shows all" in report.notes


def test_data_is_whole_without_a_limit(lake: Path) -> None:
    """A program is given all rows; with --limit, as many as it asked for."""
    whole = rolecall("who", "--all-actors", "--format", "ndjson", "--lake", lake).stdout
    cut = rolecall("who", "--all-actors", "--limit", "1", "--format", "ndjson", "--lake", lake)
    assert whole.count("\n") > cut.stdout.count("\n") == 1


def test_an_identity_center_user_has_one_heading() -> None:
    """Known by id here, by name there: one heading says both, and whence the name is."""
    person = {"actor_kind": "identity-center-user", "actor_name": "9067-id", "actor_arn": None}
    with warehouse_of(
        alice("09:00:00", "sso:A", **person, actor_display="9067-id"),
        alice(
            "09:01:00",
            "sts:B",
            "arn:aws:iam::222222222222:role/Reserved",
            **person,
            actor_display="alice@example.com",
            user_principal_id="AROA1:alice@example.com",
        ),
    ) as warehouse:
        rows = list(who_report(warehouse).tables[0].rows())
    assert {row["group"] for row in rows} == {
        "alice@example.com (9067-id) · Identity Center user in 111111111111 "
        "(the name is that of his sessions)"
    }
    assert [row["actor_display"] for row in rows] == ["9067-id", "alice@example.com"]


def test_a_narrow_page_drops_the_least_column_and_keeps_the_hat(lake: Path) -> None:
    """At 60 cells the timeline is still a table: time, mark and call under the hat."""
    with_address = rolecall("trace", "mallory", "--lake", lake, columns=100).stdout
    ran = rolecall("trace", "mallory", "--lake", lake, columns=60)
    timeline = ran.stdout.partition("What was done under each hat")[2]
    assert "198.51.100.66" in with_address.partition("What was done under each hat")[2]
    assert "198.51.100.66" not in timeline
    assert "DataExportRole" in timeline
    assert "row 1" not in timeline
    assert max(map(len, ran.stdout.splitlines())) <= 60
