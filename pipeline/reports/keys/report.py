"""The report `keys`, put together from its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from pipeline.credential_report import CredentialReport, ReportedUser
from pipeline.report import SEVERITIES, Report, Severity, Table
from pipeline.reports.empty import no_match_note
from pipeline.reports.keys.credentials import credential_row, credentials_table, ranking
from pipeline.reports.keys.made import lives_of, unused_table
from pipeline.reports.keys.matching import Matched, match_keys
from pipeline.reports.keys.reached import reached_table
from pipeline.reports.keys.reported import findings_table, matches_table
from pipeline.reports.keys.short_term import short_term_table
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

Row = Mapping[str, Any]

SHORT_FORM = ("severity", "credential", "owner", "age_days", "events", "reason", "reached")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysFilter:
    """What `keys` is asked for; None asks for all. See queries/reports/keys_used.sql.

    limit -- at most so many credentials, and rows of what each reached.
    credential_report -- IAM's, for ages and for keys that are never used.
    """

    actor: str | None = None
    role: str | None = None
    account: str | None = None
    window: Window = field(default_factory=Window)
    limit: int | None = None
    credential_report: CredentialReport | None = None

    def parameters(self) -> dict[str, object]:
        """The query's parameters."""
        return {
            "actor": self.actor,
            "role": self.role,
            "account": self.account,
            "since": self.window.since,
            "until": self.window.until,
        }

    def wants_owner(self, account: str | None, name: str | None) -> bool:
        """Whether a credential that was not used is asked for, by its owner."""
        if self.role or (self.account and account != self.account):
            return False
        pattern = (self.actor or "*").lower()
        names = (name or "", f"arn:aws:iam::{account}:user/{name}")
        return any(fnmatchcase(text.lower(), pattern) for text in names)


def keys_report(warehouse: Warehouse, wanted: KeysFilter | None = None) -> Report:
    """Every long-term credential in use, the most urgent first, and what came out of it.

    Also what was made in the lake and never used; with a credential report, what that adds. All
    times are UTC; the age of a credential is that at its last use, so that it never changes.
    """
    wanted = wanted or KeysFilter()
    every = list(warehouse.query("reports/keys_used", wanted.parameters()).iter_rows(named=True))
    lives = lives_of(warehouse.query("reports/keys_changes").iter_rows(named=True))
    report = wanted.credential_report
    matched = match_keys(warehouse, report, every, lives) if report else []
    rows = _credential_rows(every, lives, matched)
    shown = rows[: wanted.limit] if wanted.limit else rows
    reached, cut = reached_table(_with_reached(shown), wanted.limit)
    used = frozenset(row["credential_id"] for row in every)
    unused = _kept(unused_table(lives, used, wanted.window), wanted, "owner_account", "owner_name")
    tables = [credentials_table(shown, _counts(rows)), reached, unused]
    judged = [rows, list(unused.rows())]
    if report:
        asked = [item for item in matched if _is_asked(item.user, wanted)]
        few = replace(report, users=tuple(u for u in report.users if _is_asked(u, wanted)))
        coverage = {
            row["account_id"]: row
            for row in warehouse.query("reports/keys_coverage").iter_rows(named=True)
        }
        found = findings_table(few, asked, used, coverage)
        tables += [found, matches_table(asked)]
        judged.append(list(found.rows()))
    tables += _short_term(warehouse, wanted)
    severities = _severities(row["severity"] for part in judged for row in part)
    return Report(
        name="keys",
        title=f"Long-term credentials{_asked(wanted)}",
        tables=tuple(tables),
        notes=(*_nothing(warehouse, wanted, rows), *_notes(shown, rows, cut)),
        parameters=wanted.parameters()
        | {"limit": wanted.limit, "credential_report": report is not None},
        findings=sum(n for severity, n in severities.items() if severity != "info"),
        severities=severities,
    )


