"""The who report: who is shown, in which order, and what the filters let through."""

from __future__ import annotations

import pytest

from pipeline.report import Report
from pipeline.reports.who import WhoFilter, who_report
from pipeline.reports.window import Window
from tests.front.facts import (
    ANALYST,
    BREAK_GLASS,
    PRODUCTION,
    REPORTING,
    SECURITY,
    TRUST,
    Row,
    alice,
    at,
    claiming_alice,
    incident,
    instance,
    nobody,
    warehouse_of,
)


def ask(*rows: Row, wanted: WhoFilter | None = None) -> Report:
    with warehouse_of(*rows) as warehouse:
        return who_report(warehouse, wanted)


def paths(report: Report) -> list[str]:
    return [" → ".join(row["path"]) for row in report.tables[0].rows()]  # type: ignore[arg-type]


def test_each_actor_and_chain_is_one_row_with_what_was_done() -> None:
    """Counts, denied calls, times, addresses and accounts are those of the chain's events."""
    (row,) = [r for r in ask(*incident()).tables[0].rows() if r["hops"] == 2]
    assert row["path"] == ["alice", "SecurityAnalystRole", "SecurityBreakGlassRole"]
    assert row["chain"] == [ANALYST, BREAK_GLASS]
    assert (row["events"], row["denied"], row["failed"]) == (2, 1, 1)
    assert (row["first_time"], row["last_time"]) == (at("09:20:00"), at("09:21:00"))
    assert row["accounts"] == [PRODUCTION]
    assert row["source_addresses"] == ["203.0.113.10"]
    assert row["session_names"] == ["alice"]
    assert row["actions"] == [
        {"service": "ec2.amazonaws.com", "action": "StopInstances", "events": 1, "denied": 0},
        {"service": "iam.amazonaws.com", "action": "PutRolePolicy", "events": 1, "denied": 1},
    ]


def test_actions_come_most_frequent_first() -> None:
    """What was done most is what people see before `+n more`."""
    (row,) = [r for r in ask(*incident()).tables[0].rows() if r["chain"] == [ANALYST]]
    actions = row["actions"]
    assert isinstance(actions, list)
    assert [(a["action"], a["events"]) for a in actions] == [
        ("DescribeInstances", 2),
        ("ListRoles", 1),
    ]


def test_people_come_first_then_what_is_open_then_machines() -> None:
    """Short chains come before the long ones that grew out of them."""
    assert paths(ask(*incident(), wanted=WhoFilter(all_actors=True))) == [
        "alice",
        "alice → SecurityAnalystRole",
        "alice → SecurityAnalystRole → SecurityBreakGlassRole",
        "unresolved (session name says “alice”) → ReportingRole",
        "i-0abc → AppRole",
    ]


def test_machines_are_left_out_and_counted() -> None:
    """Workloads and services are many; a note says how many events are not shown."""
    report = ask(*incident())
    assert not any("i-0abc" in path for path in paths(report))
    assert report.notes == (
        "not shown: 1 event by workloads and AWS services; --all-actors shows them",
    )


def test_a_machine_asked_for_by_name_is_shown() -> None:
    """--actor with a workload's name needs no --all-actors."""
    report = ask(*incident(), wanted=WhoFilter(actor="i-0abc"))
    assert paths(report) == ["i-0abc → AppRole"]
    assert report.notes == ()


def test_a_claim_is_never_the_actor() -> None:
    """--actor alice gives what is proven to be alice's; the claim is only mentioned."""
    report = ask(*incident(), wanted=WhoFilter(actor="alice"))
    assert {row["actor_name"] for row in report.tables[0].rows()} == {"alice"}
    assert not any("unresolved" in path for path in paths(report))
    assert report.notes == (
        "not counted: 1 event under a session that calls itself 'alice' and does not prove it; "
        "they are under “unresolved” without --actor",
    )


def test_an_unresolved_row_has_no_actor_in_its_data() -> None:
    """The name that was claimed stands in its own column, nowhere else."""
    (row,) = ask(claiming_alice("09:00:00", "s3:GetObject", REPORTING)).tables[0].rows()
    assert (row["actor_name"], row["actor_arn"], row["actor_display"]) == (None, None, None)
    assert (row["claimed_actor"], row["claim_source"]) == ("alice", "session-name")
    assert row["group"] == "unresolved · nothing in the lake proves who"


def test_evidence_grades_are_not_mixed() -> None:
    """One chain, partly proven and partly matched, is two rows, the stronger first."""
    report = ask(
        alice("09:00:00", "ec2:A", ANALYST, evidence="matched"),
        alice("09:00:01", "ec2:A", ANALYST),
    )
    assert [row["evidence"] for row in report.tables[0].rows()] == ["proven", "matched"]


def test_a_record_without_the_actors_arn_is_no_second_actor() -> None:
    """Some sign-in records name the user and leave out the ARN."""
    report = ask(
        alice("09:00:00", "signin:CheckMfa", actor_arn=None), alice("09:00:01", "s3:ListBuckets")
    )
    (row,) = report.tables[0].rows()
    assert (row["events"], row["actor_arn"]) == (2, f"arn:aws:iam::{TRUST}:user/alice")


