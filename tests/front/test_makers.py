"""Who made an IAM user: shown before the user in a trace, where the log ties them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.reports.trace.makers import latest_makers
from tests.front.facts import at
from tests.front.terminal import rolecall
from tests.front.trail import Record, record, write

EVE = {
    "type": "IAMUser",
    "principalId": "AIDAEVE",
    "arn": "arn:aws:iam::111111111111:user/eve",
    "accountId": "111111111111",
    "accessKeyId": "AKIAEVE0000000000001",
    "userName": "eve",
}


def made(number: int, name: str, answer: Record | None = None, **changes: object) -> Record:
    """A call of dora to IAM about the user eve."""
    return record(
        number,
        eventSource="iam.amazonaws.com",
        eventName=name,
        requestParameters={"userName": "eve"},
        responseElements=answer,
        readOnly=False,
        **changes,
    )


def makers(folder: Path, *records: Record) -> list[str]:
    """The lines of `trace eve` that tell who made the user."""
    write(folder / "trail.json", *records)
    lake = folder / "lake"
    assert rolecall("ingest", folder / "trail.json", "--lake", lake).exit_code == 0
    ran = rolecall("trace", "eve", "--lake", lake)
    assert ran.exit_code == 0, ran.stderr
    return [line.strip("└─ ")[:40] for line in ran.stdout.splitlines() if " the user" in line]


def test_the_maker_of_a_user_is_shown(tmp_path: Path) -> None:
    """CreateUser and the password come before the user's first use."""
    assert makers(
        tmp_path,
        made(1, "CreateUser", {"user": {"userName": "eve", "userId": "AIDAEVE"}}),
        made(2, "CreateLoginProfile"),
        record(9, userIdentity=EVE),
    ) == [
        "dora made the user (CreateUser)         ",
        "dora gave the user a password (CreateLog",
    ]


def test_what_failed_came_later_or_was_elsewhere_makes_nobody(tmp_path: Path) -> None:
    """A refused call, one after the first use, and one in another account."""
    assert (
        makers(
            tmp_path,
            made(1, "CreateUser", errorCode="AccessDenied"),
            made(2, "CreateUser", recipientAccountId="222222222222"),
            record(9, userIdentity=EVE),
            made(11, "UpdateLoginProfile"),
        )
        == []
    )


def call(time: str, name: str, principal: str | None = None) -> dict[str, Any]:
    return {"event_id": time, "event_time": at(time), "event_name": name, "principal_id": principal}


def test_the_latest_maker_counts_and_not_that_of_a_namesake() -> None:
    """A name is given again after a user was deleted; another id is another user."""
    user = {"started_at": at("10:00:00"), "user_type": "IAMUser", "principal_id": "AIDAEVE"}
    old = [call("08:00:00", "CreateUser", "AIDAOLD"), call("08:01:00", "CreateLoginProfile")]
    new = [call("09:00:00", "CreateUser", "AIDAEVE"), call("09:01:00", "UpdateLoginProfile")]
    assert latest_makers([*old, *new], user) == new
    assert latest_makers(old, user) == []
    assert latest_makers(new, {**user, "started_at": at("09:00:30")}) == new[:1]


def test_a_key_that_was_never_used_says_for_whom_it_was_made(tmp_path: Path) -> None:
    """The user's name stands only in the answer of CreateAccessKey."""
    key: Record = {"accessKey": {"accessKeyId": "AKIAEVE0000000000001", "userName": "eve"}}
    write(tmp_path / "trail.json", made(1, "CreateAccessKey", key), record(2))
    lake = tmp_path / "lake"
    rolecall("ingest", tmp_path / "trail.json", "--lake", lake)
    ran = rolecall("trace", "dora", "--lake", lake, "--format", "json")
    assert [row["label"] for row in json.loads(ran.stdout)["tables"]["down"]][1:] == [
        "access key AKIAEVE0000000000001 of eve (made by CreateAccessKey), never seen used"
    ]
