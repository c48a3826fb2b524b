"""The command line: exit codes, messages with the next step, files, and what goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import __version__
from tests.front.terminal import Ran, rolecall
from tests.front.trail import record, write

READERS = (
    ("who",),
    ("status",),
    ("show", "abc"),
    ("sql", "select 1"),
)


def assert_said(ran: Ran, exit_code: int, *words: str) -> None:
    """One message on stderr, nothing on stdout, and no traceback."""
    assert ran.exit_code == exit_code, ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    for word in words:
        assert word in ran.stderr


def test_version() -> None:
    """`--version` is one line."""
    assert rolecall("--version") == Ran(0, f"rolecall {__version__}\n", "")


def test_help_without_arguments() -> None:
    """Whoever types only the name sees the commands."""
    ran = rolecall()
    text = ran.stdout + ran.stderr
    assert all(
        name in text for name in ("ingest", "who", "show", "sql", "schema", "status", "demo")
    )


@pytest.mark.parametrize("arguments", [("nonsense",), ("who", "--nonsense"), ("ingest",)])
def test_a_wrong_command_line_is_exit_2(arguments: tuple[str, ...]) -> None:
    """Unknown command, unknown option, missing argument."""
    assert rolecall(*arguments).exit_code == 2


def test_an_unknown_format_is_exit_2_before_anything_is_read(tmp_path: Path) -> None:
    """The valid formats are named; the lake is not even looked for."""
    ran = rolecall("who", "--format", "yaml", "--lake", tmp_path / "nowhere")
    assert_said(ran, 2, "table, json, ndjson, csv, markdown")


def test_a_wrong_time_is_exit_2(tmp_path: Path) -> None:
    """Examples of times are in the message."""
    assert_said(rolecall("who", "--from", "soon", "--lake", tmp_path), 2, "7d, 12h, 30m")


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_a_missing_lake_is_exit_1(command: tuple[str, ...], tmp_path: Path) -> None:
    """The message says how to make one; a reader never makes it."""
    ran = rolecall(*command, "--lake", tmp_path / "nowhere")
    assert_said(ran, 1, "nowhere", "rolecall ingest")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_a_folder_that_is_no_lake_is_exit_1(command: tuple[str, ...], tmp_path: Path) -> None:
    """Reading somebody's other folder is refused with a reason."""
    (tmp_path / "notes.txt").write_text("not a lake")
    assert_said(rolecall(*command, "--lake", tmp_path), 1, str(tmp_path), "not a")


@pytest.mark.parametrize("command", [*READERS, ("ingest", ".")], ids=lambda command: command[0])
def test_a_lake_of_a_newer_version_is_exit_1(
    command: tuple[str, ...], lake: Path, tmp_path: Path
) -> None:
    """This version would misread it; the message says to upgrade."""
    newer = shutil.copytree(lake, tmp_path / "lake")
    marker = newer / "rolecall.json"
    content = json.loads(marker.read_text())
    marker.write_text(json.dumps(content | {"version": 99}))
    assert_said(rolecall(*command, "--lake", newer), 1, "newer", "Upgrade")


def test_ingest_does_not_write_into_a_folder_that_is_no_lake(tmp_path: Path) -> None:
    """Somebody's folder stays as it was."""
    home = tmp_path / "home"
    write(tmp_path / "trail" / "a.json", record(1))
    home.mkdir()
    (home / "notes.txt").write_text("not a lake")
    assert_said(rolecall("ingest", tmp_path / "trail", "--lake", home), 1, str(home))
    assert [path.name for path in home.iterdir()] == ["notes.txt"]


def test_a_missing_source_is_exit_1(tmp_path: Path) -> None:
    """A typing mistake is not an empty success, nor half of one: it is told at once."""
    ran = rolecall("ingest", tmp_path / "typo", "--lake", tmp_path / "lake")
    assert_said(ran, 1, "typo")
    write(tmp_path / "good" / "1.json", record(1))
    ran = rolecall("ingest", tmp_path / "good", tmp_path / "typo", "--lake", tmp_path / "lake")
    assert_said(ran, 1, "typo")
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    "words", [("ingest", ""), ("ingest", ".", "--lake", ""), ("who", "--lake", "")]
)
def test_an_empty_path_is_not_the_working_directory(words: tuple[str, ...]) -> None:
    """As of a variable that is not set: exit code 2, and nothing is read or made."""
    assert_said(rolecall(*words), 2, "is empty")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        *((command, "--role") for command in ("who", "roles", "people", "keys", "new")),
        *((command, "--actor") for command in ("who", "roles", "people", "keys", "new")),
        ("who", "--service"),
        ("least-privilege", "--person"),
    ],
)
def test_an_empty_filter_asks_for_nothing(command: str, option: str) -> None:
    """As of a variable that is not set: exit code 2, not an empty answer that looks like one."""
    for value in ("", " "):
        assert_said(rolecall(command, option, value), 2, f"{option} is empty")


