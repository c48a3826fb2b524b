"""The rows of credentials: what each is, what it did, how urgent that is, ranked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.report import SEVERITIES, Column, Table
from pipeline.reports.actors import actor_heading
from pipeline.reports.keys.clients import (
    by_frequency,
    new_networks,
    places_in_words,
    places_of,
    tool_of,
)
from pipeline.reports.keys.judging import Facts, Reason, judge
from pipeline.reports.keys.made import Made
from pipeline.reports.keys.matching import GROUNDS, SAME_MOMENT, Matched
from pipeline.reports.keys.reached import roles_in_words, roles_of
from pipeline.reports.trace.frame import frame_of

Row = Mapping[str, Any]

COLUMNS = (
    Column("severity", "severity", "severity"),
    Column("credential", "credential"),
    Column("owner", "owner", data=False),
    Column("age_days", "days old", "integer"),
    Column("events", "calls", "integer"),
    Column("denied", "denied", "denied", droppable=True),
    Column("reason", "why", place="detail"),
    Column("next_step", "do", place="detail"),
    Column("credential_id", "credential id", place="none"),
    Column("credential_kind", "credential kind", place="none"),
    Column("access_key_id", "access key", place="none"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
    Column("made", "made", place="detail"),
    Column("created_at", "made at", "timestamp", place="none"),
    Column("age_source", "age known from", place="none"),
    Column("observed_days", "days observed", "integer", place="none"),
    Column("first_used", "first use", "timestamp", place="none"),
    Column("last_used", "last use", "timestamp", place="none"),
    Column("when", "used", "span", place="detail", data=False),
    Column("days_used", "days used", "integer", place="none"),
    Column("failed", "failed", "integer", place="none"),
    Column("actions", "did", "actions", place="detail"),
    Column("services", "services", "services", place="none"),
    Column("regions", "regions", "list", place="none"),
    Column("source_addresses", "from", "list", place="detail"),
    Column("new_networks", "new networks", "list", place="none"),
    Column("tools", "with", "list", place="detail"),
    Column("user_agents", "user agents", "list", place="none"),
    Column("runs_on", "runs on", place="detail"),
    Column("role_instead", "a role would do", place="detail"),
    Column("reached", "reached", "list", place="detail", data=False),
    Column("roles", "roles reached", "list", place="none"),
    Column("accounts", "accounts", "list", place="none"),
    Column("all_events", "calls with chains", "integer", place="none"),
    Column("events_without_mfa", "calls without MFA", "integer", place="none"),
    Column("mfa", "no MFA", place="detail", data=False),
    Column("administrative_actions", "administrative", "actions", place="none"),
    Column("own_after_end", "calls after its end", "integer", place="none"),
    Column("sessions_after_end", "sessions' calls after its end", "integer", place="none"),
    Column("ended_at", "ended at", "timestamp", place="none"),
)

_LABELS = {"console-password": "console password", "unknown": "not shown in the log"}
_ENDS = {"deleted": "deleted", "inactive": "disabled"}
_ON_MACHINES = ("access-key", "api-key", "service-specific")
_SHOWN_ACTIONS = 3


def credential_row(row: Row, life: Made | None, matched: Matched | None) -> dict[str, Any]:
    """A row of queries/reports/keys_used.sql, dressed and judged.

    life -- what the lake saw of its making; matched -- the key of the credential report it is.
    """
    clients = row["clients"] or ()
    # The console's calls come from AWS's machines, and a service's from the service's.
    places = places_of(clients) if row["credential_kind"] in _ON_MACHINES else []
    created_at, source = _created(row, life, matched)
    last = row["last_used"] or row["last_seen"]
    age = max((last - created_at).days, 0) if created_at else None
    networks = new_networks(clients)
    reasons = judge(_facts(row, age, networks, places[0][0] if places else None))
    owner = actor_heading({**row, "claimed_actor": None})
    return {
        **row,
        "severity": reasons[0].severity,
        "rank": reasons[0].rank,
        "reason": "; ".join(reason.words for reason in _told(reasons)),
        "next_step": reasons[0].next_step,
        "credential": _label(row),
        "owner": owner,
        "age_days": age,
        "age_source": source,
        "created_at": created_at,
        "made": _made(row, life, matched),
        "observed_days": _observed_days(row),
        "when": {"first": row["first_used"], "last": row["last_used"]},
        "source_addresses": by_frequency((c["address"], c["events"]) for c in clients),
        "user_agents": by_frequency((c["user_agent"], c["events"]) for c in clients),
        "tools": by_frequency((tool_of(c["user_agent"]), c["events"]) for c in clients),
        "new_networks": networks,
        "runs_on": places_in_words(places, row["events"]),
        "role_instead": f"probably: {places[0][0].role}" if places else None,
        "reached_rows": row["reached"],
        "roles": roles_of(row),
        "reached_words": roles_in_words(row),
        "mfa": _mfa(row),
    }


def credentials_table(rows: list[dict[str, Any]], heading: str = "") -> Table:
    """The rows under their columns."""
    dressed = [{**row, "reached": row["reached_words"]} for row in rows]
    return Table(
        "credentials", heading, COLUMNS, frame_of(COLUMNS, dressed), "no long-term credential used"
    )


def ranking(row: Row) -> tuple[object, ...]:
    """Sort key: the most urgent first; then by how much was done with it and through it."""
    return (
        SEVERITIES.index(row["severity"]),
        row["rank"],
        -row["all_events"],
        row["credential_id"],
    )


def _told(reasons: list[Reason]) -> list[Reason]:
    """The reasons worth telling: that a credential is in use at all only where nothing else is."""
    grave = [reason for reason in reasons if reason.severity not in ("low", "info")] or reasons[:1]
    return [*grave, *(reason for reason in reasons if reason.is_aside and reason not in grave)]


def _label(row: Row) -> str:
    if row["access_key_id"]:
        return str(row["access_key_id"])
    if row["credential_kind"] in ("api-key", "service-specific"):
        names = ", ".join(str(s).removesuffix(".amazonaws.com") for s in row["services"] or ())
        kind = "API key" if row["credential_kind"] == "api-key" else "service credential"
        return f"{kind} ({names})"
    return _LABELS.get(row["credential_kind"], str(row["credential_kind"]))


def _observed_days(row: Row) -> int:
    """Whole days from the first to the last use in the whole lake."""
    return (row["own_last"] - row["own_first"]).days if row["own_first"] else 0


def _created(
    row: Row, life: Made | None, matched: Matched | None
) -> tuple[datetime | None, str | None]:
    """When it was made, and from where that is known.

    The report's date is of the last change of the key's status: one after its first use is not
    that of its making.
    """
    if life is not None and life.created is not None:
        return life.created["changed_at"], "lake"
    if matched is not None and matched.ground is not None and _is_before_use(row, matched):
        return matched.key.changed_at, f"credential report, {matched.ground}"
    return None, None


def _is_before_use(row: Row, matched: Matched) -> bool:
    changed_at = matched.key.changed_at
    return changed_at is not None and (
        row["own_first"] is None or changed_at <= row["own_first"] + SAME_MOMENT
    )


def _made(row: Row, life: Made | None, matched: Matched | None) -> str | None:
    if life is not None and life.created is not None:
        return life.by_words()
    if matched is None or matched.key.changed_at is None:
        return None
    key = f"key {matched.key.number} of the credential report"
    if matched.ground is None:
        return f"open: it may be {key}"
    moment = f"{matched.key.changed_at:%Y-%m-%d %H:%M:%S} UTC"
    when = moment if _is_before_use(row, matched) else f"before its status changed at {moment}"
    return f"{when}: {key} ({GROUNDS[matched.ground]})"


def _facts(row: Row, age: int | None, networks: list[str], place: Any) -> Facts:
    return Facts(
        kind=row["credential_kind"],
        is_root=row["actor_kind"] == "root",
        owner=str(row["actor_name"] or ""),
        age_days=age,
        observed_days=_observed_days(row),
        sign_ins=row["sign_ins"],
        sign_ins_without_mfa=row["sign_ins_without_mfa"],
        without_mfa=row["events_without_mfa"],
        administrative=row["administrative_without_mfa"],
        administrative_words=_administrative(row),
        new_networks=tuple(networks),
        denied_assumptions=row["denied_assumptions"],
        retried_assumptions=row["retried_assumptions"],
        place=place.words if place else None,
        role=place.role if place else None,
        own_after_end=row["own_after_end"] or 0,
        sessions_after_end=row["sessions_after_end"] or 0,
        end_words=_ENDS.get(row["end_change"], "ended"),
        ended_at=row["ended_at"],
        last_after_end=row["last_after_end"],
    )


def _administrative(row: Row) -> str:
    actions = row["administrative_actions"] or ()
    words = [
        f"{str(a['service']).removesuffix('.amazonaws.com')}:{a['action']} ×{a['events']:,}"
        for a in actions[:_SHOWN_ACTIONS]
    ]
    more = len(actions) - len(words)
    return ", ".join(words) + (f", +{more} more" if more > 0 else "")


def _mfa(row: Row) -> str | None:
    without, events = row["events_without_mfa"], row["all_events"]
    if not without or row["credential_kind"] == "unknown":
        return None
    return f"{without:,} of {events:,} calls, chains included"
