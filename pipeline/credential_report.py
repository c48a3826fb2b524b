"""IAM's credential report: the CSV of `aws iam get-credential-report`, one line a user.

It tells when each user's password and (at most two) access keys were changed and last used, and
names no key ids. Columns and their meaning: IAM user guide, "Getting credential reports".
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.arn import Arn
from pipeline.errors import SourceError

ROOT_USER = "<root_account>"
"""What the report calls the root user."""

_NOTHING = frozenset({"", "n/a", "no_information", "not_supported"})
_NUMBERS = (1, 2)
_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
_REQUIRED = (
    "user",
    "arn",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "mfa_active",
    *(f"access_key_{number}_{name}" for number in _NUMBERS for name in _KEY_COLUMNS),
)
_HOW_TO = "write it with: aws iam get-credential-report --query Content --output text | base64 -d"


@dataclass(frozen=True, slots=True)
class ReportedKey:
    """An access key as the report has it; times are UTC, None where the report has none.

    number -- 1 or 2. changed_at -- when it was created or its status last changed.
    last_used_at -- of uses within 15 minutes the first. service -- as in `s3`.
    """

    number: int
    is_active: bool
    changed_at: datetime | None
    last_used_at: datetime | None
    region: str | None
    service: str | None


@dataclass(frozen=True, slots=True)
class ReportedUser:
    """A line of the report. name -- user name; `root` for the root user."""

    account: str
    name: str
    arn: str
    has_password: bool
    password_used_at: datetime | None
    password_changed_at: datetime | None
    has_mfa: bool
    keys: tuple[ReportedKey, ...]

    @property
    def is_root(self) -> bool:
        """Whether this is the account's root user."""
        return self.arn.endswith(":root")


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """All lines; `as_of` is the newest time in them: the report is at least as new (UTC)."""

    users: tuple[ReportedUser, ...]
    as_of: datetime | None


def read_credential_report(path: Path) -> CredentialReport:
    """The credential report in a file: its CSV, or the JSON that `aws` wraps around it.

    Raises SourceError naming file and line where it is none.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the credential report cannot be read: {error.strerror}; {_HOW_TO}",
            location=str(path),
        ) from error
    try:
        text = data.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            text = base64.b64decode(json.loads(text)["Content"], validate=True).decode("utf-8-sig")
    except (UnicodeDecodeError, binascii.Error, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            f"this is no credential report: neither CSV nor JSON with a Content; {_HOW_TO}",
            location=str(path),
        ) from error
    users = tuple(_users(text, path))
    times = [moment for user in users for moment in _moments(user)]
    return CredentialReport(users, max(times, default=None))


def _users(text: str, path: Path) -> Iterator[ReportedUser]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            shown = ", ".join(missing[:4]) + (", …" if missing[4:] else "")
            raise SourceError(
                f"this is no credential report: the header has no column {shown}; {_HOW_TO}",
                location=f"{path}:1",
            )
        for row in reader:
            if None in row or None in row.values():
                raise SourceError(
                    "the line has not as many cells as the header; was it cut off?",
                    location=f"{path}:{reader.line_num}",
                )
            yield _user(row, f"{path}:{reader.line_num}")
    except csv.Error as error:
        raise SourceError(
            f"the credential report is no CSV: {error}", location=f"{path}:{reader.line_num}"
        ) from error


def _user(row: Mapping[str, str], place: str) -> ReportedUser:
    arn = Arn.parse(row["arn"])
    if arn is None:
        raise SourceError(f"{row['arn']!r} is no ARN of a user", location=place)
    return ReportedUser(
        account=arn.account,
        name="root" if row["user"] == ROOT_USER else row["user"],
        arn=row["arn"],
        has_password=_truth(row, "password_enabled", place),
        password_used_at=_moment(row, "password_last_used", place),
        password_changed_at=_moment(row, "password_last_changed", place),
        has_mfa=_truth(row, "mfa_active", place),
        keys=tuple(_key(row, number, place) for number in _NUMBERS),
    )


def _key(row: Mapping[str, str], number: int, place: str) -> ReportedKey:
    name = f"access_key_{number}"
    return ReportedKey(
        number=number,
        is_active=_truth(row, f"{name}_active", place),
        changed_at=_moment(row, f"{name}_last_rotated", place),
        last_used_at=_moment(row, f"{name}_last_used_date", place),
        region=_text(row[f"{name}_last_used_region"]),
        service=_text(row[f"{name}_last_used_service"]),
    )


def _text(cell: str) -> str | None:
    return None if cell.strip().lower() in _NOTHING else cell.strip()


def _truth(row: Mapping[str, str], column: str, place: str) -> bool:
    text = (_text(row[column]) or "false").lower()
    if text not in ("true", "false"):
        raise SourceError(f"{column} is {row[column]!r}; valid: true, false", location=place)
    return text == "true"


def _moment(row: Mapping[str, str], column: str, place: str) -> datetime | None:
    text = _text(row[column])
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        # Without a zone it is UTC, as all times of IAM.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SourceError(
            f"{column} is {text!r}; valid: 2026-11-20T09:00:00+00:00, N/A, no_information",
            location=place,
        ) from error


def _moments(user: ReportedUser) -> Iterator[datetime]:
    for moment in (user.password_used_at, user.password_changed_at):
        if moment:
            yield moment
    for key in user.keys:
        for moment in (key.changed_at, key.last_used_at):
            if moment:
                yield moment
