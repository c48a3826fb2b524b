"""What in the roles calls for action: each with its severity, the reason and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from pipeline.inventory import InventoryRole
from pipeline.report import SEVERITIES, Severity
from pipeline.reports.actors import actor_label
from pipeline.reports.roles.names import Habit
from pipeline.reports.roles.wearing import Row, total


def _finding(
    severity: Severity, finding: str, role: Row, reason: str, next_step: str
) -> dict[str, object]:
    return {
        "severity": severity,
        "finding": finding,
        "role_arn": role["role_arn"],
        "role_name": role["role_name"],
        "account_id": role["account_id"],
        "reason": reason,
        "next_step": next_step,
    }


def worn_findings(
    role: Row, wearings: Sequence[Row], habit: Habit, borrowed: Sequence[Row]
) -> list[dict[str, object]]:
    """What is odd in how one role is worn: by whom, under which names, with which ids.

    wearings -- its rows of queries/reports/role_wearers.sql; borrowed -- its sessions of
    queries/reports/framed_sessions.sql.
    """
    found = []
    if borrowed:
        last = borrowed[-1]
        found.append(
            _finding(
                "medium",
                "borrowed-name",
                role,
                "worn under the name of a known person who is another: "
                + _some(_bearers(borrowed)),
                f"rolecall trace {last['session_id']} shows whose session that was",
            )
        )
    ids = cast("list[str]", role["role_ids"])
    if len(ids) > 1:
        found.append(
            _finding(
                "medium",
                "recreated",
                role,
                f"{len(ids)} roles had this ARN, one after another: {', '.join(ids)}",
                "ask who deleted and made it anew: CreateRole and DeleteRole in the lake",
            )
        )
    outside = {str(r["actor_account"]) for r in wearings if r["actor_kind"] == "external-account"}
    if outside:
        found.append(
            _finding(
                "medium",
                "outside-account",
                role,
                f"worn from account {_some(outside)}, whose trail does not show the caller",
                "is the account yours? ingest its trail; else check the trust policy",
            )
        )
    unknown = [row for row in wearings if row["actor_kind"] == "unresolved"]
    if unknown:
        session = next((r["last_session_id"] for r in unknown if r["last_session_id"]), None)
        found.append(
            _finding(
                "low",
                "wearer-unknown",
                role,
                f"nothing in the lake proves who wore it in {_sessions(unknown)}",
                f"rolecall trace {session or role['role_arn']} says what is missing",
            )
        )
    if habit.shared:
        shared = {f"“{name}” is {', '.join(people)}" for name, people in habit.shared.items()}
        found.append(
            _finding(
                "low",
                "shared-name",
                role,
                f"people share a session name: {_some(shared, '; ')}",
                "ask for sts:RoleSessionName = ${aws:username} in the trust policy",
            )
        )
    if habit.several:
        several = {f"{who} as {', '.join(names)}" for who, names in habit.several.items()}
        found.append(
            _finding(
                "info",
                "several-names",
                role,
                f"one person, several session names: {_some(several, '; ')}",
                "a session name proves nobody; go by the evidence",
            )
        )
    return found


def _sessions(wearings: Sequence[Row]) -> str:
    count = total(wearings, "sessions") + total(wearings, "not_seen")
    return f"{count:,} session{'' if count == 1 else 's'}"


def _some(words: Iterable[str], separator: str = ", ", shown: int = 3) -> str:
    ordered = sorted(words)
    more = f"{separator}+{len(ordered) - shown} more" if len(ordered) > shown else ""
    return separator.join(ordered[:shown]) + more


def _bearers(sessions: Sequence[Row]) -> set[str]:
    return {
        ("somebody unknown" if s["actor_kind"] == "unresolved" else actor_label(s))
        + f" as “{s['session_name']}”"
        for s in sessions
    }


def trust_findings(trusts: Iterable[Row]) -> list[dict[str, object]]:
    """Trust policies that are open to anybody, to other accounts, or to who is gone."""
    found = []
    for trust in trusts:
        keys = ", ".join(cast("list[str]", trust["condition_keys"]))
        if trust["trust"] == "anybody":
            who = "everybody but some" if trust["is_exception"] else "every AWS account (`*`)"
            found.append(
                _finding(
                    "medium" if keys else "critical",
                    "trusts-anybody",
                    trust,
                    f"the trust policy lets {who} put it on"
                    + (f", on conditions of {keys}" if keys else ", without a condition"),
                    "check that the conditions bind" if keys else "name the principals",
                )
            )
        elif trust["trust"] == "outside-account":
            found.append(
                _finding(
                    "low" if keys else "medium",
                    "trusts-outside-account",
                    trust,
                    f"the trust policy lets {trust['principal']} put it on"
                    + (f", on conditions of {keys}" if keys else ", without a condition")
                    + _came(trust),
                    "is the account yours? name it with --known-account; else ask for "
                    "sts:ExternalId, or take it out",
                )
            )
        elif trust["trust"] == "deleted-principal":
            found.append(
                _finding(
                    "low",
                    "trusts-deleted-principal",
                    trust,
                    f"the trust policy names {trust['principal']}: a user or role that is deleted",
                    "take it out of the trust policy",
                )
            )
    return found


def _came(trust: Row) -> str:
    return {"came": "; it came", "never": "; it never came"}.get(
        str(trust["came"]), "; whether it came is not known"
    )


def replaced_findings(
    roles: Iterable[InventoryRole], ids: Mapping[str, Sequence[str]]
) -> list[dict[str, object]]:
    """Roles that were worn, and of which IAM now has another one under the old name."""
    return [
        _finding(
            "medium",
            "replaced",
            {"role_arn": role.arn, "role_name": role.name, "account_id": role.account},
            f"the role that was worn ({', '.join(ids[role.arn])}) is gone: {role.role_id} has its "
            "name now",
            "ask who deleted and made it anew: CreateRole and DeleteRole in the lake",
        )
        for role in roles
        if role.role_id and role.arn in ids and role.role_id not in ids[role.arn]
    ]


def unworn_findings(unworn: Iterable[Row]) -> list[dict[str, object]]:
    """Roles that AWS saw in use and the lake did not: the lake has not all of the window."""
    return [
        _finding(
            "low",
            "use-not-in-lake",
            role,
            f"AWS saw it used at {role['aws_last_used']:%Y-%m-%d %H:%M} UTC in "
            f"{role['aws_last_used_region'] or 'an unknown region'}; the lake has no record of it",
            "ingest all regions of the account; some services' calls are data events",
        )
        for role in unworn
        if role["state"] == "aws-saw-use" and role["role_kind"] != "service-linked"
    ]


def counted(findings: Iterable[Row]) -> dict[Severity, int]:
    """How many findings there are of each severity that there is."""
    rows = list(findings)
    counts = {s: sum(row["severity"] == s for row in rows) for s in SEVERITIES}
    return {severity: count for severity, count in counts.items() if count}


def urgent_first(findings: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Findings, the most urgent first, then by role."""
    order = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    return sorted(
        findings,
        key=lambda row: (
            order[cast("Severity", row["severity"])],
            str(row["role_arn"]),
            str(row["finding"]),
            str(row["reason"]),
        ),
    )
