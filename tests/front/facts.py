"""Builders: attributed events that name only what matters, in a warehouse of their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from pipeline.schema import EVENTS_SCHEMA
from pipeline.warehouse import Warehouse

TRUST, SECURITY, PRODUCTION = "111111111111", "222222222222", "333333333333"
ANALYST = f"arn:aws:iam::{SECURITY}:role/team/SecurityAnalystRole"
BREAK_GLASS = f"arn:aws:iam::{PRODUCTION}:role/SecurityBreakGlassRole"
REPORTING = f"arn:aws:iam::{PRODUCTION}:role/ReportingRole"

ATTRIBUTED_SCHEMA = pa.schema(
    [
        *EVENTS_SCHEMA,
        ("session_id", pa.string()),
        ("actor_kind", pa.string()),
        ("actor_account", pa.string()),
        ("actor_name", pa.string()),
        ("actor_arn", pa.string()),
        ("actor_display", pa.string()),
        ("chain", pa.list_(pa.string())),
        ("hops", pa.int32()),
        ("evidence", pa.string()),
        ("evidence_events", pa.list_(pa.string())),
        ("claimed_actor", pa.string()),
        ("claim_source", pa.string()),
        ("long_term_credential", pa.bool_()),
    ]
)

Row = dict[str, object]


def at(text: str) -> datetime:
    """`09:05:07` on 2026-11-20, or a whole ISO time; UTC."""
    moment = datetime.fromisoformat(text if "-" in text else f"2026-11-20T{text}")
    return moment.replace(tzinfo=UTC)


def alice(time: str, call: str, *chain: str, **changes: object) -> Row:
    """An event of the IAM user alice, under the roles of `chain`, proven.

    call -- `ec2:StopInstances`.
    """
    service, _, name = call.partition(":")
    moment = at(time)
    row: Row = {
        "event_id": f"{call}-{moment.isoformat()}",
        "event_time": moment,
        "event_date": moment.date(),
        "event_source": f"{service}.amazonaws.com",
        "event_name": name,
        "aws_region": "eu-west-1",
        "source_ip_address": "203.0.113.10",
        "recipient_account_id": chain[-1].split(":")[4] if chain else TRUST,
        "user_type": "AssumedRole" if chain else "IAMUser",
        "user_principal_id": f"AROA{len(chain)}:alice" if chain else "AIDAALICE",
        "session_id": f"session{len(chain)}" if chain else None,
        "actor_kind": "iam-user",
        "actor_account": TRUST,
        "actor_name": "alice",
        "actor_arn": f"arn:aws:iam::{TRUST}:user/alice",
        "actor_display": "alice",
        "chain": list(chain),
        "hops": len(chain),
        "evidence": "proven" if chain else "direct",
        "evidence_events": [],
    }
    return row | changes


def nobody(time: str, call: str, *chain: str, **changes: object) -> Row:
    """An event whose actor the log does not show; a claim is a change."""
    unknown = dict.fromkeys(("actor_account", "actor_name", "actor_arn", "actor_display"))
    return alice(time, call, *chain, actor_kind="unresolved", evidence="none") | unknown | changes


def claiming_alice(time: str, call: str, *chain: str, **changes: object) -> Row:
    """An event of a session that is called alice, and nothing more is known of it."""
    claim: Row = {
        "evidence": "claimed",
        "claimed_actor": "alice",
        "claim_source": "session-name",
        "source_ip_address": "198.51.100.7",
        "session_id": "framed",
    }
    return nobody(time, call, *chain) | claim | changes


def instance(time: str, call: str, *chain: str, **changes: object) -> Row:
    """An event of the EC2 instance i-0abc."""
    machine: Row = {
        "actor_kind": "workload",
        "actor_name": "i-0abc",
        "actor_display": "i-0abc",
        "actor_arn": None,
        "actor_account": PRODUCTION,
        "session_id": "machine",
        "source_ip_address": "198.51.100.20",
    }
    return alice(time, call, *chain) | machine | changes


def incident() -> list[Row]:
    """Alice looks, then contains; somebody else calls a session alice; an instance works."""
    return [
        alice("09:00:00", "sts:AssumeRole", user_access_key_id="AKIAALICE00000000001"),
        alice("09:01:00", "ec2:DescribeInstances", ANALYST),
        alice("09:02:00", "ec2:DescribeInstances", ANALYST),
        alice("09:03:00", "iam:ListRoles", ANALYST),
        alice("09:20:00", "ec2:StopInstances", ANALYST, BREAK_GLASS),
        alice("09:21:00", "iam:PutRolePolicy", ANALYST, BREAK_GLASS, error_code="AccessDenied"),
        claiming_alice("09:15:00", "s3:GetObject", REPORTING),
        instance("09:16:00", "s3:PutObject", f"arn:aws:iam::{PRODUCTION}:role/AppRole"),
    ]


def warehouse_of(*rows: Row) -> Warehouse:
    """A warehouse whose events and attributed events are these; what is not named is null."""
    warehouse = Warehouse()
    attributed = pa.Table.from_pylist(list(rows), schema=ATTRIBUTED_SCHEMA)
    warehouse.register("attributed_events", attributed)
    warehouse.register("events", attributed.select(EVENTS_SCHEMA.names))
    return warehouse