def test_long_term_keys_are_listed_and_temporary_ones_are_not() -> None:
    """Which AKIA key signed is worth seeing; ASIA keys come and go."""
    report = ask(
        alice("09:00:00", "s3:A", user_access_key_id="AKIAALICE00000000001"),
        alice("09:00:01", "s3:A", user_access_key_id="ASIAALICE00000000001"),
    )
    assert [row["long_term_keys"] for row in report.tables[0].rows()] == [["AKIAALICE00000000001"]]


@pytest.mark.parametrize(
    "role",
    [
        "SecurityAnalystRole",
        "securityanalystrole",
        "SecurityAnalyst*",
        "*Analyst*",
        ANALYST,
        "arn:aws:iam::222222222222:role/*",
    ],
)
def test_a_role_is_found_anywhere_in_the_chain(role: str) -> None:
    """By name, ARN or glob; the chain that goes on from it is found too."""
    assert paths(ask(*incident(), wanted=WhoFilter(role=role))) == [
        "alice → SecurityAnalystRole",
        "alice → SecurityAnalystRole → SecurityBreakGlassRole",
    ]


@pytest.mark.parametrize("role", ["Analyst", "role", "team/SecurityAnalystRole", "*:role/Nobody"])
def test_a_part_of_a_role_name_is_not_the_role(role: str) -> None:
    """Without a star nothing is completed."""
    assert paths(ask(*incident(), wanted=WhoFilter(role=role))) == []


@pytest.mark.parametrize("actor", ["alice", "ALICE", "al*", f"arn:aws:iam::{TRUST}:user/alice"])
def test_an_actor_is_found_by_name_arn_or_glob(actor: str) -> None:
    """All three chains of alice, and nobody else's."""
    assert len(paths(ask(*incident(), wanted=WhoFilter(actor=actor)))) == 3


def test_an_actor_is_found_by_the_name_that_people_read() -> None:
    """An Identity Center user's id is the name; the e-mail is what people know."""
    row = alice("09:00:00", "s3:A", actor_name="94482488-3041", actor_display="bob@example.com")
    assert paths(ask(row, wanted=WhoFilter(actor="bob@example.com"))) == ["bob@example.com"]


def test_an_account_is_that_of_the_event_or_of_the_actor() -> None:
    """Alice's home account finds all she did; production what happened there."""
    assert len(paths(ask(*incident(), wanted=WhoFilter(account=TRUST)))) == 3
    assert paths(ask(*incident(), wanted=WhoFilter(account=SECURITY))) == [
        "alice → SecurityAnalystRole"
    ]
    assert paths(ask(*incident(), wanted=WhoFilter(account=PRODUCTION))) == [
        "alice → SecurityAnalystRole → SecurityBreakGlassRole",
        "unresolved (session name says “alice”) → ReportingRole",
    ]


@pytest.mark.parametrize("service", ["ec2", "EC2", "ec2.amazonaws.com"])
def test_a_service_is_its_short_or_full_name(service: str) -> None:
    """Only that service's calls are counted."""
    report = ask(*incident(), wanted=WhoFilter(service=service))
    assert [row["events"] for row in report.tables[0].rows()] == [2, 1]


def test_the_window_is_half_open() -> None:
    """An event at --from is in, one at --to is not."""
    window = Window(at("09:01:00"), at("09:03:00"))
    (row,) = ask(*incident(), wanted=WhoFilter(window=window)).tables[0].rows()
    assert (row["first_time"], row["last_time"]) == (at("09:01:00"), at("09:02:00"))


@pytest.mark.parametrize(
    "code",
    ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedAccess"],
)
def test_refusals_are_denied_calls(code: str) -> None:
    """Services word a refusal differently."""
    (row,) = ask(alice("09:00:00", "s3:A", error_code=code)).tables[0].rows()
    assert (row["denied"], row["failed"]) == (1, 1)


def test_other_failures_are_not_denied() -> None:
    """A missing object is a failed call that nobody refused."""
    (row,) = ask(alice("09:00:00", "s3:A", error_code="NoSuchKey")).tables[0].rows()
    assert (row["denied"], row["failed"]) == (0, 1)


def test_an_assume_root_hop_names_the_account() -> None:
    """`root` alone would not say whose."""
    row = alice("09:00:00", "s3:A", f"arn:aws:iam::{PRODUCTION}:root")
    assert paths(ask(row)) == ["alice → root of 333333333333"]


def test_an_actor_of_a_kind_that_is_not_known_comes_last_and_is_shown() -> None:
    """A kind that a later version adds is not lost."""
    rows = [
        alice("09:00:00", "s3:A", actor_kind="robot", actor_name="r2", actor_display="r2"),
        nobody("09:00:00", "s3:A"),
        instance("09:00:00", "s3:A"),
    ]
    assert paths(ask(*rows, wanted=WhoFilter(all_actors=True))) == ["unresolved", "i-0abc", "r2"]
    assert paths(ask(*rows)) == ["unresolved", "r2"]


def test_nothing_matches_is_said() -> None:
    """An empty answer has no rows and says so."""
    report = ask(*incident(), wanted=WhoFilter(role="Nobody"))
    assert report.tables[0].empty == "no events match"
    assert report.title == "Who did what · role Nobody"
