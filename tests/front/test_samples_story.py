"""The commands on the bundled samples: the incident reads as it happened."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.front.golden import assert_golden
from tests.front.terminal import SAMPLES, Ran, rolecall

CHAIN = "alice → SecurityAnalystRole → SecurityBreakGlassRole"


def ask(lake: Path, *arguments: str) -> Ran:
    ran = rolecall(*arguments, "--lake", str(lake))
    assert ran.exit_code == 0, ran.stderr
    return ran


def rows(lake: Path, *arguments: str) -> list[dict[str, Any]]:
    document = json.loads(ask(lake, *arguments, "--format", "json").stdout)
    return next(iter(document["tables"].values()))


def test_ingest_adds_up(ingested: tuple[Path, Ran]) -> None:
    """The closing line balances, and the broken record is named; exit code 4 says there is one."""
    _, ran = ingested
    assert "records read 291 = 289 stored + 1 duplicate + 1 rejected" in ran.stdout
    assert "no eventTime" in ran.stderr
    assert ran.exit_code == 4
    assert ran.stdout.count("\n") == ran.stderr.count("\n") == 1


def test_ingesting_again_stores_nothing(lake: Path) -> None:
    """Every file is in the ledger: nothing is read, nothing is stored, nothing is lost."""
    before = ask(lake, "who", "--all-actors").stdout
    ran = rolecall("ingest", SAMPLES, "--lake", lake)
    assert "records read 0 = 0 stored + 0 duplicate + 0 rejected" in ran.stdout
    assert ran.exit_code == 0
    assert ask(lake, "who", "--all-actors").stdout == before


@pytest.mark.parametrize("width", [80, 120])
def test_who_tells_the_incident(lake: Path, width: int) -> None:
    """The whole story on one screen or two."""
    ran = rolecall("who", "--lake", lake, columns=width)
    assert_golden(f"samples-who-{width}.txt", ran.stdout)


def test_the_break_glass_role_was_worn_by_alice(lake: Path) -> None:
    """Proven through two hops and two accounts."""
    ran = ask(lake, "who", "--role", "SecurityBreakGlassRole")
    assert f"{CHAIN}  ✓ proven" in ran.stdout
    assert ran.stdout.count("→ SecurityBreakGlassRole") == 1


def test_what_only_claims_to_be_alice_is_not_alice(lake: Path) -> None:
    """Her rows hold what is hers; the claim is mentioned beside them."""
    ran = ask(lake, "who", "--actor", "alice")
    assert "SupportRole" not in ran.stdout
    assert "DataExportRole" not in ran.stdout
    assert "calls itself 'alice' and does not prove it" in ran.stderr


def test_the_framed_session_is_mallorys(lake: Path) -> None:
    """The session name is alice, the key is his."""
    (row,) = rows(lake, "who", "--role", "DataExportRole")
    assert (row["actor_name"], row["evidence"]) == ("mallory", "proven")
    assert row["session_names"] == ["alice"]


def test_who_of_an_account_and_a_day(lake: Path) -> None:
    """Filters combine."""
    found = rows(lake, "who", "--account", "200000000002", "--from", "2026-11-21T09:00Z")
    assert {row["actor_name"] for row in found} == {"alice"}


def test_notes_go_to_stderr_and_data_to_stdout(lake: Path) -> None:
    """A pipe gets the table alone."""
    ran = ask(lake, "who")
    assert "--all-actors shows them" in ran.stderr
    assert "--all-actors" not in ran.stdout


def test_show_gives_the_record_back(lake: Path) -> None:
    """What CloudTrail wrote, without the session token; the beginning of the id will do."""
    originals = [
        record
        for path in SAMPLES.rglob("*.json.gz")
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
    ]
    original = next(r for r in originals if r["eventName"] == "CreateAccessKey")
    ran = ask(lake, "show", original["eventID"][:12])
    assert json.loads(ran.stdout) == original
    assert "olivia.admin (direct)" in ran.stderr


def test_show_gives_every_copy(lake: Path) -> None:
    """The two accounts' copies of a call have ids of their own; each is found by its own."""
    found = rows(
        lake, "sql", "select event_id from events where event_name = 'AssumeRole' order by 1"
    )
    event_id = found[0]["event_id"]
    document = json.loads(ask(lake, "show", event_id, "--format", "json").stdout)
    assert [row["event_id"] for row in document["tables"]["records"]] == [event_id]
    assert document["tables"]["records"][0]["record"]["eventID"] == event_id


def test_show_of_an_unknown_or_short_id_says_so(lake: Path) -> None:
    """No match, several matches and no id are three messages."""
    nothing = rolecall("show", "zzz", "--lake", lake)
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "no event id begins with 'zzz'" in nothing.stderr
    several = rolecall("show", "1", "--lake", lake)
    assert several.exit_code == 2
    assert "several event ids begin with '1'" in several.stderr


def test_status_shows_coverage_gaps_rejects_and_evidence(lake: Path) -> None:
    """What a person needs to know before believing the rest.

    So wide that no path is broken over two lines, however long the checkout's own path is.
    """
    ran = rolecall("status", "--lake", lake, columns=2000)
    assert_golden("samples-status.txt", without_places(ran.stdout, lake))


def without_places(text: str, lake: Path) -> str:
    """The text without what differs from run to run: the lake's path, sizes, time of ingest."""
    text = text.replace(str(lake), "LAKE").replace(str(SAMPLES), "SAMPLES")
    volatile = ("bytes ", "last ingested ")
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(volatile)
    )


def test_sql_reads_the_views(lake: Path) -> None:
    """A person's own question, and its answer as rows."""
    statement = (
        "select actor_name, count(*) as events from attributed_events "
        "where actor_kind = 'iam-user' group by all order by all"
    )
    assert [row["actor_name"] for row in rows(lake, "sql", statement)] == [
        "alice",
        "carl.contractor",
        "mallory",
        "olivia.admin",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "drop table events",
        "create table x as select 1",
        "select * from read_text('/etc/passwd')",
        "copy events to '/tmp/x.csv'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "select 1; select 2",
        "set memory_limit = '1GB'",
        "select * from nowhere",
        "select",
        "",
    ],
)
def test_sql_that_is_no_select_over_the_lake_is_refused(lake: Path, statement: str) -> None:
    """Read-only, no files, no settings, one statement; the message goes to stderr."""
    ran = rolecall("sql", statement, "--lake", lake)
    is_select = statement.startswith("select") and ";" not in statement
    assert (ran.exit_code, ran.stdout) == (1 if is_select else 2, "")
    assert ran.stderr.startswith("rolecall: ")


def test_the_demo_tells_the_story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, the sessions under somebody else's name, the old key, what next; no lake is left."""
    monkeypatch.chdir(tmp_path)
    ran = rolecall("demo")
    assert ran.exit_code == 0
    assert_golden("demo.txt", ran.stdout.replace(str(SAMPLES), "SAMPLES"))
    assert CHAIN in ran.stdout
    assert "Sessions that carry somebody else's name" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_demo_as_data() -> None:
    """Its tables are the reports' own."""
    document = json.loads(rolecall("demo", "--format", "json").stdout)
    assert list(document["tables"]) == ["actors", "framed_sessions", "long_term_keys", "next"]
    framed = {
        (row["session_name"], row["actor_name"]) for row in document["tables"]["framed_sessions"]
    }
    assert framed == {("alice", "mallory"), ("alice", None), ("alice", "900000000009")}
    (first, *_) = document["tables"]["long_term_keys"]
    assert first["actor_name"] == "carl.contractor"
    assert (first["severity"], first["age_days"]) == ("high", 402)
