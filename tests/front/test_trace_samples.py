"""`rolecall trace` on the bundled samples: what an incident responder asks, and reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.front.golden import assert_golden
from tests.front.terminal import Ran, rolecall


def ask(lake: Path, *arguments: str, columns: int = 100) -> Ran:
    ran = rolecall("trace", *arguments, "--lake", str(lake), columns=columns)
    assert ran.exit_code == 0, ran.stderr
    return ran


def sessions(lake: Path, role: str, **wanted: object) -> list[str]:
    """The ids of the sessions of a role whose columns are as wanted."""
    document = json.loads(ask(lake, role, "--format", "json").stdout)
    rows: list[dict[str, Any]] = document["tables"].get("overview") or document["tables"]["up"]
    return [
        row["session_id"]
        for row in rows
        if row["session_id"] and all(row[name] == value for name, value in wanted.items())
    ]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_break_glass_session_reads_from_alice_down(lake: Path, width: int) -> None:
    """Three levels: her MFA session, SecurityAnalystRole, SecurityBreakGlassRole."""
    ran = ask(lake, "SecurityBreakGlassRole", columns=width)
    assert_golden(f"samples-trace-break-glass-{width}.txt", ran.stdout)
    assert max(len(line) for line in ran.stdout.splitlines()) <= width


def test_the_analyst_session_shows_all_that_came_out_of_it(lake: Path) -> None:
    """Break-glass in production, responder in staging, and what was done under each."""
    assert_golden("samples-trace-analyst.txt", ask(lake, "SecurityAnalystRole").stdout)


def test_the_framed_session_is_mallorys(lake: Path) -> None:
    """It is called alice; his key put it on."""
    assert_golden("samples-trace-framed.txt", ask(lake, "DataExportRole").stdout)


def test_the_framed_session_without_its_call_says_what_is_missing(lake: Path) -> None:
    """The AssumeRole went to a region that the trail does not cover."""
    (session,) = sessions(lake, "SupportRole", evidence="claimed")
    assert_golden("samples-trace-unknown.txt", ask(lake, session).stdout)


def test_the_contractors_key_shows_who_made_it_and_every_hat(lake: Path) -> None:
    """Olivia made it 400 days before; three sessions of SupportRole."""
    ran = ask(lake, "AKIAV2IO3UACN6MYCK22", "--limit", "12")
    assert_golden("samples-trace-contractor.txt", ran.stdout)
    assert "timeline cut: " in ran.stderr


def test_an_address_shows_every_hat_that_was_worn_there(lake: Path) -> None:
    """Mallory's key, and the session that nobody is proven to be."""
    document = json.loads(ask(lake, "198.51.100.66", "--format", "json").stdout)
    rows = document["tables"]["overview"]
    assert [(row["actor_name"], row["evidence"]) for row in rows] == [
        ("mallory", "direct"),
        (None, "claimed"),
    ]


def test_a_window_and_write_only_narrow_the_timeline(lake: Path) -> None:
    """Options combine, and the title says the window."""
    ran = ask(
        lake,
        "alice",
        *("--from", "2026-11-21T09:25Z", "--to", "2026-11-21T09:27Z", "--write-only"),
    )
    assert ran.stdout.startswith(
        "Trace of actor alice from 2026-11-21 09:25:00 until 2026-11-21 09:27:00 UTC"
    )
    assert "ec2:CreateSnapshot" in ran.stdout
    assert "ec2:CreateSecurityGroup" not in ran.stdout


def test_json_is_documented_and_has_its_version(lake: Path) -> None:
    """Every table and column of the data is named in docs/json.md."""
    page = Path(__file__).resolve().parents[2] / "docs" / "json.md"
    text = page.read_text(encoding="utf-8")
    document = json.loads(ask(lake, "198.51.100.66", "--format", "json").stdout)
    assert document["version"] == 1
    for name, rows in document["tables"].items():
        assert f"`{name}`" in text
        for column in {column for row in rows for column in row}:
            assert f"`{column}`" in text, f"{name}.{column}"
    node = document["tables"]["tree"][0]["node"]
    assert [name for name in node if f"`{name}`" not in text] == []


def test_a_directory_names_people_in_every_format(lake: Path, tmp_path: Path) -> None:
    """What is shown changes; what the log says does not."""
    file = tmp_path / "people.csv"
    file.write_text("name,id\nAlice Smith,arn:aws:iam::200000000002:user/alice\n")
    arguments = ("SecurityBreakGlassRole", "--directory", str(file))
    assert "Alice Smith → SecurityAnalystRole" in ask(lake, *arguments).stdout
    document = json.loads(ask(lake, *arguments, "--format", "json").stdout)
    actor = document["tables"]["up"][0]
    assert (actor["actor_display"], actor["actor_name"]) == ("Alice Smith", "alice")
    assert "Alice Smith" in ask(lake, *arguments, "--format", "csv").stdout
    who = rolecall("who", "--actor", "Alice*", "--directory", file, "--lake", lake)
    assert "Alice Smith · IAM user in 200000000002" in who.stdout
    by_name = ask(lake, "alice smith", "--directory", str(file))
    assert "access key AKIAS5EHN2ABCBRMRTXQ of Alice Smith" in by_name.stdout


def test_nothing_found_is_exit_code_one(lake: Path) -> None:
    """One line, and nothing on stdout."""
    ran = rolecall("trace", "nobody-here", "--lake", lake)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith("rolecall: nothing in the lake is the actor")


def test_a_bad_directory_is_told_before_anything_is_read(lake: Path, tmp_path: Path) -> None:
    """With file and line."""
    file = tmp_path / "people.csv"
    file.write_text("id,name\n,Alice\n")
    ran = rolecall("trace", "alice", "--directory", file, "--lake", lake)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"the line has no id ({file}:2)" in ran.stderr
