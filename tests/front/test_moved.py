"""Credentials of workloads that were used elsewhere: what is flagged, what is not, what is said."""

from __future__ import annotations

import json

from pipeline.render import Page, render
from pipeline.report import Report
from pipeline.reports.moved import SHOWN, used_from
from pipeline.reports.who import WhoFilter, who_report
from pipeline.reports.window import Window
from tests.front.facts import PRODUCTION, Row, alice, at, instance, warehouse_of

APP = f"arn:aws:iam::{PRODUCTION}:role/AppRole"
ELSEWHERE = "198.51.100.99"


def ask(*rows: Row, wanted: WhoFilter | None = None) -> Report:
    with warehouse_of(*rows) as warehouse:
        return who_report(warehouse, wanted)


def flagged(report: Report) -> list[dict[str, object]]:
    """The rows of the table, as JSON has them."""
    rows: list[dict[str, object]] = json.loads(render(report, "json"))["tables"][
        "moved_credentials"
    ]
    return rows


def test_two_addresses_are_flagged_with_the_key_of_each() -> None:
    """One key here, another there: both are said, the person's address first."""
    report = ask(
        alice("08:00:00", "s3:A", source_ip_address=ELSEWHERE),
        instance("09:00:00", "ssm:A", APP, user_access_key_id="ASIAHOME"),
        instance(
            "09:01:00", "ec2:B", APP, user_access_key_id="ASIAAWAY", source_ip_address=ELSEWHERE
        ),
    )
    (row,) = flagged(report)
    assert (row["session_id"], row["actor_name"], row["events"]) == ("machine", "i-0abc", 2)
    addresses = row["addresses"]
    assert isinstance(addresses, list)
    assert [(a["address"], a["also_used_by"], a["access_key_ids"]) for a in addresses] == [
        (ELSEWHERE, ["iam-user alice"], ["ASIAAWAY"]),
        ("198.51.100.20", [], ["ASIAHOME"]),
    ]
    text = render(report, "table", Page(width=120))
    assert f"2 addresses: {ELSEWHERE} (also iam-user alice), 198.51.100.20" in text
    assert f"ASIAAWAY from {ELSEWHERE}" in text
    assert "the log proves to whom they were issued, not who held them" in text
    assert any("1 session of a workload" in note for note in report.notes)


def test_one_address_that_a_person_uses_too_is_flagged() -> None:
    """Also under a role, and on another day than the one asked for."""
    day = Window(at("2026-11-20T00:00:00"), at("2026-11-21T00:00:00"))
    report = ask(
        alice("2026-11-12T08:00:00", "s3:A", APP, source_ip_address="198.51.100.20"),
        instance("09:00:00", "ssm:A", APP),
        wanted=WhoFilter(window=day),
    )
    assert [row["session_id"] for row in flagged(report)] == ["machine"]


def test_use_outside_the_window_counts_for_a_session_in_it() -> None:
    """What was used here before --from and there after it was used at two places."""
    report = ask(
        instance("08:59:00", "ssm:A", APP),
        instance("09:01:00", "ec2:B", APP, source_ip_address=ELSEWHERE),
        wanted=WhoFilter(window=Window(since=at("09:00:00"))),
    )
    assert len(flagged(report)) == 1


def test_one_address_and_services_names_are_not_flagged() -> None:
    """A service that calls on behalf of the session has a name, no address."""
    report = ask(
        alice("08:00:00", "s3:A"),
        instance("09:00:00", "ssm:A", APP),
        instance("09:01:00", "kms:Decrypt", APP, source_ip_address="athena.amazonaws.com"),
        instance("09:02:00", "kms:Decrypt", APP, source_ip_address="AWS Internal"),
    )
    assert flagged(report) == []
    assert "other hands" not in render(report, "table")


def test_a_persons_sessions_are_not_flagged() -> None:
    """People move: only credentials of machines should stay where they are."""
    report = ask(
        alice("09:00:00", "s3:A", APP),
        alice("09:01:00", "s3:A", APP, source_ip_address=ELSEWHERE),
    )
    assert flagged(report) == []


def test_a_filter_holds_for_the_section_too() -> None:
    """--actor alice is not told of other sessions."""
    rows = (
        alice("08:00:00", "s3:A"),
        instance("09:00:00", "ssm:A", APP),
        instance("09:01:00", "ec2:B", APP, source_ip_address=ELSEWHERE),
    )
    assert flagged(ask(*rows, wanted=WhoFilter(actor="alice"))) == []
    assert len(flagged(ask(*rows, wanted=WhoFilter(actor="i-0abc")))) == 1


def test_many_addresses_are_counted() -> None:
    """People see the first few; the count is of all."""
    uses = [{"address": f"203.0.113.{n}", "also_used_by": []} for n in range(SHOWN + 2)]
    assert used_from(uses).startswith(f"{SHOWN + 2} addresses: 203.0.113.0, ")
    assert used_from(uses).endswith("+2 more")


def test_csv_and_ndjson_stay_of_one_shape() -> None:
    """The section is beside the answer: a CSV of who has one header and its rows only."""
    report = ask(
        instance("09:00:00", "ssm:A", APP),
        instance("09:01:00", "ec2:B", APP, source_ip_address=ELSEWHERE),
    )
    assert len(flagged(report)) == 1
    assert render(report, "csv").startswith("actor_kind,")
    assert "moved_credentials" not in render(report, "ndjson")
