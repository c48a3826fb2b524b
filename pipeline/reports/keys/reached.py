"""What came out of a credential: the roles, accounts and own sessions reached through chains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.arn import Arn, role_label
from pipeline.report import Column, Table
from pipeline.reports.actors import actor_label
from pipeline.reports.trace.frame import frame_of

Row = Mapping[str, Any]

ROWS_EACH = 20
"""Rows of what was reached that a credential gets, if `--limit` does not say otherwise."""

COLUMNS = (
    Column("group", "", place="group", data=False),
    Column("path", "who → roles", "chain", data=False),
    Column("evidence", "evidence", "evidence"),
    Column("events", "calls", "integer"),
    Column("denied", "denied", "denied", droppable=True),
    Column("credential_id", "credential", place="none"),
    Column("access_key_id", "access key", place="none"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("reached_kind", "reached", place="none"),
    Column("federated_name", "federated name", place="none"),
    Column("chain", "chain", "list", place="none"),
    Column("sessions", "sessions", "integer", place="none"),
    Column("administrative", "administrative", "integer", place="none"),
    Column("events_without_mfa", "without MFA", "integer", place="none"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last", "timestamp", place="none"),
    Column("when", "when", "span", place="detail", data=False),
    Column("accounts", "in account", "list", place="detail"),
    Column("actions", "did", "actions", place="detail"),
    Column("source_addresses", "from", "list", place="detail"),
    Column("mfa", "MFA", place="detail", data=False),
)


def roles_of(credential: Row) -> list[str]:
    """ARNs of all roles reached, in order."""
    return sorted({role for row in credential["reached"] or () for role in row["chain"]})


def roles_in_words(credential: Row) -> list[str]:
    """Each role with its account: `DataExportRole in 300000000003`."""
    return [_role_in_words(role) for role in roles_of(credential)]


def _role_in_words(role: str) -> str:
    label = role_label(role)
    arn = Arn.parse(role)
    return label if arn is None or arn.account in label else f"{label} in {arn.account}"


def reached_table(credentials: Sequence[Row], limit: int | None) -> tuple[Table, int]:
    """What came out of each credential, in their order; and how many rows were cut.

    limit -- rows for each credential at most, those that administer first; None: ROWS_EACH.
    """
    kept = limit or ROWS_EACH
    rows = [
        row for credential in credentials for row in _rows(credential, credential["reached"], kept)
    ]
    cut = sum(max(len(credential["reached"] or ()) - kept, 0) for credential in credentials)
    table = Table(
        "reached",
        "What was reached from them through chains",
        COLUMNS,
        frame_of(COLUMNS, rows),
        "no role and no session came out of these credentials",
    )
    return table, cut


def _rows(credential: Row, reached: Sequence[Row] | None, kept: int) -> Iterable[dict[str, Any]]:
    for row in (reached or ())[:kept]:
        yield {
            **credential,
            **row,
            "group": f"{credential['credential']} of {credential['owner']}",
            "path": [actor_label({**credential, "claimed_actor": None}), *_steps(row)],
            "when": {"first": row["first_time"], "last": row["last_time"]},
            "mfa": _mfa(row),
        }


def _steps(row: Row) -> list[str]:
    """Each role put on; for a session of the owner's own, what it is."""
    if row["reached_kind"] == "session":
        return ["own temporary session"]
    if row["reached_kind"] == "federated":
        return [f"federated session {row['federated_name']}"]
    return [role_label(role) for role in row["chain"]]


def _mfa(row: Row) -> str:
    without, events = row["events_without_mfa"], row["events"]
    if not without:
        return "yes"
    return "none" if without == events else f"none in {without:,} of {events:,} calls"