def long_term_keys_table(warehouse: Warehouse) -> Table:
    """The short form for `demo`: each credential, how urgent it is and why, what it reached."""
    every = list(warehouse.query("reports/keys_used").iter_rows(named=True))
    lives = lives_of(warehouse.query("reports/keys_changes").iter_rows(named=True))
    table = credentials_table(_credential_rows(every, lives, []))
    columns = tuple(
        column
        if column.place == "none" or column.name in SHORT_FORM
        else replace(column, place="none")
        for column in table.columns
    )
    return replace(
        table,
        name="long_term_keys",
        heading="Long-term credentials in use (days old when last used; – where the lake did not "
        "see it made)",
        columns=columns,
    )


def _credential_rows(
    every: Iterable[Row], lives: Mapping[str, Any], matched: Sequence[Matched]
) -> list[dict[str, Any]]:
    by_key = {item.access_key_id: item for item in matched if item.access_key_id}
    for item in matched:
        for candidate in item.candidates:
            by_key.setdefault(candidate, item)
    rows = [
        credential_row(row, lives.get(row["credential_id"]), by_key.get(row["access_key_id"]))
        for row in every
        if row["is_wanted"] and row["all_events"]
    ]
    return sorted(rows, key=ranking)


def _with_reached(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [{**row, "reached": row["reached_rows"]} for row in rows]


def _short_term(warehouse: Warehouse, wanted: KeysFilter) -> list[Table]:
    """The short-term API keys, where there are any."""
    table = short_term_table(warehouse, wanted.parameters())
    return [table] if table.frame.height else []


def _kept(table: Table, wanted: KeysFilter, account: str, name: str) -> Table:
    kept = [wanted.wants_owner(row[account], row[name]) for row in table.rows()]  # type: ignore[arg-type]
    return replace(table, frame=table.frame.filter(kept))


def _is_asked(user: ReportedUser, wanted: KeysFilter) -> bool:
    return wanted.wants_owner(user.account, user.name)


def _severities(found: Iterable[Severity]) -> dict[Severity, int]:
    counts = Counter(found)
    return {severity: counts[severity] for severity in SEVERITIES if counts[severity]}


def _counts(rows: Sequence[Row]) -> str:
    """`6 credentials: 2 high, 3 low, 1 info`; "" for none."""
    counts = _severities(row["severity"] for row in rows)
    words = ", ".join(f"{count:,} {severity}" for severity, count in counts.items())
    return f"{len(rows):,} credential{'' if len(rows) == 1 else 's'}: {words}" if rows else ""


def _asked(wanted: KeysFilter) -> str:
    named = {"actor": wanted.actor, "role": wanted.role, "account": wanted.account}
    filters = "".join(f" · {name} {value}" for name, value in named.items() if value)
    return f"{filters}{wanted.window.words()}"


def _nothing(warehouse: Warehouse, wanted: KeysFilter, rows: Sequence[Row]) -> tuple[str, ...]:
    """What the lake has, where something was asked for and nothing is it."""
    asked = _asked(wanted)
    if rows or not asked:
        return ()
    return (no_match_note(warehouse, asked, {"actor": wanted.actor, "role": wanted.role}),)


def _notes(shown: Sequence[Row], rows: Sequence[Row], cut: int) -> tuple[str, ...]:
    notes = []
    if len(shown) < len(rows):
        notes.append(
            f"not shown: {len(rows) - len(shown):,} less urgent credentials; --limit shows more"
        )
    if cut:
        notes.append(
            f"not shown: {cut:,} of the chains that came out of these credentials; "
            "--limit shows more"
        )
    if any(row["runs_on"] for row in shown):
        notes.append(
            "what a key runs on is read from user agents, which whoever calls may choose: a guess"
        )
    if any(row["new_networks"] for row in shown):
        notes.append(
            "a new network is an IPv4 /24 or IPv6 /48 first seen later than 7 days after the "
            "first use in the lake; whose network it is the log does not say"
        )
    return tuple(notes)
