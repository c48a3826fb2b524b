"""Roles from their wearers: one row per role of what queries/reports/role_wearers.sql counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import cast

from pipeline.arn import Arn, role_label
from pipeline.reports.actors import EVIDENCE_GRADES, actor_label

Row = Mapping[str, object]

ROLE_KINDS = {
    "role": "",
    "permission-set": "permission set of Identity Center",
    "service-linked": "service-linked",
    "root": "root by AssumeRoot",
}
"""Kinds of roles and how people say them; an ordinary role needs no word."""

_WEARERS = {
    "workload": "machines",
    "aws-service": "services",
    "external-account": "outside_accounts",
    "unresolved": "unresolved",
}
"""Kinds of actors and the count they belong to; all others are people."""


def role_kind(arn: str) -> str:
    """What kind of role an ARN is, by its path (IAM user guide: paths that AWS reserves)."""
    if ":role/aws-service-role/" in arn:
        return "service-linked"
    if ":role/aws-reserved/sso.amazonaws.com/" in arn:
        return "permission-set"
    return "root" if arn.endswith(":root") else "role"


def account_of(arn: str) -> str:
    """The account of an ARN, "" where it is none."""
    parsed = Arn.parse(arn)
    return parsed.account if parsed else ""


def by_role(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The wearings of each role; `rows` are sorted by role."""
    for arn, group in groupby(rows, key=lambda row: str(row["role_arn"])):
        yield arn, list(group)


def worn_role(arn: str, wearings: Sequence[Row]) -> dict[str, object]:
    """A role in one row: counts, times, who wore it, how well that is known, MFA at the root."""
    days = {day for row in wearings for day in cast("list[object]", row["days"])}
    counted = {
        name: len({_who(row) for row in wearings if _wearers(row) == name})
        for name in ("people", *_WEARERS.values())
    }
    sessions = total(wearings, "sessions")
    grades = {
        f"{grade}_sessions": total([r for r in wearings if r["evidence"] == grade], "sessions")
        for grade in EVIDENCE_GRADES
    }
    proven = grades["direct_sessions"] + grades["proven_sessions"]
    times = [row["first_time"] for row in wearings], [row["last_time"] for row in wearings]
    rooted = [row for row in wearings if row["actor_kind"] in ("iam-user", "root")]
    mfa = {name: total(rooted, name) for name in ("with_mfa", "without_mfa", "mfa_unknown")}
    return {
        "role_arn": arn,
        "role_name": role_label(arn),
        "account_id": account_of(arn),
        "role_kind": role_kind(arn),
        "kind_words": ROLE_KINDS[role_kind(arn)] or None,
        "sessions": sessions,
        "not_seen": total(wearings, "not_seen"),
        "day_count": len(days),
        "events": total(wearings, "events"),
        "denied": total(wearings, "denied"),
        "first_time": min(cast("list[str]", times[0])),
        "last_time": max(cast("list[str]", times[1])),
        **counted,
        **grades,
        "proven_percent": 100 * proven / sessions if sessions else None,
        **mfa,
        "mfa": mfa_words(*mfa.values()) if rooted else None,
        "worn_by": worn_by(wearings),
    }


def total(rows: Sequence[Row], name: str) -> int:
    """The sum of a column."""
    return sum(cast("int", row[name]) for row in rows)


def times(row: Row) -> str:
    """How often a wearer put the role on: ` ×3`, and what was never seen in use."""
    sessions, not_seen = cast("int", row["sessions"]), cast("int", row["not_seen"])
    words = [f"×{sessions:,}"] if sessions else []
    words += [f"×{not_seen:,} never seen in use"] if not_seen else []
    return " and ".join(words)


def worn_by(wearings: Sequence[Row]) -> list[str]:
    """Wearers as `alice ×3 (proven)`, those who wore it most often first."""
    counts: dict[tuple[str, str], list[int]] = {}
    for row in wearings:
        count = counts.setdefault((actor_label(row), str(row["evidence"])), [0, 0])
        count[0] += cast("int", row["sessions"])
        count[1] += cast("int", row["not_seen"])
    ordered = sorted(counts.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    return [
        f"{label} {times({'sessions': seen, 'not_seen': unseen})} ({evidence})"
        for (label, evidence), (seen, unseen) in ordered
    ]


def mfa_words(yes: int, no: int, unknown: int) -> str:
    """Whether there was MFA: one word where all agree, else how many of each."""
    counts = {"yes": yes, "no": no, "unknown": unknown}
    said = {word: count for word, count in counts.items() if count}
    if len(said) <= 1:
        return next(iter(said), "unknown")
    return ", ".join(f"{word} ×{count:,}" for word, count in said.items())


def _wearers(row: Row) -> str | None:
    if row["actor_kind"] == "aws-service" and not row["sessions"]:
        return None  # it handed the role to a workload that was not seen to wear it
    return _WEARERS.get(str(row["actor_kind"]), "people")


def _who(row: Row) -> tuple[object, ...]:
    return (row["actor_kind"], row["actor_account"], row["actor_name"], row["claimed_actor"])
