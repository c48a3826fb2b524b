"""The smaller reports and their queries, each on the few rows that matter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from pipeline.errors import QueryError, UsageError
from pipeline.reports.left_out import rejected_before
from pipeline.reports.names import framed_sessions_table
from pipeline.reports.show import show_report
from pipeline.reports.statement import sql_report
from pipeline.schema import FILES_SCHEMA, REJECTS_SCHEMA
from pipeline.warehouse import Warehouse
from tests.front.facts import PRODUCTION, REPORTING, SECURITY, TRUST, Row, alice, at, warehouse_of


def days(warehouse: Warehouse, name: str, **parameters: object) -> list[tuple[object, ...]]:
    return warehouse.query(f"reports/{name}", parameters).rows()


def on(*dates: str, account: str = TRUST) -> list[Row]:
    return [alice(f"{date} 10:00:00", "s3:A", recipient_account_id=account) for date in dates]


def test_gaps_are_runs_of_days_without_events_of_an_account() -> None:
    """Each account by itself; what comes before its first and after its last day is no gap."""
    rows = on("2026-11-01", "2026-11-02", "2026-11-05", "2026-11-06", "2026-11-08")
    with warehouse_of(*rows, *on("2026-11-03", account=SECURITY)) as warehouse:
        found = [(a, str(f), str(t), n) for a, f, t, n in days(warehouse, "gaps")]
    assert found == [
        (TRUST, "2026-11-03", "2026-11-04", 2),
        (TRUST, "2026-11-07", "2026-11-07", 1),
    ]


def test_coverage_counts_days_by_account_and_region() -> None:
    """The window limits what is counted."""
    rows = on("2026-11-01", "2026-11-01", "2026-11-02", "2026-11-03")
    with warehouse_of(*rows) as warehouse:
        (row,) = days(warehouse, "coverage", until=at("2026-11-03 00:00:00"))
    assert row[:4] == (TRUST, "eu-west-1", 3, 2)


def test_evidence_shares_add_up_to_a_hundred() -> None:
    """Strongest first; events and sessions are counted."""
    rows = [
        alice("09:00:00", "s3:A", REPORTING, evidence="none"),
        alice("09:00:01", "s3:A", REPORTING, evidence="matched"),
        *on("2026-11-01", "2026-11-02"),
    ]
    with warehouse_of(*rows) as warehouse:
        assert days(warehouse, "evidence") == [
            ("direct", 2, 50.0, 0),
            ("matched", 1, 25.0, 1),
            ("none", 1, 25.0, 1),
        ]


def test_rejects_are_counted_by_reason_with_one_place_to_look() -> None:
    """The first places of each reason, as the last reading of each file met them."""
    rejects = [
        {"uri": uri, "record_number": number, "reason": reason, "batch_id": batch}
        for uri, number, reason, batch in (
            ("b", 1, "r", "1"),
            ("a", 7, "r", "1"),
            ("a", 0, "q", "1"),
            ("c", 1, "r", "1"),
            ("d", 3, "Cut, after 2 whole records, at byte 9.", "1"),
            ("e", 8, "Cut, after 7 whole records, at byte 99.", "1"),
        )
    ]
    files = [
        {"uri": uri, "batch_id": batch, "ingested_at": datetime(2026, 1, day, tzinfo=UTC)}
        for uri, batch, day in (*((uri, "1", 1) for uri in "abcde"), ("c", "2", 2))
    ]
    with warehouse_of() as warehouse:
        warehouse.register("rejects", pa.Table.from_pylist(rejects, schema=REJECTS_SCHEMA))
        warehouse.register("files", pa.Table.from_pylist(files, schema=FILES_SCHEMA))
        assert days(warehouse, "rejects") == [
            ("Cut.", 2, 2, ["d, record 3", "e, record 8"]),
            ("r", 2, 2, ["a, record 7", "b, record 1"]),
            ("q", 1, 1, ["a"]),
        ]
        before = datetime(2026, 1, 2, tzinfo=UTC)
        assert rejected_before(warehouse, before) == ["a", "b", "d", "e"]
        assert rejected_before(warehouse, before - timedelta(days=1)) == []


def session(name: str, actor: str | None, **changes: object) -> Row:
    row: Row = {
        "session_id": f"{name}-{actor}",
        "session_name": name,
        "role_arn": REPORTING,
        "account_id": PRODUCTION,
        "actor_kind": "iam-user" if actor else "unresolved",
        "actor_account": TRUST,
        "actor_name": actor,
        "actor_arn": None,
        "actor_display": actor,
        "claimed_actor": None,
        "claim_source": None,
        "chain": [REPORTING],
        "evidence": "proven" if actor else "none",
        "first_seen": at("09:00:00"),
        "last_seen": at("09:10:00"),
        "source_ips": ["203.0.113.10"],
        "event_count": 3,
    }
    return row | changes


SESSIONS = pa.schema(
    [
        *(
            (name, pa.string())
            for name in (
                "session_id",
                "session_name",
                "role_arn",
                "account_id",
                "actor_kind",
                "actor_account",
                "actor_name",
                "actor_arn",
                "actor_display",
                "claimed_actor",
                "claim_source",
                "evidence",
            )
        ),
        ("chain", pa.list_(pa.string())),
        ("first_seen", pa.timestamp("us", tz="UTC")),
        ("last_seen", pa.timestamp("us", tz="UTC")),
        ("source_ips", pa.list_(pa.string())),
        ("event_count", pa.int64()),
    ]
)


def framed(people: Iterable[Row], *sessions: Row) -> list[object]:
    with warehouse_of(*people) as warehouse:
        warehouse.register("sessions", pa.Table.from_pylist(list(sessions), schema=SESSIONS))
        return framed_sessions_table(warehouse).frame["session_id"].to_list()


def test_a_session_under_a_known_name_that_is_not_hers_is_framed() -> None:
    """Proven to be another's, or nobody's; her own is not, nor is a name that nobody bears."""
    people = [alice("09:00:00", "s3:A")]
    assert framed(
        people,
        session("alice", "alice"),
        session("alice", "mallory"),
        session("ALICE", None),
        session("deploy-1", "mallory"),
    ) == ["ALICE-None", "alice-mallory"]


def test_an_address_names_the_person_before_the_at() -> None:
    """alice@example.com and alice are taken for one name."""
    people = [alice("09:00:00", "s3:A", actor_display="alice@example.com", actor_name="9448-3041")]
    assert framed(
        people,
        session("alice", "mallory"),
        session("alice@example.com", "9448-3041", actor_display="alice@example.com"),
    ) == ["alice-mallory"]


def test_a_name_that_only_a_claim_bears_is_not_known() -> None:
    """Otherwise every claim would frame the next."""
    people = [alice("09:00:00", "s3:A", evidence="claimed")]
    assert framed(people, session("alice", "mallory")) == []


def test_show_gives_the_copies_of_all_accounts() -> None:
    """One event id in two accounts is two records, each with who made it."""
    rows = [
        alice("09:00:00", "s3:A", event_id="same", recipient_account_id=account)
        for account in (TRUST, SECURITY)
    ]
    with warehouse_of(*rows) as warehouse:
        report = show_report(warehouse, "sam")
    assert [row["recipient_account_id"] for row in report.tables[0].rows()] == [TRUST, SECURITY]
    assert len(report.notes) == 2


def test_show_takes_a_whole_id_that_others_begin_with() -> None:
    """`abc` is that event, although `abcd` begins so too."""
    rows = [alice("09:00:00", "s3:A", event_id=name) for name in ("abc", "abcd", "abd")]
    with warehouse_of(*rows) as warehouse:
        report = show_report(warehouse, "abc")
        assert [row["event_id"] for row in report.tables[0].rows()] == ["abc"]
        with pytest.raises(UsageError, match="abc, abcd, abd"):
            show_report(warehouse, "ab")


def test_a_column_that_cannot_be_shown_says_what_to_do() -> None:
    """An INTERVAL has no counterpart outside DuckDB: the message says to cast, no traceback."""
    with (
        warehouse_of() as warehouse,
        pytest.raises(QueryError, match=r"::varchar"),
    ):
        sql_report(warehouse, "select interval 3 days as i")
