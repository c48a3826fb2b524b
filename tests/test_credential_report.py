"""IAM's credential report: what its cells say, and clear errors for what is none."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.credential_report import read_credential_report
from pipeline.errors import SourceError
from tests.front.keying import HEADER, credential_report, key_cells, user_line


def error_of(folder: Path, text: str | bytes) -> str:
    path = folder / "report.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SourceError) as error:
        read_credential_report(path)
    assert "report.csv" in str(error.value)
    return str(error.value)


def test_a_user_with_a_key(tmp_path: Path) -> None:
    """Times are UTC; N/A is nothing."""
    (alice,) = credential_report(tmp_path, user_line("alice", key_cells("08:00:00"))).users
    assert (alice.account, alice.name, alice.is_root) == ("200000000002", "alice", False)
    assert (alice.has_password, alice.has_mfa) == (False, True)
    first, second = alice.keys
    assert first.is_active
    assert first.changed_at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (first.last_used_at, first.region, first.service) == (None, None, None)
    assert (second.is_active, second.changed_at) == (False, None)


def test_root_and_what_is_not_supported(tmp_path: Path) -> None:
    """`<root_account>`, `not_supported` and `no_information` as IAM writes them."""
    password = "not_supported,no_information,not_supported,not_supported"
    line = user_line("<root_account>", password=password, mfa="false")
    (root,) = credential_report(tmp_path, line).users
    assert (root.name, root.is_root, root.has_mfa) == ("root", True, False)
    assert (root.has_password, root.password_used_at, root.password_changed_at) == (
        False,
        None,
        None,
    )


def test_crlf_capitals_and_byte_order_mark(tmp_path: Path) -> None:
    """A report that went through a spreadsheet."""
    line = user_line("alice", key_cells("08:00:00").replace("true", "TRUE"))
    path = tmp_path / "report.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\n{line}\r\n".encode())
    (alice,) = read_credential_report(path).users
    assert alice.keys[0].is_active


def test_the_json_that_aws_prints(tmp_path: Path) -> None:
    """`aws iam get-credential-report` wraps the CSV in base64."""
    content = base64.b64encode(f"{HEADER}\n{user_line('alice')}\n".encode()).decode()
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"Content": content, "ReportFormat": "text/csv"}))
    assert [user.name for user in read_credential_report(path).users] == ["alice"]


def test_the_report_is_as_new_as_its_newest_time(tmp_path: Path) -> None:
    """It does not say when it was made."""
    report = credential_report(
        tmp_path,
        user_line("alice", key_cells("08:00:00", "09:30:00")),
        user_line("bob", key_cells("08:00:00", "09:00:00")),
    )
    assert report.as_of == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert credential_report(tmp_path).as_of is None


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """With the command that writes the right file."""
    message = error_of(tmp_path, "user,arn\nalice,arn:aws:iam::200000000002:user/alice\n")
    assert "has no column password_enabled" in message
    assert "aws iam get-credential-report" in message


@pytest.mark.parametrize("text", ["", "{}", '{"Content": 7}', '{"Content": "%%"}', b"\xff\xfe"])
def test_what_is_no_report(tmp_path: Path, text: str | bytes) -> None:
    """Empty, another JSON, bytes."""
    assert "no credential report" in error_of(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (user_line("alice").replace("true", "maybe"), "mfa_active is 'maybe'; valid: true, false"),
        (user_line("alice", key_cells("2026-13-01T")), "access_key_1_last_rotated is"),
        (user_line("alice").replace("arn:aws:iam", "iam"), "is no ARN of a user"),
        (user_line("alice")[:60], "as many cells as the header"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, expected: str) -> None:
    """File, line, value, valid values."""
    message = error_of(tmp_path, f"{HEADER}\n{user_line('bob')}\n{line}\n")
    assert expected in message
    assert "report.csv:3" in message


def test_a_missing_file(tmp_path: Path) -> None:
    """The system's own reason."""
    with pytest.raises(SourceError, match="No such file"):
        read_credential_report(tmp_path / "nothing.csv")
