"""`rolecall new`: what was seen for the first time, and evidence that went bad."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.attribution import build
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.reports.new import NewFilter, new_report
from pipeline.reports.new_words import Known
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse
from tests.front.golden import assert_golden
from tests.front.terminal import rolecall
from tests.front.tracing import warehouse_of
from tests.world.model import Record
from tests.world.scenarios.scenario import Cast, use
from tests.world.signin import console_login
from tests.world.sts import access_key, assume_role, deny_assume_role
from tests.world.world import World

NIGHT_OF_THE_INCIDENT = ("--since", "2026-11-21", "--break-glass", "*BreakGlass*")


def told(where: World | Warehouse, **wanted: Any) -> list[str]:
    """Each fact as `severity: sentence`."""
    warehouse = warehouse_of(where) if isinstance(where, World) else where
    report = new_report(warehouse, NewFilter(**wanted))
    rows = report.tables[0].rows()
    return [f"{row['severity']}: {row['what']}" for row in rows]


@pytest.mark.parametrize("width", [80, 120])
def test_the_incident_is_new_that_night(lake: Path, width: int) -> None:
    """Mallory's key and role, alice on the break-glass role, and the partner's account."""
    ran = rolecall("new", "--lake", lake, *NIGHT_OF_THE_INCIDENT, columns=width)
    assert ran.exit_code == 0
    assert_golden(f"samples-new-{width}.txt", ran.stdout)
    assert max(len(line) for line in ran.stdout.splitlines()) <= width


def test_the_contractor_is_not_new_the_day_after(lake: Path) -> None:
    """He wore SupportRole the day before, and wears it again."""
    document = json.loads(
        rolecall("new", "--lake", lake, "--since", "2026-11-21", "--format", "json").stdout
    )
    names = {row["actor_name"] for row in document["tables"]["facts"]}
    assert "carl.contractor" not in names
    assert "mallory" in names


def test_a_pipeline_can_stop_at_what_is_new(lake: Path) -> None:
    """Exit code 3 after the report is written; none where nothing is that urgent."""
    ran = rolecall("new", "--lake", lake, "--since", "2026-11-21", "--fail-on", "high")
    assert ran.exit_code == 3
    assert "new in role" in ran.stdout
    ran = rolecall("new", "--lake", lake, "--since", "2026-11-23", "--fail-on", "high")
    assert (ran.exit_code, "nothing new" in ran.stdout) == (0, True)


def test_filters_leave_out_the_rest(lake: Path) -> None:
    """By actor, role and account, spelled as `who` spells them."""
    arguments = ("new", "--lake", lake, "--since", "2025-01-01", "--format", "csv")
    assert "alice" in rolecall(*arguments, "--actor", "ali*").stdout
    assert "mallory" not in rolecall(*arguments, "--actor", "ali*").stdout
    by_role = rolecall(*arguments, "--role", "DataExportRole").stdout
    assert "mallory" in by_role
    assert "SupportRole" not in by_role
    assert "mallory" not in rolecall(*arguments, "--account", "900000000009").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--night", "yesterday"), "--night 'yesterday' is no date; write 2026-11-23"),
        (("--night", "2026-11-23", "--since", "7d"), "--night is a window of its own"),
        (("--fail-on", "urgent"), "--fail-on 'urgent' is no severity"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    lake: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, one line."""
    ran = rolecall("new", "--lake", lake, *arguments)
    assert ran.exit_code == 2
    assert said in ran.stderr


def test_a_lake_without_a_past_says_so(lake: Path) -> None:
    """All of its first day is new to it; the incident's day has a past."""
    ran = rolecall("new", "--lake", lake, "--since", "2025-01-01")
    assert "note: the lake holds nothing from before 2025-10-16 09:00:00 UTC" in ran.stderr
    assert (
        "nothing from before" not in rolecall("new", "--lake", lake, "--since", "2026-11-21").stderr
    )


def test_probing_shows_who_was_denied_what() -> None:
    """Ten denied AssumeRole calls in a row are one burst, told under the caller's proven name."""
    cast = Cast(World("probing"))
    hat = assume_role(cast.alice, cast.analyst, "bob")
    for number in range(10):
        deny_assume_role(hat, cast.role(cast.security, f"Role{number}"))
    (burst,) = [line for line in told(cast.world) if "denied" in line]
    assert burst == "medium: alice → Analyst: 10 calls denied that day"


