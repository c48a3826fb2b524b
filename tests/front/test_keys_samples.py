"""`rolecall keys` on the bundled samples: what is read every morning, and what stops a pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.front.golden import assert_golden
from tests.front.keying import HEADER, key_cells, user_line
from tests.front.terminal import rolecall

CONTRACTOR = "AKIAV2IO3UACN6MYCK22"


@pytest.mark.parametrize("width", [80, 120])
def test_the_contractors_old_key_comes_first(lake: Path, width: int) -> None:
    """Old, no MFA, and it administers; what each key reached is below."""
    ran = rolecall("keys", "--lake", lake, columns=width)
    assert ran.exit_code == 0
    assert_golden(f"samples-keys-{width}.txt", ran.stdout)
    assert max(len(line) for line in ran.stdout.splitlines()) <= width


@pytest.mark.parametrize(("severity", "code"), [("high", 3), ("critical", 0)])
def test_fail_on_stops_a_pipeline(lake: Path, severity: str, code: int) -> None:
    """The report is written all the same."""
    ran = rolecall("keys", "--fail-on", severity, "--lake", lake)
    assert ran.exit_code == code
    assert CONTRACTOR in ran.stdout
    assert ("2 findings of severity high or above" in ran.stderr) is (code == 3)


def test_a_credential_report_on_the_command_line(lake: Path, tmp_path: Path) -> None:
    """Mallory's second key was never used; where the file is none, the error says so."""
    path = tmp_path / "report.csv"
    never = key_cells("2026-06-01T09:00:00+00:00")
    path.write_text(f"{HEADER}\n{user_line('mallory', never, account='400000000004')}\n")
    arguments = ("keys", "--lake", lake, "--credential-report", path)
    document = json.loads(rolecall(*arguments, "--format", "json").stdout)
    (found,) = document["tables"]["credential_report_findings"]
    assert (found["user_name"], found["severity"]) == ("mallory", "medium")
    path.write_text("user,arn\n")
    ran = rolecall(*arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--credential-report: " in ran.stderr
    assert "no credential report" in ran.stderr


@pytest.mark.parametrize("format_name", ["json", "ndjson", "csv", "markdown"])
def test_every_format_has_it(lake: Path, format_name: str) -> None:
    """From the same report; a session name or user agent that attacks is the renderers' task."""
    ran = rolecall("keys", "--lake", lake, "--format", format_name)
    assert ran.exit_code == 0
    assert CONTRACTOR in ran.stdout


def test_names_from_a_directory(lake: Path, tmp_path: Path) -> None:
    """Only what is shown changes."""
    names = tmp_path / "people.csv"
    names.write_text("id,name,e-mail,team\ncarl.contractor,Carl,carl@example.com,\n")
    arguments = ("keys", "--lake", lake, "--directory", names, "--actor", "carl.contractor")
    document = json.loads(rolecall(*arguments, "--format", "json").stdout)
    rows = document["tables"]["credentials"]
    assert {(r["actor_name"], r["actor_display"]) for r in rows} == {
        ("carl.contractor", "Carl <carl@example.com>")
    }


def test_every_call_with_a_long_term_credential_counts_once(lake: Path) -> None:
    """As the attribution has them, less the role owners' copies of other accounts' calls."""
    ran = rolecall(
        "sql",
        "select a.event_id, a.actor_name from attributed_events as a"
        " where a.long_term_credential and a.user_type <> 'AWSAccount' order by all",
        "--lake",
        lake,
        "--format",
        "csv",
    )
    uses = rolecall(
        "sql",
        "select event_id, actor_name from credential_uses order by all",
        "--lake",
        lake,
        "--format",
        "csv",
    )
    assert ran.stdout == uses.stdout
    assert len(uses.stdout.splitlines()) == 1 + 127
