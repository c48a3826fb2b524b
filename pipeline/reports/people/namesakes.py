"""IAM users of one name: somebody was deleted, and somebody made again under the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from pipeline.reports.people.persons import Row
from pipeline.warehouse import Warehouse

_NUMBERS = {2: "two", 3: "three", 4: "four"}


def namesakes_of(warehouse: Warehouse) -> dict[tuple[object, ...], list[Row]]:
    """The user ids of each name that several users bore, by account and name, oldest first."""
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in warehouse.query("reports/people_namesakes").iter_rows(named=True):
        found.setdefault((row["actor_account"], row["actor_name"]), []).append(row)
    return found


def with_namesakes(
    person: Mapping[str, object], namesakes: Mapping[tuple[object, ...], Sequence[Row]]
) -> dict[str, object]:
    """A person's row, and which users it stands for where they are several."""
    ids: Sequence[Row] = ()
    if person["actor_kind"] == "iam-user":
        ids = namesakes.get((person["actor_account"], person["actor_name"]), ())
    words = [f"{_NUMBERS.get(len(ids), str(len(ids)))} users of this name", *map(_seen, ids)]
    return {
        **person,
        "namesakes": words if ids else [],
        "user_ids": [row["principal_id"] for row in ids],
    }


def namesake_notes(people: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """That a row stands for several users: their calls are counted together."""
    names = [f"{row['actor_name']} in {row['actor_account']}" for row in people if row["namesakes"]]
    if names:
        yield (
            f"several users of one name: {', '.join(names)}. One was deleted and another made "
            "under its name; what they did is counted together, the user ids tell them apart"
        )


def _seen(row: Row) -> str:
    first, last = cast("datetime", row["first_time"]), cast("datetime", row["last_time"])
    return f"{row['principal_id']} from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
