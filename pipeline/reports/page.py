"""The page's data: who wore which hats, what is new, what is risky and how much is proven."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from pipeline.arn import role_label
from pipeline.page import (
    EvidenceShare,
    Finding,
    Hat,
    Item,
    Items,
    OpenReason,
    PageActor,
    PageData,
    PageTotals,
    Way,
)
from pipeline.report import Report
from pipeline.reports.actors import ACTOR_KINDS, EVIDENCE_GRADES, actor_label, is_machine
from pipeline.reports.page_findings import NEW, findings, findings_of
from pipeline.reports.people.namesakes import namesakes_of, number_of_users
from pipeline.reports.status import MEANINGS
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse

PEOPLE = 400
"""How many people (and outside accounts) the page holds: the new ones and the denied ones first."""
MACHINES = 100
WAYS_OF_ONE = 60
"""How many ways through roles it holds of each."""
WAYS = 4_000
"""How many it holds in all; the first of everybody before the second of anybody."""
LISTED = 6
"""How many calls, addresses and session names it holds of each way."""
ACCOUNTS_LISTED = 200
NEW_FOR = timedelta(days=1)
"""What was first seen in the last day of the lake is new, where no window says otherwise."""

_KIND_WORDS = {kind.name: kind.words for kind in ACTOR_KINDS}


def page_data(
    warehouse: Warehouse,
    window: Window | None = None,
    reports: Sequence[Report] = (),
    *,
    new_from: datetime | None = None,
) -> PageData:
    """What the page shows of the events in `window`, and the reports that stand below.

    New is what was first seen since `new_from`, or else since the window began; without a window,
    in the last day of the lake. Where the lake has nothing older, nothing is called new.
    """
    window = window or Window()
    between = {"since": window.since, "until": window.until}
    sums = {
        row["evidence"]: row
        for row in warehouse.query("reports/page_totals", between).iter_rows(named=True)
    }
    total = sums[None]
    newest = replace(window, since=new_from or window.since)
    new_from = _newer_than(newest, total["lake_first"], total["last_time"])
    limits: dict[str, object] = {
        "actor_limit": PEOPLE,
        "machine_limit": MACHINES,
        "way_limit": WAYS_OF_ONE,
        "row_limit": WAYS,
        "list_limit": LISTED,
        "account_limit": ACCOUNTS_LISTED,
        "new_since": new_from,
    }
    rows = list(warehouse.query("reports/page_ways", {**between, **limits}).iter_rows(named=True))
    actors, numbers = _actors(rows, namesakes_of(warehouse))
    ways = tuple(_way(row, numbers[_identity(row)]) for row in rows)
    worn = warehouse.query("reports/page_hats", {**between, "new_since": new_from})
    hats = tuple(
        _hat(row, numbers[_identity(row)])
        for row in worn.iter_rows(named=True)
        if _identity(row) in numbers
    )
    return PageData(
        title="Who wore which hat",
        window_words=window.words().strip(),
        first_time=total["first_time"],
        last_time=total["last_time"],
        new_since=new_from,
        totals=_totals(total),
        evidence=tuple(_evidence(sums)),
        open_reasons=_open_reasons(reports),
        findings=findings(warehouse, window, reports, actors, hats),
        news=tuple(_news(reports)),
        actors=actors,
        hats=hats,
        ways=ways,
        roles=_roles(hats, ways),
        cuts=tuple(_cuts(total, actors, ways)),
        reports=tuple(reports),
    )


def new_since(warehouse: Warehouse, window: Window) -> datetime | None:
    """From when on something is new, in this window; None where the lake holds nothing older."""
    between = {"since": window.since, "until": window.until}
    rows = warehouse.query("reports/page_totals", between).iter_rows(named=True)
    total = next(row for row in rows if row["evidence"] is None)
    return _newer_than(window, total["lake_first"], total["last_time"])


def _news(reports: Sequence[Report]) -> Iterator[Finding]:
    for report in reports:
        if report.name == NEW:
            yield from findings_of(report)


def _newer_than(
    window: Window, lake_first: datetime | None, last: datetime | None
) -> datetime | None:
    if lake_first is None or last is None:
        return None
    since = window.since or last - NEW_FOR
    return since if lake_first < since else None


def _totals(total: Mapping[str, int]) -> PageTotals:
    return PageTotals(
        events=total["events"],
        denied=total["denied"],
        sessions=total["sessions"],
        people=total["people"],
        machines=total["machines"],
        roles=total["roles"],
        accounts=total["accounts"],
    )


def _evidence(sums: Mapping[str | None, Mapping[str, int]]) -> Iterator[EvidenceShare]:
    for grade in EVIDENCE_GRADES:
        row = sums.get(grade)
        if row and row["events"]:
            percent = 100 * row["events"] / sums[None]["events"]
            yield EvidenceShare(grade, row["events"], percent, row["sessions"], MEANINGS[grade])


def _open_reasons(reports: Sequence[Report]) -> tuple[OpenReason, ...]:
    """Those that the report `status` gives, each once: it has a row for each evidence grade too."""
    reasons: dict[str, OpenReason] = {}
    tables = (t for r in reports if r.name == "status" for t in r.tables if t.name == "reasons")
    for row in (row for table in tables for row in table.rows()):
        before = reasons.get(str(row["reason"]))
        events = cast("int", row["events"]) + (before.events if before else 0)
        words = str(row["meaning"] or row["reason"])
        reasons[str(row["reason"])] = OpenReason(words, events, str(row["closed_by"] or ""))
    return tuple(sorted(reasons.values(), key=lambda reason: -reason.events))


def _roles(hats: Sequence[Hat], ways: Sequence[Way]) -> dict[str, str]:
    worn = [hat.role for hat in hats if hat.role] + [arn for way in ways for arn in way.roles]
    return {arn: role_label(arn) for arn in dict.fromkeys(worn)}


def _identity(row: Mapping[str, object]) -> tuple[object, ...]:
    names = ("actor_kind", "actor_account", "actor_name", "actor_display")
    return tuple(row[name] for name in names)


def _actors(
    rows: Iterable[Mapping[str, object]],
    namesakes: Mapping[tuple[object, ...], Sequence[object]],
) -> tuple[tuple[PageActor, ...], dict[tuple[object, ...], int]]:
    """Each actor once, in the order of the rows, and the number of each identity.

    namesakes -- account and name -> the IAM users who bore the name, where they were several.
    """
    numbers: dict[tuple[object, ...], int] = {}
    actors: list[PageActor] = []
    for row in rows:
        identity = _identity(row)
        if identity in numbers:
            continue
        numbers[identity] = len(actors)
        kind = str(row["actor_kind"])
        words = _KIND_WORDS.get(kind, kind)
        users = namesakes.get((row["actor_account"], row["actor_name"]), ())
        if kind == "iam-user" and users:
            words = f"{number_of_users(len(users))} (`rolecall people` tells them apart)"
        unclaimed = {**row, "claimed_actor": None, "claim_source": None}
        actors.append(
            PageActor(
                key="/".join(str(part) for part in identity if part),
                label=actor_label(unclaimed),
                kind=kind,
                kind_words=words,
                account=cast("str | None", row["actor_account"]),
                arn=cast("str | None", row["actor_arn"]),
                is_machine=is_machine(kind),
                ways=cast("int", row["actor_ways"]),
                step_minutes=cast("int", row["step_minutes"]),
            )
        )
    return tuple(actors), numbers


def _hat(row: Mapping[str, object], actor: int) -> Hat:
    return Hat(
        actor=actor,
        role=cast("str | None", row["role_arn"]),
        evidence=str(row["evidence"]),
        events=cast("int", row["events"]),
        denied=cast("int", row["denied"]),
        writes=cast("int", row["writes"]),
        first_time=cast("datetime", row["first_time"]),
        last_time=cast("datetime", row["last_time"]),
        is_new=bool(row["is_new"]),
        accounts=tuple(cast("list[str] | None", row["accounts"]) or ()),
    )


def _way(row: Mapping[str, object], actor: int) -> Way:
    lists = _lists(cast("list[dict[str, object]]", row["items"]))
    times = cast("list[dict[str, int]]", row["times"])
    return Way(
        actor=actor,
        roles=tuple(cast("list[str]", row["chain"])),
        evidence=str(row["evidence"]),
        events=cast("int", row["events"]),
        denied=cast("int", row["denied"]),
        writes=cast("int", row["writes"]),
        sessions=cast("int", row["session_count"]),
        first_time=cast("datetime", row["first_time"]),
        last_time=cast("datetime", row["last_time"]),
        first_ever=cast("datetime", row["first_ever"]),
        is_new=bool(row["is_new"]),
        accounts=lists.get("account", Items()),
        addresses=lists.get("address", Items()),
        session_names=lists.get("session", Items()),
        claims=lists.get("claim", Items()) if row["actor_kind"] == "unresolved" else Items(),
        calls=lists.get("call", Items()),
        times=tuple((step["at"], step["events"], step["denied"]) for step in times),
    )


def _lists(items: Iterable[Mapping[str, object]]) -> dict[str, Items]:
    shown: dict[str, list[Item]] = {}
    counts: dict[str, int] = {}
    for item in items:
        kind, text = str(item["kind"]), str(item["item"])
        if kind == "call":
            service, _, action = text.partition(":")
            text = f"{service.removesuffix('.amazonaws.com')}:{action}"
        listed = Item(text, cast("int", item["events"]), cast("int", item["denied"]))
        shown.setdefault(kind, []).append(listed)
        counts[kind] = cast("int", item["of"])
    return {kind: Items(tuple(shown[kind]), counts[kind]) for kind in shown}


def _cuts(
    total: Mapping[str, int], actors: Sequence[PageActor], ways: Sequence[Way]
) -> Iterable[str]:
    """What is not on the page, each with the command that shows it."""
    people = sum(not actor.is_machine and actor.kind != "unresolved" for actor in actors)
    machines = sum(actor.is_machine for actor in actors)
    if total["people"] > people:
        yield (
            f"{total['people'] - people:,} of {total['people']:,} people are not on the page: "
            "those that are new or had calls denied come first, then the busiest. "
            "`rolecall who` shows all."
        )
    if total["machines"] > machines:
        yield (
            f"{total['machines'] - machines:,} of {total['machines']:,} machines and AWS services "
            "are not on the page. `rolecall who --all-actors` shows all."
        )
    cut = sum(actor.ways for actor in actors) - len(ways)
    if cut > 0:
        yield (
            f"The graph and the lanes of time leave out {cut:,} way{'' if cut == 1 else 's'} "
            "through roles: of each actor those that are new, had calls denied or were busiest are "
            "there. The counts, the matrix and the list of people have all. `rolecall who --actor "
            "NAME` shows every way."
        )
