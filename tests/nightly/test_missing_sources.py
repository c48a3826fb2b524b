"""Nights of which a source cannot be read, or holds no CloudTrail."""

from __future__ import annotations

import json

import pytest

from pipeline.nightly import reports
from tests.nightly.conftest import NIGHTS, Operator
from tests.nightly.told import facts, morning_after

FIRST, INCIDENT, LAST = NIGHTS


def test_a_source_that_is_missing_does_not_cost_the_others(operator: Operator) -> None:
    """Exit code 4: the night must not look green."""
    operator.write_config()
    text = operator.config.read_text().replace('{path = "trail"}', '{path="gone"}, {path="trail"}')
    operator.config.write_text(text)
    operator.deliver(FIRST)
    assert operator.run(morning_after(FIRST)) == 4
    assert "person-role carl.contractor" in facts(operator, FIRST)
    assert "gone" in str(operator.account(FIRST)["incomplete"])
    for report in reports.NIGHTLY_REPORTS:
        (note,) = (
            note
            for note in json.loads(operator.texts(FIRST)[f"{report.name}.json"])["notes"]
            if "could not be read" in note
        )
        assert str(operator.home / "gone") in note


@pytest.mark.usefixtures("two_reports")
def test_a_source_without_any_cloudtrail_is_not_green(operator: Operator) -> None:
    """The wrong folder, as `ingest` says of it: exit code 4, and why; night after night, until
    there is some, from when on other files are none of its business.
    """
    operator.write_config()
    (operator.home / "trail").mkdir(exist_ok=True)
    (operator.home / "trail" / "notes.txt").write_text("no CloudTrail")
    for night in (FIRST, INCIDENT):
        assert operator.run(morning_after(night)) == 4
        said = str(operator.account(night)["incomplete"])
        assert "none of its 1 file is CloudTrail" in said
    operator.deliver(FIRST)
    assert operator.run(morning_after(LAST)) == 0
    (operator.home / "trail" / "more.txt").write_text("no CloudTrail either")
    assert operator.run(morning_after(LAST)) == 0


@pytest.mark.usefixtures("two_reports")
def test_a_night_without_a_source_is_written_again_when_the_source_is_back(
    operator: Operator,
) -> None:
    """Its `who` then has all; what is new is told by the next night, as late; and that once."""
    text = operator.config.read_text().replace('{path = "trail"}', '{path="gone"}, {path="trail"}')
    operator.config.write_text(text)
    operator.deliver(FIRST)
    operator.deliver(INCIDENT)
    (operator.home / "trail" / INCIDENT).rename(operator.home / "aside")
    assert operator.run(morning_after(INCIDENT)) == 4
    assert "mallory" not in operator.texts(INCIDENT)["who.json"]
    told = facts(operator, INCIDENT)
    (operator.home / "aside").rename(operator.home / "gone")
    assert operator.run(morning_after(LAST)) == 4  # one record of the source is broken
    assert "mallory" in operator.texts(INCIDENT)["who.json"]
    assert "could not be read" not in operator.texts(INCIDENT)["who.json"]
    assert facts(operator, INCIDENT) == told
    assert "person-role mallory" in facts(operator, LAST)
    operator.run(morning_after(LAST))
    written = json.loads((operator.reports / "run.json").read_text())["nights"]
    assert list(written) == [LAST]


@pytest.mark.usefixtures("two_reports")
@pytest.mark.parametrize("is_there", [True, False])
def test_no_night_is_written_where_nothing_could_be_read(
    operator: Operator, *, is_there: bool
) -> None:
    """The trail is not mounted: gone, or an empty folder. No report says that all was quiet; the
    next run tells the night as if nothing had been.
    """
    operator.deliver(FIRST)
    assert operator.run(morning_after(FIRST)) == 0
    (operator.home / "trail").rename(operator.home / "unmounted")
    if is_there:
        (operator.home / "trail").mkdir()
    assert operator.run(morning_after(INCIDENT)) == 4
    assert not (operator.reports / INCIDENT).exists()
    run = json.loads((operator.reports / "run.json").read_text())
    assert run["nights_put_off"] == [INCIDENT]
    assert run["sources"][0]["error"]
    assert str(operator.home / "trail") in run["incomplete"][0]
    if is_there:
        (operator.home / "trail").rmdir()
    (operator.home / "unmounted").rename(operator.home / "trail")
    operator.deliver(INCIDENT)
    operator.run(morning_after(LAST))
    assert "person-role mallory" in facts(operator, INCIDENT)
    assert facts(operator, LAST) == set()
