"""A role's path: records often have its ARN without it, and what was granted has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.least_privilege.answers import Asked, compared, explained, overview
from pipeline.report import Report
from pipeline.warehouse import Warehouse
from tests.front.facts import PRODUCTION, SECURITY, alice, warehouse_of

BARE = f"arn:aws:iam::{PRODUCTION}:role/Deploy"
PATHED = f"arn:aws:iam::{PRODUCTION}:role/team/Deploy"
LONGER = f"arn:aws:iam::{PRODUCTION}:role/PreDeploy"
USER = f"arn:aws:iam::{PRODUCTION}:user/Deploy"
ACTIONS = ("ec2:StartInstances", "ec2:StopInstances", "ec2:RebootInstances")


def granted(
    folder: Path, *roles: str, actions: tuple[str, ...] = ACTIONS, name: str = "details.json"
) -> tuple[Path]:
    """A file of get-account-authorization-details in which the roles may do `actions`."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}
    file = folder / name
    details = [{"Arn": arn, "RolePolicyList": [policy]} for arn in roles]
    file.write_text(json.dumps({"RoleDetailList": details}))
    return (file,)


def lake(*calls: tuple[str, str]) -> Warehouse:
    """Calls of roles in the roles' own account."""
    return warehouse_of(
        *(
            alice("09:00:00", call, arn, event_id=f"e{n}", recipient_account_id=PRODUCTION)
            for n, (arn, call) in enumerate(calls)
        )
    )


def rows(report: Report, table: str) -> list[dict[str, object]]:
    return next(t for t in report.tables if t.name == table).frame.to_dicts()


def marks(report: Report) -> dict[object, object]:
    return {row["action"]: row["mark"] for row in rows(report, "actions")}


@pytest.mark.parametrize("name", ["Deploy", BARE, PATHED])
@pytest.mark.parametrize(("in_lake", "in_file"), [(BARE, PATHED), (PATHED, BARE)])
def test_a_role_is_one_whatever_its_path(
    tmp_path: Path, name: str, in_lake: str, in_file: str
) -> None:
    """Asked for in whichever way; the ARN of the file is shown, and a longer name is another."""
    warehouse = lake((in_lake, "ec2:StartInstances"), (LONGER, "ec2:RebootInstances"))
    report = compared(warehouse, Asked(name=name, granted=granted(tmp_path, in_file)))
    assert marks(report) == {
        "ec2:StartInstances": " ",
        "ec2:StopInstances": "-",
        "ec2:RebootInstances": "-",
    }
    assert in_file in report.title


def test_in_the_report_of_all_it_is_one_line(tmp_path: Path) -> None:
    """What is done under either ARN is used by the one role; user and role are two."""
    warehouse = lake(
        (BARE, "ec2:StartInstances"), (PATHED, "ec2:StopInstances"), (USER, "ec2:StartInstances")
    )
    report = overview(warehouse, Asked(granted=granted(tmp_path, PATHED)))
    found = {row["subject"]: (row["used"], row["unused"]) for row in rows(report, "roles")}
    assert found == {PATHED: (2, 1), USER: (1, None)}
    one = compared(warehouse, Asked(name=PATHED, granted=granted(tmp_path, PATHED)))
    assert marks(one)["ec2:StopInstances"] == marks(one)["ec2:StartInstances"] == " "


def test_without_grants_the_fullest_arn_is_shown() -> None:
    """By either ARN, both together."""
    warehouse = lake((BARE, "ec2:StartInstances"), (PATHED, "ec2:StopInstances"))
    (line,) = rows(overview(warehouse), "roles")
    assert (line["subject"], line["used"], line["events"]) == (PATHED, 2, 2)
    (alone, _) = rows(
        overview(lake((BARE, "ec2:StartInstances"), (USER, "ec2:StartInstances"))), "roles"
    )
    assert line["by"] == alone["by"] != []
    for name in (BARE, PATHED):
        assert PATHED in explained(warehouse, Asked(name=name)).title


def test_a_role_that_was_not_used_is_found_in_the_file_without_its_path(tmp_path: Path) -> None:
    """By its pathless ARN; all that it is granted is unused."""
    warehouse = lake((LONGER, "ec2:StartInstances"))
    report = compared(warehouse, Asked(name=BARE, granted=granted(tmp_path, PATHED)))
    assert set(marks(report).values()) == {"-"}
    assert PATHED in report.title


MOVED = f"arn:aws:iam::{PRODUCTION}:role/old/Deploy"
ELSEWHERE = f"arn:aws:iam::{SECURITY}:role/Deploy"


def test_two_paths_of_a_name_are_told_apart_by_arn_or_refused(tmp_path: Path) -> None:
    """An account has no two roles of a name, so one of the files is old; which, nobody guesses."""
    files = (
        *granted(tmp_path, PATHED, actions=ACTIONS[:1], name="new.json"),
        *granted(tmp_path, MOVED, actions=ACTIONS[1:], name="old.json"),
    )
    warehouse = lake((BARE, "ec2:StartInstances"), (LONGER, "ec2:StartInstances"))
    for arn, expected in ((PATHED, ACTIONS[:1]), (MOVED, ACTIONS[1:])):
        report = compared(warehouse, Asked(name=arn, granted=files))
        assert arn in report.title
        assert {action for action, mark in marks(report).items() if mark != "+"} == set(expected)
    for asked in (Asked(name="Deploy", granted=files), Asked(name=BARE, granted=files)):
        with pytest.raises(UsageError, match=r"old/Deploy and .*team/Deploy.* ask by ARN"):
            compared(warehouse, asked)
    with pytest.raises(UsageError, match=r"old/Deploy and .*team/Deploy"):
        overview(warehouse, Asked(granted=files))


def test_an_unused_role_of_two_paths_is_refused_too(tmp_path: Path) -> None:
    """By ARN it is found."""
    files = granted(tmp_path, PATHED, MOVED)
    warehouse = lake((LONGER, "ec2:StartInstances"))
    assert MOVED in compared(warehouse, Asked(name=MOVED, granted=files)).title
    with pytest.raises(UsageError, match="differ about"):
        compared(warehouse, Asked(name="Deploy", granted=files))
    with pytest.raises(UsageError, match=f"several: {ELSEWHERE}, {PATHED}"):
        compared(warehouse, Asked(name="Deploy", granted=granted(tmp_path, PATHED, ELSEWHERE)))


def test_two_files_of_one_role_must_say_the_same(tmp_path: Path) -> None:
    """The same file twice is no conflict; two states of one role are."""
    once = granted(tmp_path, PATHED)
    warehouse = lake((BARE, "ec2:StartInstances"))
    assert compared(warehouse, Asked(name=PATHED, granted=once * 2))
    assert overview(warehouse, Asked(granted=once * 2))
    other = granted(tmp_path, PATHED, actions=ACTIONS[:1], name="old.json")
    with pytest.raises(UsageError, match="Leave the older file out"):
        compared(warehouse, Asked(name=PATHED, granted=(*once, *other)))
    with pytest.raises(UsageError, match="Leave the older file out"):
        overview(warehouse, Asked(granted=(*once, *other)))
