"""The report `people`, put together from its queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from pipeline.arn import role_label
from pipeline.report import Column, Report, Table
from pipeline.reports.actors import (
    EVIDENCE_GRADES,
    actor_heading,
    actor_label,
    actor_order,
    path_of,
)
from pipeline.reports.cut import cut
from pipeline.reports.empty import no_match_note
from pipeline.reports.frames import frame_of
from pipeline.reports.people import columns
from pipeline.reports.people.namesakes import namesake_notes, namesakes_of, with_namesakes
from pipeline.reports.people.persons import Row, by_person, folded_names, perhaps_same, person_row
from pipeline.reports.people.two_hats import two_hats_rows
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What `people` is asked for; None asks for all. See queries/reports/people.sql.

    limit -- rows of each table at most; None is all.
    """

    actor: str | None = None
    role: str | None = None
    account: str | None = None
    window: Window = field(default_factory=Window)
    limit: int | None = None

    def parameters(self) -> dict[str, object]:
        """The parameters of the queries."""
        return {
            "actor": self.actor,
            "role": self.role,
            "account": self.account,
            "since": self.window.since,
            "until": self.window.until,
        }


def people_report(warehouse: Warehouse, wanted: PeopleFilter | None = None) -> Report:
    """Each person with all hats, the times of two hats, and names that are only claimed.

    People are whoever the log names: users, roots, outside identities, other accounts. Machines
    and AWS services are no people. Identities of one name are never merged; where an IAM user was
    deleted and another made under the name, the row says so.
    """
    wanted = wanted or PeopleFilter()
    asked = wanted.parameters()
    rows = list(warehouse.query("reports/people", asked).iter_rows(named=True))
    people = sorted(by_person(rows), key=lambda hats: actor_order({**hats[0], "chain": []}))
    two = list(warehouse.query("reports/two_hats", asked).iter_rows(named=True))
    claims = list(warehouse.query("reports/claimed_names", asked).iter_rows(named=True))
    names = {_who(hats[0]): hats[0] for hats in people}
    namesakes = namesakes_of(warehouse)
    persons = [with_namesakes(person_row(person), namesakes) for person in people]
    hats = [_hat(hat) for person in people for hat in sorted(person, key=actor_order)]
    words = _asked(wanted)
    return Report(
        name="people",
        title=f"Every hat of each person{words}",
        tables=(
            _table("people", "People", columns.PEOPLE, persons, wanted),
            _table("hats", "Their hats", columns.HATS, hats, wanted),
            _table(
                "two_hats",
                "Two hats at once, or changed within five minutes",
                columns.TWO_HATS,
                two_hats_rows(two, names),
                wanted,
            ),
            _table(
                "perhaps_same",
                "Perhaps the same person (not merged: a name is no proof)",
                columns.PERHAPS_SAME,
                perhaps_same(people),
                wanted,
            ),
            _table(
                "claimed",
                "Names that are only claimed: nothing in the lake proves who it was",
                columns.CLAIMED,
                [_claim(row, people) for row in claims],
                wanted,
            ),
        ),
        notes=(
            *namesake_notes(persons),
            *(() if rows or claims else (_nothing(warehouse, words, wanted),)),
        ),
        parameters=asked | {"limit": wanted.limit},
    )


def _nothing(warehouse: Warehouse, words: str, wanted: PeopleFilter) -> str:
    return no_match_note(warehouse, words, {"role": wanted.role, "actor": wanted.actor})


def _who(row: Row) -> tuple[object, ...]:
    return (row["actor_kind"], row["actor_account"], row["actor_name"])


def _hat(row: Row) -> dict[str, object]:
    return {
        **row,
        "group": actor_heading(row),
        "path": path_of(row)[1:] or ["no role"],
        "day_count": len(cast("list[object]", row["days"])),
    }


def _claim(row: Row, people: Sequence[Sequence[Row]]) -> dict[str, object]:
    """A claimed name, with the people who really bear it: none of them is proven to be it."""
    name = str(row["claimed_actor"]).split("@")[0].casefold()
    unnamed = dict.fromkeys(("actor_display", "actor_name", "actor_arn", "actor_account"))
    grades = cast("list[str]", row["evidences"])
    return {
        **row,
        "claim": actor_label({**row, **unnamed, "actor_kind": "unresolved"}),
        "evidence": max(grades, key=EVIDENCE_GRADES.index),
        "role_names": [role_label(arn) for arn in cast("list[str]", row["roles"])],
        "known_people": [
            f"{actor_heading(hats[0])}, who is not proven to be this one"
            for hats in people
            if name in folded_names(hats)
        ],
    }


def _table(
    name: str,
    heading: str,
    shown: tuple[Column, ...],
    rows: Sequence[Row],
    wanted: PeopleFilter,
) -> Table:
    kept, words = cut(rows, wanted.limit)
    title = f"{heading} ({words})" if words else heading
    return Table(name, title, shown, frame_of(shown, kept), "none")


def _asked(wanted: PeopleFilter) -> str:
    named = {"actor": wanted.actor, "role": wanted.role, "account": wanted.account}
    filters = "".join(f" · {name} {value}" for name, value in named.items() if value)
    return f"{filters}{wanted.window.words()}"
