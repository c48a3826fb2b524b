"""Sessions of workloads whose credentials may be in other hands.

Who got the credentials is proven; who held them is not in the log. Use from several addresses, or
from one that a person uses, is what stolen credentials look like. A machine with several ways out
(NAT, VPC endpoints) looks the same, so this is for a person to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from pipeline.report import Column, Table
from pipeline.reports.actors import path_of
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

Row = Mapping[str, Any]

COLUMNS = (
    Column("path", "issued to → roles", "chain", data=False),
    Column("session_id", "session id", place="none"),
    Column("short", "session", data=False),
    Column("evidence", "evidence", "evidence"),
    Column("events", "events", "integer"),
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
    Column("chain", "chain", "list", place="none"),
    Column("when", "when", "span", place="detail", data=False),
    Column("used_from", "used from", place="detail", data=False),
    Column("keys", "key", place="detail", data=False),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last", "timestamp", place="none"),
    Column("addresses", "addresses", "json", place="none"),
)
HEADING = (
    "Credentials that may be in other hands: the log proves to whom they were issued, not who "
    "held them"
)
SHOWN = 6
"""Addresses of one session that people see; data has all."""
_SCHEMA = {
    **dict.fromkeys(("session_id", "short", "evidence", "used_from", "keys"), pl.String()),
    **dict.fromkeys(("actor_kind", "actor_account", "actor_name", "actor_arn"), pl.String()),
    "actor_display": pl.String(),
    "path": pl.List(pl.String()),
    "chain": pl.List(pl.String()),
    "events": pl.Int64(),
    "first_time": pl.Datetime("us", "UTC"),
    "last_time": pl.Datetime("us", "UTC"),
    "when": pl.Struct({"first": pl.Datetime("us", "UTC"), "last": pl.Datetime("us", "UTC")}),
    "addresses": pl.Object(),
}


def moved_credentials_table(
    warehouse: Warehouse, sessions: Sequence[str], window: Window | None = None
) -> Table:
    """Those of the sessions that queries/reports/moved_credentials.sql finds, oldest first."""
    window = window or Window()
    by_session: dict[str, list[Row]] = {}
    if sessions:
        frame = warehouse.query(
            "reports/moved_credentials",
            {"session_ids": list(sessions), "since": window.since, "until": window.until},
        )
        for row in frame.iter_rows(named=True):
            by_session.setdefault(str(row["session_id"]), []).append(row)
    rows = sorted((_session(uses) for uses in by_session.values()), key=_order)
    frame = pl.DataFrame(
        [
            pl.Series(name, [row.get(name) for row in rows], dtype=dtype)
            for name, dtype in _SCHEMA.items()
        ]
    )
    return Table("moved_credentials", HEADING, COLUMNS, frame, is_aside=True)


def _order(row: Row) -> tuple[datetime, str]:
    return row["first_time"], row["session_id"]


def _session(uses: Sequence[Row]) -> dict[str, Any]:
    """One session, from its rows by address; addresses that people use come first."""
    facts = uses[0]
    first = min(use["first_time"] for use in uses)
    last = max(use["last_time"] for use in uses)
    names = ("evidence", "chain", "actor_kind", "actor_account", "actor_name", "actor_arn")
    return {
        **{name: facts[name] for name in names},
        "actor_display": facts["actor_display"],
        "session_id": facts["session_id"],
        "short": str(facts["session_id"])[:8],
        "path": path_of(facts),
        "events": sum(use["events"] for use in uses),
        "first_time": first,
        "last_time": last,
        "when": {"first": first, "last": last},
        "used_from": used_from(uses),
        "keys": _keys(uses),
        "addresses": [
            {
                "address": use["address"],
                "also_used_by": use["also_used_by"],
                "events": use["events"],
                "first_time": use["first_time"],
                "last_time": use["last_time"],
                "access_key_ids": use["access_key_ids"] or [],
            }
            for use in uses
        ],
    }


def used_from(uses: Sequence[Row]) -> str:
    """`2 addresses: 192.168.10.20 (also iam-user bert-jan), 3.225.16.109`."""
    count = f"{len(uses)} address{'' if len(uses) == 1 else 'es'}"
    return f"{count}: {_first(_use_in_words(use) for use in uses)}"


def _use_in_words(use: Row) -> str:
    people = use["also_used_by"]
    return f"{use['address']} (also {', '.join(people)})" if people else str(use["address"])


def _keys(uses: Sequence[Row]) -> str:
    """`ASIA… from 192.168.10.20; ASIA… from 3.225.16.109`."""
    places: dict[str, list[str]] = {}
    for use in uses:
        for key in use["access_key_ids"] or []:
            places.setdefault(key, []).append(use["address"])
    return _first((f"{key} from {_first(found)}" for key, found in places.items()), "; ")


def _first(words: Any, separator: str = ", ") -> str:
    found = list(words)
    more = [f"+{len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return separator.join([*found[:SHOWN], *more])
