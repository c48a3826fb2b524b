"""The report `roles`, put together from its queries and the inventory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import cast

from pipeline.arn import role_label
from pipeline.inventory import InventoryRole
from pipeline.report import Column, Report, Table
from pipeline.reports.actors import actor_order, path_of
from pipeline.reports.frames import frame_of
from pipeline.reports.roles import columns
from pipeline.reports.roles.findings import (
    counted,
    replaced_findings,
    trust_findings,
    unworn_findings,
    urgent_first,
    worn_findings,
)
from pipeline.reports.roles.names import habit
from pipeline.reports.roles.trust import trust_rows
from pipeline.reports.roles.unworn import unworn_rows
from pipeline.reports.roles.ways import is_news, way_words, ways_in
from pipeline.reports.roles.wearing import (
    ROLE_KINDS,
    Row,
    account_of,
    by_role,
    mfa_words,
    role_kind,
    times,
    worn_role,
)
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

WEARERS_SHOWN = 10
"""How many wearers of a role people see when no limit is given, those who wore it last first."""
NAMES_KEPT = 20
"""Session names of a row that the report carries, the most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesFilter:
    """What `roles` is asked for; None asks for all. See queries/reports/role_wearers.sql.

    limit -- wearers of one role at most; None is all.
    all_actors -- show service-linked roles, which only their service can wear.
    inventory -- the roles that there are; None where no inventory was given.
    known_accounts -- accounts that are no strangers, besides those of the lake and the inventory.
    """

    role: str | None = None
    actor: str | None = None
    account: str | None = None
    window: Window = field(default_factory=Window)
    limit: int | None = None
    all_actors: bool = False
    inventory: tuple[InventoryRole, ...] | None = None
    known_accounts: frozenset[str] = frozenset()

    def parameters(self) -> dict[str, object]:
        """The parameters of queries/reports/role_wearers.sql."""
        return {
            "role": self.role,
            "actor": self.actor,
            "account": self.account,
            "since": self.window.since,
            "until": self.window.until,
        }

    def hides(self, arn: str) -> bool:
        """Whether a role is only counted."""
        return not (self.all_actors or self.role) and role_kind(arn) == "service-linked"


def roles_report(warehouse: Warehouse, wanted: RolesFilter | None = None) -> Report:
    """What calls for action, each role with its wearers, and the roles and trusts unused."""
    wanted = wanted or RolesFilter()
    rows = list(warehouse.query("reports/role_wearers", wanted.parameters()).iter_rows(named=True))
    ids: dict[str, list[str]] = {}
    for row in warehouse.query("reports/role_ids").iter_rows(named=True):
        ids.setdefault(row["role_arn"], []).append(row["role_id"])
    borrowed = _borrowed_names(warehouse, wanted)
    roles, wearers, ways, findings = [], [], [], []
    hidden = cut = 0
    for arn, wearings in by_role(rows):
        if wanted.hides(arn):
            hidden += 1
            continue
        names = habit(wearings)
        entered = ways_in(arn, wearings)
        role = worn_role(arn, wearings) | {
            "group": f"account {account_of(arn)}",
            "entered_from": [way_words(way) for way in entered if is_news(way)],
            "session_name_habit": names.words or None,
            "session_names": list(names.names)[:NAMES_KEPT],
            "session_name_count": len(names.names),
            "role_ids": ids.get(arn, []),
            "recreated": ids.get(arn, []) if len(ids.get(arn, [])) > 1 else [],
        }
        kept = wearings[: wanted.limit]
        cut += len(wearings) - len(kept)
        roles.append(role)
        ways += entered
        wearers += [_wearer(row) for row in sorted(kept, key=actor_order)]
        findings += worn_findings(role, wearings, names, borrowed.get(arn, []))
    roles.sort(key=_people_first)
    places = {role["role_arn"]: place for place, role in enumerate(roles)}
    wearers.sort(key=lambda row: places[row["role_arn"]])
    unused, unused_findings = _unused(
        warehouse, wanted, {str(row["role_arn"]) for row in rows}, ids
    )
    findings = urgent_first([*findings, *unused_findings])
    severities = counted(findings)
    return Report(
        name="roles",
        title=f"Who wore which role{_asked(wanted)}",
        tables=(
            *_found(findings),
            _table("roles", "Roles and who wore them", columns.ROLES, roles, "no role was worn"),
            _table("wearers", "Who wore each role", columns.WEARERS, wearers, "nobody"),
            _table("ways", "", columns.WAYS, ways, "none"),
            *unused,
        ),
        notes=_notes(wanted, hidden, cut),
        parameters=wanted.parameters()
        | {"all_actors": wanted.all_actors, "limit": wanted.limit}
        | {"inventory": wanted.inventory is not None},
        findings=len(findings),
        severities=severities,
    )


def _borrowed_names(warehouse: Warehouse, wanted: RolesFilter) -> dict[str, list[Row]]:
    """Role → its sessions in the window that carry the name of a known person who is another."""
    borrowed: dict[str, list[Row]] = {}
    for row in warehouse.query("reports/framed_sessions").iter_rows(named=True):
        if row["role_arn"] and wanted.window.meets(row["first_seen"], row["last_seen"]):
            borrowed.setdefault(row["role_arn"], []).append(row)
    return borrowed


