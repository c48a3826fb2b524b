"""Changes of source identity along a chain: an integrity finding (semantics.md section 5)."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.arn import role_label
from pipeline.report import Column

SOURCE_IDENTITY_CHANGES = (
    Column("what", "", data=False),
    Column("session_id", "session", place="none"),
    Column("parent_session_id", "put on by", place="none"),
    Column("role_arn", "role", place="none"),
    Column("session_name", "session name", place="none"),
    Column("account_id", "account", place="none"),
    Column("started_at", "put on", "timestamp", place="none"),
    Column("source_identity", "source identity", place="none"),
    Column("differs_from", "differs from", place="none"),
    Column("other_source_identity", "other source identity", place="none"),
    Column("event_ids", "events", "list", place="none"),
)
"""The columns of queries/reports/status_source_identity.sql, and them in one sentence."""

_DIFFERS = {
    "session": "and also",
    "issuing call": "but the call that issued it says",
    "parent": "but the session that put it on has",
}


def source_identity_change(row: Mapping[str, object]) -> str:
    """A row of queries/reports/status_source_identity.sql as a sentence."""
    role = role_label(str(row["role_arn"])) if row["role_arn"] else "no role"
    return (
        f"session {row['session_id']} ({role} in {row['account_id']}) has source identity "
        f"“{row['source_identity']}”, {_DIFFERS[str(row['differs_from'])]} "
        f"“{row['other_source_identity']}”"
    )
