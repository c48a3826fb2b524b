"""What the lake saw made: when and by whom each credential was, and those never seen used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.report import Column, Severity, Table
from pipeline.reports.actors import path_of, undrawn
from pipeline.reports.trace.frame import frame_of
from pipeline.reports.window import Window

Row = Mapping[str, Any]

COLUMNS = (
    Column("severity", "severity", "severity"),
    Column("credential", "credential"),
    Column("owner_name", "of user"),
    Column("state", "state"),
    Column("credential_kind", "kind", place="none"),
    Column("access_key_id", "access key", place="none"),
    Column("owner_account", "account", place="detail"),
    Column("created_at", "made (UTC)", "timestamp", place="detail"),
    Column("maker", "by", "chain", place="detail", data=False),
    Column("evidence", "evidence", "evidence", place="detail"),
    Column("reason", "why", place="detail"),
    Column("next_step", "do", place="detail"),
    Column("changed_at", "state since", "timestamp", place="none"),
    Column("actor_kind", "maker's kind", place="none"),
    Column("actor_account", "maker's account", place="none"),
    Column("actor_name", "maker", place="none"),
    Column("actor_arn", "maker's ARN", place="none"),
    Column("claimed_actor", "maker claimed", place="none"),
    Column("claim_source", "claim source", place="none"),
    Column("chain", "maker's roles", "list", place="none"),
    Column("event_id", "event", place="none"),
)

STATES = {"created": "active", "active": "active", "inactive": "inactive", "deleted": "deleted"}


@dataclass(frozen=True, slots=True)
class Made:
    """What the lake knows of a credential's life; times are UTC.

    created -- the row of its making (None: made before the lake); state -- active, inactive or
    deleted, None where the lake saw no change; changes -- when it was made or its status changed.
    """

    created: Row | None
    state: str | None
    changed_at: datetime | None
    changes: tuple[datetime, ...]

    def by_words(self) -> str | None:
        """`2025-10-16 09:00:00 UTC by olivia.admin`."""
        if self.created is None:
            return None
        return f"{self.created['changed_at']:%Y-%m-%d %H:%M:%S} UTC by {maker_of(self.created)}"


def maker_of(change: Row) -> str:
    """Who made a change, with the roles worn: `alice → Admin`."""
    return " → ".join(undrawn(name) for name in path_of(change))


def lives_of(changes: Iterable[Row]) -> dict[str, Made]:
    """By credential id; the changes are those of queries/reports/keys_changes.sql, in order."""
    lives: dict[str, Made] = {}
    for change in changes:
        known = lives.get(change["credential_id"], Made(None, None, None, ()))
        is_status = change["change"] in STATES
        lives[change["credential_id"]] = Made(
            created=change if change["change"] == "created" else known.created,
            state=STATES[change["change"]] if is_status else known.state,
            changed_at=change["changed_at"] if is_status else known.changed_at,
            changes=(*known.changes, change["changed_at"]) if is_status else known.changes,
        )
    return lives


def unused_table(lives: Mapping[str, Made], used: frozenset[str], window: Window) -> Table:
    """What was made in the window and never seen used in the whole lake.

    used -- ids of the credentials that were. Which service-specific credential was used the log
    does not show: where its owner used any, none counts as unused.
    """
    rows = []
    for credential_id, life in lives.items():
        created = life.created
        if created is None or not window.meets(created["changed_at"], created["changed_at"]):
            continue
        if not used.isdisjoint(_ids(credential_id, created)):
            continue
        severity, reason, next_step = _judged(created, life.state)
        rows.append(
            {
                **created,
                "severity": severity,
                "credential": _label(credential_id, created),
                "state": life.state,
                "created_at": created["changed_at"],
                "changed_at": life.changed_at,
                "maker": path_of(created),
                "reason": reason,
                "next_step": next_step,
            }
        )
    return Table(
        "made_unused",
        "Made in the lake and never seen used in it",
        COLUMNS,
        frame_of(COLUMNS, rows),
        "every credential that was made in the lake was used in it, or none was made",
    )


def _ids(credential_id: str, created: Row) -> set[str]:
    if created["credential_kind"] != "service-specific":
        return {credential_id}
    owner = f"{created['owner_account']}:{created['owner_name']}"
    return {f"api-key:{owner}", f"service-specific:{owner}"}


def _label(credential_id: str, created: Row) -> str:
    if created["credential_kind"] == "console-password":
        return "console password"
    if created["credential_kind"] == "service-specific":
        service = str(created["service_name"] or "service").removesuffix(".amazonaws.com")
        return f"{service} credential {credential_id}"
    return credential_id


def _judged(created: Row, state: str | None) -> tuple[Severity, str, str]:
    is_root = created["owner_name"] == "root" and created["credential_kind"] == "access-key"
    if state == "deleted":
        return "info", "deleted again, and not seen used", "nothing"
    if is_root:
        return (
            "critical",
            "an access key of root was made",
            "delete it, and find out who was root: root needs no key",
        )
    if state == "inactive":
        return "info", "disabled, and not seen used", "delete it"
    is_own = (
        created["actor_kind"] == "iam-user"
        and not created["chain"]
        and created["actor_name"] == created["owner_name"]
        and created["actor_account"] == created["owner_account"]
    )
    if is_own:
        return "low", "made by its owner and not used", "delete it unless it is needed"
    return (
        "medium",
        "somebody else made it for this user: a way back in, if that was not asked for",
        "ask the maker what it is for; delete it unless it is needed",
    )