def _unused(
    warehouse: Warehouse,
    wanted: RolesFilter,
    worn: set[str],
    ids: Mapping[str, Sequence[str]],
) -> tuple[list[Table], list[dict[str, object]]]:
    """The tables of what the inventory has and nobody used, and what is to be said of it."""
    if wanted.inventory is None:
        return [], []
    roles = [role for role in wanted.inventory if _is_asked(role, wanted)]
    coverage = {
        row["account_id"]: row
        for row in warehouse.query("reports/role_accounts").iter_rows(named=True)
    }
    last = list(warehouse.query("reports/role_last_worn").iter_rows(named=True))
    callers: dict[str, list[Row]] = {}
    window = {"since": wanted.window.since, "until": wanted.window.until}
    for row in warehouse.query("reports/role_callers", window).iter_rows(named=True):
        callers.setdefault(row["role_arn"], []).append(row)
    known = {*coverage, *wanted.known_accounts, *(role.account for role in wanted.inventory)}
    if wanted.actor:  # who else wore a role is not asked: it would look unworn
        worn = {row["role_arn"] for row in last}
    unworn = unworn_rows(
        roles,
        worn,
        {row["role_arn"]: row["last_time"] for row in last},
        coverage,
        wanted.window,
    )
    trusts = trust_rows(
        roles,
        callers,
        {row["role_arn"] for row in last if row["unlinked_sessions"]},
        known,
    )
    unworn_arns = {row["role_arn"] for row in unworn}
    never = [
        row
        for row in trusts
        if row["came"] == "never"
        and row["role_arn"] not in unworn_arns
        and row["role_kind"] != "service-linked"
    ]
    for row in unworn:
        row["group"] = f"account {row['account_id']}"
    tables = [
        _table(
            "unworn",
            "Roles that nobody wore",
            columns.UNWORN,
            [row for row in unworn if not wanted.hides(str(row["role_arn"]))],
            "each role of the inventory was worn",
        ),
        _table(
            "unused_trust",
            "Roles that were worn, but not by all whom their trust policy lets",
            columns.TRUST,
            never,
            "of no principal is it known that it never came",
        ),
        _table("trust", "", tuple(_data_only(c) for c in columns.TRUST), trusts, "none"),
    ]
    return tables, [
        *trust_findings(trusts),
        *unworn_findings(unworn),
        *replaced_findings(roles, ids),
    ]


def _data_only(column: Column) -> Column:
    return Column(column.name, column.heading, column.kind, "none")


def _is_asked(role: InventoryRole, wanted: RolesFilter) -> bool:
    """Whether the filters on roles let a role of the inventory through, as the query's do."""
    pattern = (wanted.role or "*").lower()
    is_named = fnmatchcase(role.arn.lower(), pattern) or fnmatchcase(role.name.lower(), pattern)
    return is_named and wanted.account in (None, role.account)


def _wearer(row: Row) -> dict[str, object]:
    names = sorted(
        cast("list[dict[str, object]]", row["session_names"] or []),
        key=lambda entry: (-cast("int", entry["value"]), str(entry["key"])),
    )
    rooted = row["actor_kind"] in ("iam-user", "root")
    mfa = [cast("int", row[name]) for name in ("with_mfa", "without_mfa", "mfa_unknown")]
    session = row["last_session_id"]
    return {
        **row,
        "group": f"{role_label(str(row['role_arn']))} in {account_of(str(row['role_arn']))}",
        "path": path_of(row),
        "when": {"first": row["first_time"], "last": row["last_time"]},
        "not_seen_words": times({"sessions": 0, "not_seen": row["not_seen"]}) or None,
        "day_count": len(cast("list[object]", row["days"])),
        "session_names": [str(entry["key"]) for entry in names[:NAMES_KEPT]],
        "session_name_count": len(names),
        "mfa": mfa_words(*mfa) if rooted else None,
        "trace": f"rolecall trace {session}" if session else None,
    }


def _people_first(role: Row) -> tuple[object, ...]:
    """Sort key: roles of an account together; worn by people or by nobody knows whom first."""
    by_head = role["people"] or role["unresolved"] or role["outside_accounts"]
    kind = list(ROLE_KINDS).index(str(role["role_kind"]))
    return (role["account_id"], not by_head, kind, role["role_name"], role["role_arn"])


def _found(findings: list[dict[str, object]]) -> list[Table]:
    heading = "What calls for action"
    return [_table("findings", heading, columns.FINDINGS, findings, "nothing")]


def _table(
    name: str,
    heading: str,
    shown: tuple[Column, ...],
    rows: Sequence[Row],
    empty: str,
) -> Table:
    return Table(name, heading, shown, frame_of(shown, rows), empty)


def _asked(wanted: RolesFilter) -> str:
    named = {"role": wanted.role, "actor": wanted.actor, "account": wanted.account}
    filters = "".join(f" · {name} {value}" for name, value in named.items() if value)
    return f"{filters}{wanted.window.words()}"


def _notes(wanted: RolesFilter, hidden: int, cut: int) -> tuple[str, ...]:
    notes = []
    if hidden:
        plural = "" if hidden == 1 else "s"
        notes.append(f"not shown: {hidden} service-linked role{plural}; --all-actors shows them")
    if cut:
        notes.append(
            f"not shown: {cut:,} of the wearers' rows, those whose last call is longest ago "
            f"beyond {wanted.limit} of a role; --limit shows more, the counts are of all"
        )
    if wanted.inventory is None:
        notes.append("roles that nobody wore are not in CloudTrail: give --inventory FILE")
    return tuple(notes)