def test_an_empty_folder_is_exit_4_and_makes_no_lake(tmp_path: Path) -> None:
    """Nothing to read is no success; with a lake as without."""
    (tmp_path / "trail").mkdir()
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert not (tmp_path / "lake").exists()
    assert "no files" in ran.stderr
    write(tmp_path / "other" / "good.json", record(1))
    assert rolecall("ingest", tmp_path / "other", "--lake", tmp_path / "lake").exit_code == 0
    assert rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake").exit_code == 4
    assert "records read 0 = 0 stored + 0 duplicate + 0 rejected" in ran.stdout


def test_what_cannot_be_read_is_exit_4_and_named(tmp_path: Path) -> None:
    """A link to a file that is gone: its neighbours are stored, the run is not green."""
    write(tmp_path / "trail" / "good.json", record(1))
    (tmp_path / "trail" / "gone.json").symlink_to(tmp_path / "nowhere.json")
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert "could not be read: " in ran.stderr
    assert "gone.json" in ran.stderr
    assert "records read 1 = 1 stored" in ran.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_exit_4_and_its_neighbours_are_stored(tmp_path: Path) -> None:
    """The file is named; the run is not green."""
    write(tmp_path / "trail" / "good.json", record(1))
    write(tmp_path / "trail" / "locked.json", record(2)).chmod(0)
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert "locked.json" in ran.stderr
    assert "records read 1 = 1 stored" in ran.stdout


def test_a_file_that_is_not_cloudtrail_is_named(tmp_path: Path) -> None:
    """It is left alone and counted, and its neighbours are stored."""
    write(tmp_path / "trail" / "good.json", record(1))
    (tmp_path / "trail" / "other.json").write_text('{"hello": "world"}')
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert "records read 1 = 1 stored + 0 duplicate + 0 rejected" in ran.stdout
    assert "not read: " in ran.stderr
    assert "other.json" in ran.stderr
    assert ran.exit_code == 0


def test_nothing_but_other_files_is_exit_4(tmp_path: Path) -> None:
    """Whoever gives the wrong file is told what the right one is."""
    (tmp_path / "other.json").write_text('{"hello": "world"}')
    ran = rolecall("ingest", tmp_path / "other.json", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert "not read: " in ran.stderr
    assert "none of it is CloudTrail" in ran.stderr
    assert ran.stdout.endswith("files: 1 read, 0 skipped (already in the lake)\n")
    assert not (tmp_path / "lake").exists()


def test_cloudtrail_that_cannot_be_got_at_is_exit_4(tmp_path: Path) -> None:
    """Records in a wrapping that rolecall does not know are not lost quietly."""
    write(tmp_path / "trail" / "good.json", record(1))
    for name in ("a.json", "b.json"):
        (tmp_path / "trail" / name).write_text(json.dumps({"payload": {"x": [record(2)]}}))
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert "rejected: 2 files: It holds CloudTrail in a container that rolecall" in ran.stderr
    assert "records read 1 = 1 stored" in ran.stdout


def test_a_bad_record_is_exit_4_and_named(tmp_path: Path) -> None:
    """File, record number and reason are printed; its neighbours are stored."""
    broken = record(2)
    del broken["eventTime"]
    write(tmp_path / "trail" / "a.json.gz", record(1), broken, record(3))
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert "records read 3 = 2 stored + 0 duplicate + 1 rejected" in ran.stdout
    assert "a.json.gz, record 2" in ran.stderr


def test_what_was_rejected_before_is_told_by_each_later_run(tmp_path: Path) -> None:
    """No longer exit code 4, but never out of sight; `status` says what, where and why."""
    broken = record(2)
    del broken["eventTime"]
    write(tmp_path / "trail" / "a.json", record(1), broken)
    (tmp_path / "trail" / "cut.json").write_bytes(b'{"Records": [{"eventVersion": "1.1')
    (tmp_path / "trail" / "odd.json").write_text(json.dumps({"payload": [[record(3)]]}))
    write(tmp_path / "other" / "good.json", record(4))
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert "cut.json, record 1: The file ends in mid-record, after 0 whole records" in ran.stderr
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert ran.exit_code == 0
    assert ran.stderr == (
        "rejected before, whole or in part: 3 files of this source; see: rolecall status\n"
    )
    assert rolecall("ingest", tmp_path / "other", "--lake", tmp_path / "lake").stderr == ""
    shown = rolecall("status", "--lake", tmp_path / "lake", "--format", "json").stdout
    assert {
        place.rpartition("/")[2]
        for r in json.loads(shown)["tables"]["rejects"]
        for place in r["places"]
    } == {
        "a.json, record 2",
        "cut.json, record 1",
        "odd.json",
    }
    write(tmp_path / "trail" / "cut.json", record(5))
    ran = rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    assert "records read 1 = 1 stored" in ran.stdout
    assert "2 files of this source" in ran.stderr


def test_an_interrupted_reader_is_no_error(lake: Path) -> None:
    """`rolecall … | head -1` ends quietly."""
    command = (
        f"{sys.executable} -c 'from pipeline.cli import main; main()' "
        f"schema --format ndjson | head -1"
    )
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"ROLECALL_LAKE": str(lake)},
        cwd=Path(__file__).resolve().parents[2],
    )
    assert json.loads(ran.stdout)["table"] == "events"
    assert ran.stderr == ""


