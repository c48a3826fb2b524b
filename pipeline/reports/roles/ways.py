"""From where each role was entered: another role, or whoever wore none before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pipeline.arn import role_label
from pipeline.reports.actors import EVIDENCE_GRADES, actor_label
from pipeline.reports.roles.wearing import Row, account_of, times

_SAME = ("from_kind", "from_arn", "from_name", "from_account", "from_display")


def ways_in(arn: str, wearings: Sequence[Row]) -> list[dict[str, object]]:
    """One row for each role, user or other from which a role was entered, most used first.

    `evidence` is the weakest grade among the sessions, `crosses_accounts` None where the account
    of whoever entered is not known (services have none).
    """
    ways: dict[tuple[object, ...], dict[str, object]] = {}
    for row in wearings:
        start = _start(arn, row)
        way = ways.setdefault(
            tuple(start[name] for name in _SAME),
            {"role_arn": arn, **start, "sessions": 0, "not_seen": 0, "events": 0}
            | {"evidence": "direct", "last_time": row["last_time"]},
        )
        for name in ("sessions", "not_seen", "events"):
            way[name] = cast("int", way[name]) + cast("int", row[name])
        way["last_time"] = max(cast("str", way["last_time"]), cast("str", row["last_time"]))
        way["evidence"] = max(str(way["evidence"]), str(row["evidence"]), key=EVIDENCE_GRADES.index)
    for way in ways.values():
        account = way["from_account"]
        way["crosses_accounts"] = account != account_of(arn) if account else None
    return sorted(
        ways.values(),
        key=lambda way: (-cast("int", way["sessions"]), str(way["from_display"]), str(way)),
    )


def is_news(way: Row) -> bool:
    """Whether a way in says more than who wore the role: through a role, or from elsewhere."""
    return way["from_kind"] == "role" or bool(way["crosses_accounts"])


def way_words(way: Row) -> str:
    """A way in as people read it: `SecurityAnalystRole in 200000000002 ×3 (proven)`."""
    label, account = str(way["from_display"]), way["from_account"]
    where = f" in {account}" if account and str(account) not in label else ""
    return f"{label}{where} {times(way)} ({way['evidence']})"


def _start(arn: str, row: Row) -> dict[str, object]:
    chain = cast("list[str]", row["chain"]) or []
    before = chain[:-1] if chain and chain[-1] == arn else chain
    if before:
        last = before[-1]
        return {
            "from_kind": "role",
            "from_arn": last,
            "from_name": role_label(last),
            "from_account": account_of(last) or None,
            "from_display": role_label(last),
        }
    if row["actor_kind"] == "workload":
        return {
            "from_kind": "workload",
            "from_arn": None,
            "from_name": None,
            "from_account": row["actor_account"],
            "from_display": "workloads",
        }
    return {
        "from_kind": row["actor_kind"],
        "from_arn": row["actor_arn"],
        "from_name": row["actor_name"],
        "from_account": row["actor_account"],
        "from_display": actor_label(row),
    }
