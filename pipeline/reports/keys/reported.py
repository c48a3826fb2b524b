"""What IAM's credential report adds: keys that nobody uses, passwords and root without MFA."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.credential_report import CredentialReport, ReportedKey, ReportedUser
from pipeline.report import SEVERITIES, Column, Severity, Table
from pipeline.reports.keys.matching import GROUNDS, Matched
from pipeline.reports.trace.frame import frame_of

Row = Mapping[str, Any]

UNUSED_AFTER = timedelta(days=90)
"""A key that nobody used for so long before the report is not needed (CIS: 45 days, AWS: 90)."""

FINDINGS = (
    Column("severity", "severity", "severity"),
    Column("what", "what"),
    Column("user_name", "user"),
    Column("account_id", "account"),
    Column("reason", "why", place="detail"),
    Column("next_step", "do", place="detail"),
    Column("key_number", "key number", "integer", place="none"),
    Column("access_key_id", "access key", place="none"),
    Column("changed_at", "made or changed (UTC)", "timestamp", place="detail"),
    Column("last_used_at", "last used (UTC)", "timestamp", place="detail"),
)

MATCHES = (
    Column("user_name", "user"),
    Column("account_id", "account"),
    Column("key_number", "key", "integer"),
    Column("is_active", "active", "boolean"),
    Column("access_key_id", "access key in the lake"),
    Column("how", "how that is known", place="detail"),
    Column("ground", "ground", place="none"),
    Column("candidates", "candidates", "list", place="none"),
    Column("changed_at", "made or changed (UTC)", "timestamp", place="detail"),
    Column("last_used_at", "last used (UTC)", "timestamp", place="detail"),
    Column("last_used_region", "in region", place="none"),
    Column("last_used_service", "by service", place="none"),
)


def findings_table(
    report: CredentialReport,
    matched: Sequence[Matched],
    used: frozenset[str],
    coverage: Mapping[str, Row],
) -> Table:
    """Active keys that the lake never saw used, root's keys, passwords and root without MFA.

    used -- access keys that signed a call in the lake. coverage -- by account, first_time and
    last_time of its events (queries/reports/keys_coverage.sql).
    """
    rows = [
        *_key_rows(report, matched, used, coverage),
        *(row for user in report.users for row in _user_rows(user)),
    ]
    rows.sort(
        key=lambda row: (
            SEVERITIES.index(row["severity"]),
            row["account_id"],
            row["user_name"],
            row["what"],
        )
    )
    return Table(
        "credential_report_findings",
        "In the credential report",
        FINDINGS,
        frame_of(FINDINGS, rows),
        "every active key of the credential report was seen in use; everybody has MFA",
    )


def matches_table(matched: Sequence[Matched]) -> Table:
    """Every key of the report with the access key that it is, and how that is known."""
    rows = [
        {
            **_owner(item.user),
            **_times(item.key),
            "key_number": item.key.number,
            "is_active": item.key.is_active,
            "access_key_id": item.access_key_id,
            "how": how_known(item),
            "ground": item.ground,
            "candidates": list(item.candidates),
            "last_used_region": item.key.region,
            "last_used_service": item.key.service,
        }
        for item in matched
    ]
    return Table(
        "credential_report_keys",
        "Which key of the report is which (it names no key ids)",
        MATCHES,
        frame_of(MATCHES, rows),
        "the credential report has no access keys",
    )


def how_known(item: Matched) -> str:
    """How it is known which access key a key of the report is, or why it is not."""
    if item.ground:
        return GROUNDS[item.ground]
    if item.candidates:
        return f"open: it may be {' or '.join(item.candidates)}"
    return "no access key of this user in the lake fits"


def _owner(user: ReportedUser) -> dict[str, Any]:
    return {"user_name": user.name, "account_id": user.account}


def _times(key: ReportedKey) -> dict[str, Any]:
    return {"changed_at": key.changed_at, "last_used_at": key.last_used_at}


def _key_rows(
    report: CredentialReport,
    matched: Iterable[Matched],
    used: frozenset[str],
    coverage: Mapping[str, Row],
) -> Iterator[dict[str, Any]]:
    for item in matched:
        if not item.key.is_active:
            continue
        is_seen = item.access_key_id in used or not used.isdisjoint(item.candidates)
        if item.user.is_root:
            verdict: tuple[Severity, str, str] = (
                "critical",
                "root has an active access key",
                "delete it: root needs no key",
            )
        elif is_seen:
            continue
        else:
            verdict = _unused(item.key, coverage.get(item.user.account), report.as_of)
        severity, reason, next_step = verdict
        yield {
            **_owner(item.user),
            **_times(item.key),
            "severity": severity,
            "what": f"active access key {item.key.number}"
            + (f" ({item.access_key_id})" if item.access_key_id else ""),
            "reason": reason,
            "next_step": next_step,
            "key_number": item.key.number,
            "access_key_id": item.access_key_id,
        }


def _unused(
    key: ReportedKey, covered: Row | None, as_of: datetime | None
) -> tuple[Severity, str, str]:
    """Severity, reason and next step of an active key that the lake never saw in use."""
    if covered is None:
        return (
            "info",
            "not seen in use, but no trail of this account is in the lake",
            "ingest the trail of this account",
        )
    first, last = covered["first_time"], covered["last_time"]
    seen = f"not seen in the lake ({first:%Y-%m-%d} to {last:%Y-%m-%d})"
    if key.last_used_at is None:
        return "medium", f"active and never used; {seen}", "delete it"
    said = (
        f"{seen}; the report says last used {key.last_used_at:%Y-%m-%d %H:%M}"
        f" ({key.service or '?'} in {key.region or '?'})"
    )
    if first <= key.last_used_at <= last:
        return (
            "low",
            f"{said}: that call is not in the lake",
            "ingest all regions, and data events where they are logged",
        )
    if as_of is not None and as_of - key.last_used_at > UNUSED_AFTER:
        return "medium", f"unused for over {UNUSED_AFTER.days} days; {said}", "disable, then delete"
    return "low", said, "disable it if its owner does not need it"


def _user_rows(user: ReportedUser) -> Iterator[dict[str, Any]]:
    if user.has_mfa:
        return
    if user.is_root:
        yield {
            **_owner(user),
            "severity": "high",
            "what": "root without MFA",
            "reason": "whoever has the password, or the mailbox to reset it, is root",
            "next_step": "put MFA on root, or remove its credentials (centralised root access)",
        }
    elif user.has_password:
        yield {
            **_owner(user),
            "severity": "medium",
            "what": "console password without MFA",
            "reason": "the password alone signs in",
            "next_step": "demand MFA of this user; better, move people to Identity Center",
            "changed_at": user.password_changed_at,
            "last_used_at": user.password_used_at,
        }