def test_output_is_a_whole_file_with_the_same_content(lake: Path, tmp_path: Path) -> None:
    """Stdout stays empty, and nothing half-written is left beside it."""
    target = tmp_path / "who.json"
    ran = rolecall("who", "--format", "json", "--lake", lake, "--output", target)
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert f"wrote {target}" in ran.stderr
    assert target.read_text() == rolecall("who", "--format", "json", "--lake", lake).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["who.json"]


def test_an_output_that_cannot_be_written_is_exit_1(lake: Path, tmp_path: Path) -> None:
    """The path and what to do are in the message."""
    ran = rolecall("who", "--lake", lake, "--output", tmp_path / "no" / "who.txt")
    assert ran.exit_code == 1
    assert "choose another --output" in ran.stderr


def test_the_lake_can_come_from_the_environment(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ROLECALL_LAKE saves typing; the option wins over it."""
    monkeypatch.setenv("ROLECALL_LAKE", str(lake))
    assert rolecall("who", "--actor", "mallory").exit_code == 0
    assert rolecall("who", "--lake", "/nowhere").exit_code == 1


def test_schema_needs_no_lake() -> None:
    """All tables with their columns, or one; a typing mistake gets the names."""
    assert "user_principal_id" in rolecall("schema").stdout
    assert "event_id" in rolecall("schema", "events").stdout
    assert "claimed_actor" in rolecall("schema", "attributed_events").stdout
    assert_said(rolecall("schema", "event"), 1, "did you mean events?")


def test_hostile_names_reach_the_terminal_as_text(tmp_path: Path) -> None:
    """From a record to the screen, nothing acts."""
    name = "\x1b]0;owned\x07[red]eve[/red]"
    identity = {
        "type": "AssumedRole",
        "principalId": f"AROAX:{name}",
        "arn": f"arn:aws:sts::111111111111:assumed-role/R/{name}",
        "accountId": "111111111111",
        "accessKeyId": "ASIAX000000000000001",
        "sessionContext": {
            "attributes": {"creationDate": "2026-11-20T08:00:00Z"},
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAX",
                "arn": "arn:aws:iam::111111111111:role/R",
                "accountId": "111111111111",
                "userName": "R",
            },
        },
    }
    write(tmp_path / "trail" / "a.json", record(1, userIdentity=identity, userAgent="\x1b[2J"))
    rolecall("ingest", tmp_path / "trail", "--lake", tmp_path / "lake")
    ran = rolecall("who", "--lake", tmp_path / "lake")
    assert "\x1b" not in ran.stdout
    assert "\x07" not in ran.stdout
    assert "[red]eve[/red]" in ran.stdout
