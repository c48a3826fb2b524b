"""When one person wore two roles at once, or changed from one to another within minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, groupby
from typing import cast

from pipeline.arn import role_label
from pipeline.reports.actors import EVIDENCE_GRADES, actor_label
from pipeline.reports.roles.wearing import account_of

Row = Mapping[str, object]

HOW = {
    "at-once": "two roles at once",
    "chained": "one role entered from the other",
    "changed": "changed roles",
}
"""How two hats came together, and how people say it."""

_STRETCH = ("actor_kind", "actor_account", "actor_name", "stretch")


def two_hats_rows(rows: Sequence[Row], names: Mapping[tuple[object, ...], Row]) -> list[Row]:
    """Each role of each stretch of time, from queries/reports/two_hats.sql.

    names -- person → how the person is shown elsewhere in the report.
    """
    dressed: list[Row] = []
    for key, group in groupby(rows, key=lambda row: tuple(row[name] for name in _STRETCH)):
        hats = list(group)
        began = min(cast("str", hat["first_time"]) for hat in hats)
        ended = max(cast("str", hat["last_time"]) for hat in hats)
        how = how_worn(hats)
        person = {**hats[0], **names.get(key[:3], {}), "claimed_actor": None}
        for hat in hats:
            grades = cast("list[str]", hat["evidences"])
            dressed.append(
                {
                    **hat,
                    "actor_display": person["actor_display"],
                    "actor_arn": person["actor_arn"],
                    "group": f"{actor_label(person)} · {began:%Y-%m-%d %H:%M:%S} – "
                    f"{ended:%Y-%m-%d %H:%M:%S} UTC · {HOW[how]}",
                    "began_at": began,
                    "ended_at": ended,
                    "how": how,
                    "role": _in_account(str(hat["role_arn"])),
                    "role_name": role_label(str(hat["role_arn"])),
                    "evidence": max(grades, key=EVIDENCE_GRADES.index),
                }
            )
    return dressed


def how_worn(hats: Sequence[Row]) -> str:
    """`at-once` where calls under two roles are among each other and neither led to the other."""
    linked = [_is_linked(one, other) for one, other in combinations(hats, 2)]
    overlapping = [
        cast("str", other["first_time"]) <= cast("str", one["last_time"])
        for one, other in combinations(sorted(hats, key=_first), 2)
    ]
    in_order = [_is_linked(one, other) for one, other in combinations(sorted(hats, key=_first), 2)]
    if any(over and not link for over, link in zip(overlapping, in_order, strict=True)):
        return "at-once"
    return "chained" if all(linked) else "changed"


def _in_account(arn: str) -> str:
    """A role and its account: roles of one name are common."""
    label, account = role_label(arn), account_of(arn)
    return label if account in label else f"{label} in {account}"


def _first(hat: Row) -> str:
    return cast("str", hat["first_time"])


def _is_linked(one: Row, other: Row) -> bool:
    """Whether one of two roles was entered through the other."""
    return one["role_arn"] in cast("list[str]", other["entered_through"]) or other[
        "role_arn"
    ] in cast("list[str]", one["entered_through"])