def test_a_burst_of_roles_that_open_on_retry_is_not_called_probing() -> None:
    """It is told, with why; with ten that stay shut beside them it is probing all the same."""
    cast = Cast(World("terraform"))
    for number in range(10):
        role = cast.role(cast.security, f"Made{number}")
        deny_assume_role(cast.alice, role)
        assume_role(cast.alice, role, "terraform", at=cast.world.tick(30))
    (row,) = (
        row
        for row in new_report(warehouse_of(cast.world)).tables[0].rows()
        if row["kind"] == "denied-burst"
    )
    assert (row["severity"], row["event_count"], row["retried_calls"]) == ("low", 10, 10)
    assert "opened within five minutes" in str(row["why"])
    for number in range(10):
        deny_assume_role(cast.alice, cast.role(cast.security, f"Shut{number}"))
    (burst,) = [line for line in told(cast.world) if "denied" in line]
    assert burst == "medium: alice: 20 calls denied that day"


def test_a_denied_session_that_nobody_is_behind_names_nobody() -> None:
    """The session name stays a claim."""
    cast = Cast(World("probing"))
    hat = assume_role(cast.alice, cast.analyst, "bob")
    assert hat.issue is not None
    cast.world.withhold(hat.issue.call)
    for number in range(10):
        deny_assume_role(hat, cast.role(cast.security, f"Role{number}"))
    (burst,) = [line for line in told(cast.world) if "denied" in line]
    assert burst.startswith("medium: unresolved (session name says “bob”) → Analyst: 10")


def test_root_at_the_console_is_urgent() -> None:
    """The first time is told as high, with the network; a key of root is critical."""
    world = World("root")
    account = world.account("security", id="200000000002")
    root = world.root(account)
    console_login(root)
    use(access_key(root))
    lines = told(world)
    assert "high: root of 200000000002 signed in to the console from 203.0.113.0/24" in lines
    assert any(line.startswith("critical: access key AKIA") for line in lines)
    assert any(line.endswith("of root of 200000000002") for line in lines)


def test_a_known_account_is_less_urgent() -> None:
    """An outside account that nobody announced is high; a known partner is medium."""
    cast = Cast(World("crossing"))
    use(assume_role(cast.alice, cast.role(cast.elsewhere, "Theirs"), "alice"))
    crossing = "account 200000000002 → Theirs in 900000000009"
    assert f"high: {crossing}" in told(cast.world)
    known = Known(accounts=("900000000009",))
    assert f"medium: {crossing}" in told(cast.world, known=known)


def write_night(folder: Path, night: int, records: list[Record]) -> Path:
    path = folder / f"night-{night}.json"
    path.write_text(json.dumps({"Records": records}))
    return path


def test_new_means_new_against_removed_days_too(tmp_path: Path) -> None:
    """Alice wore Analyst on a day whose events are gone: she is not new in it, also when the
    models are built from nothing; Bob is.
    """
    world = World("removed", start="2026-11-01T08:00:00Z")
    cast = Cast(world)
    use(assume_role(cast.alice, cast.analyst, "alice"))
    first = world.records()
    later = World("removed", start="2026-11-20T08:00:00Z")
    cast = Cast(later)
    use(assume_role(cast.alice, cast.analyst, "alice"))
    use(assume_role(cast.bob, cast.analyst, "bob"))
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    for night, records in enumerate((first, later.records())):
        ingest([str(write_night(tmp_path, night, records))], lake, workers=1)
        build(lake)
        lake.compact(datetime(2026, 11, 21, tzinfo=UTC), keep_days=5, retention_hours=0)
    since = Window(since=datetime(2026, 11, 20, tzinfo=UTC))
    for _ in range(2):
        with Warehouse.open(lake) as warehouse:
            assert warehouse.sql("select min(event_date) as d from events")["d"][0] == date(
                2026, 11, 20
            )
            roles = [line for line in told(warehouse, window=since) if "→" in line]
        assert roles == ["medium: bob → Analyst in 200000000002"]
        tables = lake.models()
        with lake.locked():
            tables.commit("older SQL")  # the next build begins from nothing
            build(lake)


def test_a_name_that_turns_out_wrong_is_taken_back(tmp_path: Path) -> None:
    """First only the owner's copy is there, which shows an account; then alice's own."""
    cast = Cast(World("taken back"))
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    made = use(hat)
    assert hat.issue is not None
    assert hat.issue.owner_copy is not None
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    nights = ([hat.issue.owner_copy.record, made.record], [hat.issue.call.record])
    seen = []
    for night, records in enumerate(nights):
        ingest([str(write_night(tmp_path, night, records))], lake, workers=1)
        build(lake)
        with Warehouse.open(lake) as warehouse:
            report = new_report(warehouse)
        seen.append(
            {
                table.name: [str(row["what"]) for row in table.rows()]
                for table in report.tables
                if table.name in ("facts", "retracted")
            }
        )
    theirs = [line for line in seen[0]["facts"] if line.startswith("account 200000000002 (AIDA")]
    assert theirs
    assert "retracted" not in seen[0]
    assert "alice → BreakGlass in 300000000003" in seen[1]["facts"]
    assert not set(theirs) & set(seen[1]["facts"])
    assert seen[1]["retracted"] == theirs
