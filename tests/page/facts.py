"""Warehouses and pages that name only what matters."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from pipeline.page import PageData
from pipeline.report import Column, Report, Table
from pipeline.schema import EVENTS_SCHEMA
from pipeline.warehouse import Warehouse
from tests.front.facts import ATTRIBUTED_SCHEMA

SESSIONS_SCHEMA = pa.schema(
    [
        *(
            (name, pa.string())
            for name in (
                *("session_id", "session_name", "role_arn", "account_id", "actor_kind"),
                *("actor_account", "actor_name", "actor_arn", "actor_display", "claimed_actor"),
                *("claim_source", "evidence"),
            )
        ),
        ("chain", pa.list_(pa.string())),
        ("first_seen", pa.timestamp("us", "UTC")),
        ("last_seen", pa.timestamp("us", "UTC")),
        ("source_ips", pa.list_(pa.string())),
        ("event_count", pa.int64()),
    ]
)

HOSTILE = "</script><img src=x onerror=document.title='pwned'>\u202eevil\u2028"
"""What an attacker may call a session: it ends a script, is markup, and turns the text around."""


def warehouse_with(rows: Sequence[dict[str, Any]]) -> Warehouse:
    """A warehouse whose attributed events are these; what is not named is null. No sessions, and
    no events by themselves.
    """
    warehouse = Warehouse()
    warehouse.register("events", EVENTS_SCHEMA.empty_table())
    attributed = pa.Table.from_pylist(list(rows), schema=ATTRIBUTED_SCHEMA)
    warehouse.register("attributed_events", attributed)
    warehouse.register("sessions", SESSIONS_SCHEMA.empty_table())
    return warehouse


def many(sessions: int) -> Warehouse:
    """So many sessions of 500 people under 120 roles in 20 accounts, a minute after the other."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    accounts = [f"{n:012d}" for n in range(1, 21)]
    numbers = range(sessions)
    people = [f"person-{n % 500:03d}" for n in numbers]
    roles = [(n * 7 + n % 500) % 120 for n in numbers]
    times = [start + timedelta(minutes=n % 28_800) for n in numbers]
    columns: dict[str, list[Any]] = {
        "event_id": [f"event-{n}" for n in numbers],
        "event_time": times,
        "event_date": [moment.date() for moment in times],
        "event_source": ["s3.amazonaws.com"] * sessions,
        "event_name": [f"Get{n % 40}" for n in numbers],
        "source_ip_address": [f"203.0.113.{n % 250}" for n in numbers],
        "recipient_account_id": [accounts[role % 20] for role in roles],
        "user_type": ["AssumedRole"] * sessions,
        "user_principal_id": [f"AROA:{HOSTILE if n == 7 else people[n]}" for n in numbers],
        "session_id": [f"session-{n}" for n in numbers],
        "actor_kind": ["iam-user"] * sessions,
        "actor_account": [accounts[0]] * sessions,
        "actor_name": people,
        "actor_display": people,
        "chain": [[f"arn:aws:iam::{accounts[role % 20]}:role/Role{role:03d}"] for role in roles],
        "evidence": ["proven"] * sessions,
    }
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(sessions, field.type)
        for field in ATTRIBUTED_SCHEMA
    ]
    warehouse = Warehouse()
    warehouse.register("events", EVENTS_SCHEMA.empty_table())
    warehouse.register("attributed_events", pa.table(arrays, schema=ATTRIBUTED_SCHEMA))
    warehouse.register("sessions", SESSIONS_SCHEMA.empty_table())
    return warehouse


def judged_report(*severities: str) -> Report:
    """A report with a finding of each of these severities: `the key K0 is high`."""
    frame = pl.DataFrame(
        {
            "key": [f"K{n}" for n in range(len(severities))],
            "severity": list(severities),
            "reason": [f"it is {severity}" for severity in severities],
            "services": [["s3.amazonaws.com"]] * len(severities),
        },
        schema={
            "key": pl.String,
            "severity": pl.String,
            "reason": pl.String,
            "services": pl.List(pl.String),
        },
    )
    columns = (
        Column("severity", "severity", "severity"),
        Column("key", "access key"),
        Column("reason", "why", place="detail"),
        Column("services", "services", "services", place="detail"),
    )
    return Report("keys", "Keys", (Table("keys", "Keys in use", columns, frame),))


def sentences(page: PageData) -> list[tuple[str, str]]:
    """Severity and text of each finding."""
    return [(finding.severity, finding.text) for finding in page.findings]


def hats(page: PageData) -> dict[tuple[str, str | None], int]:
    """Who and role → events; machines too."""
    return {
        (page.actors[hat.actor].label, page.roles[hat.role] if hat.role else None): hat.events
        for hat in page.hats
    }


def data_of(html: str) -> dict[str, Any]:
    """The JSON in a page."""
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    document: dict[str, Any] = json.loads(found[1])
    return document
