"""IAM users of one name: somebody was deleted, and somebody made again under the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from pipeline.reports.people.persons import Row
from pipeline.warehouse import Warehouse

_LONGEST_SESSION = timedelta(hours=36)
"""Of GetFederationToken and GetSessionToken (semantics.md, section 2); of a role it is 12 hours."""

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
    here = [row for row in ids if _is_of_these_calls(row, person)] or list(ids)
    others = [row for row in ids if row not in here]
    words = []
    if len(here) > 1:
        words = [number_of_users(len(here)), *map(_seen, here)]
    if others:
        words += ["of this name also, at another time", *map(_seen, others)]
    return {
        **person,
        "namesakes": words,
        "user_ids": [row["principal_id"] for row in here] if ids else [],
    }


def number_of_users(number: int) -> str:
    """That so many users bore a name, in words."""
    return f"{_NUMBERS.get(number, str(number))} users of this name"


def _is_of_these_calls(row: Row, person: Mapping[str, object]) -> bool:
    """Whether the user was seen between the first and the last of the calls that are told, or so
    shortly before that a session of the user may have made them.
    """
    first, last = cast("datetime", person["first_time"]), cast("datetime", person["last_time"])
    began, ended = cast("datetime", row["first_time"]), cast("datetime", row["last_time"])
    return began <= last and first <= ended + _LONGEST_SESSION


def namesake_notes(people: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """That a row stands for several users: their calls are counted together."""
    names = [
        f"{row['actor_name']} in {row['actor_account']}"
        for row in people
        if len(cast("Sequence[str]", row["user_ids"])) > 1
    ]
    if names:
        yield (
            f"several users of one name: {', '.join(names)}. One was deleted and another made "
            "under its name; what they did is counted together, the user ids tell them apart"
        )


def _seen(row: Row) -> str:
    first, last = cast("datetime", row["first_time"]), cast("datetime", row["last_time"])
    return f"{row['principal_id']} from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
