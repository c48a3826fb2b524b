"""Compares an attribution with the truth: precision, what was provable and missed, chains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.world.expected import GRADES, Expected

NAMED = ("direct", "proven", "matched")
ACCOUNT_MATTERS = {"iam-user", "root", "external-account", "identity-center-user", "workload"}


@dataclass(slots=True)
class Score:
    """Counts over the events of a world; the lists hold event ids.

    wrong -- somebody is named who did not do it, and whom the records do not show either.
    missed -- the records show who it was, and nobody is named.
    bad_chain -- the right name with other roles than were worn.
    overclaimed -- the right name on better evidence than there is, or on none.
    absent -- events with no row at all.
    """

    events: int = 0
    provable: int = 0
    named: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    bad_chain: list[str] = field(default_factory=list)
    overclaimed: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    grades: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(provable, evidence given) → events."""

    @property
    def precision(self) -> float:
        """Share of named events whose name is right."""
        return 1 - len(self.wrong) / max(self.named, 1)

    @property
    def recall(self) -> float:
        """Share of the provable events that are named rightly."""
        return 1 - len(self.missed) / max(self.provable, 1)

    @property
    def chains(self) -> float:
        """Share of rightly named events whose chain is exact."""
        return 1 - len(self.bad_chain) / max(self.named - len(self.wrong), 1)


def score(expectations: Iterable[Expected], rows: Mapping[str, Mapping[str, Any]]) -> Score:
    """Score attributed rows by event id; each has actor_kind, actor_account, actor_name, chain
    and evidence, as in `attributed_events`.
    """
    result = Score()
    for expectation in expectations:
        result.events += 1
        named = expectation.provable in NAMED
        result.provable += named
        row = rows.get(expectation.event_id)
        if row is None:
            result.absent.append(expectation.event_id)
            continue
        result.grades[expectation.provable, str(row["evidence"])] += 1
        if row["actor_kind"] in (None, "unresolved"):
            if named:
                result.missed.append(expectation.event_id)
            continue
        result.named += 1
        _check(result, expectation, row)
    return result


def _check(result: Score, expectation: Expected, row: Mapping[str, Any]) -> None:
    chain = tuple(row["chain"] or ())
    if row["actor_kind"] == "external-account" and _on_the_way(expectation, row):
        if expectation.provable in NAMED:
            result.missed.append(expectation.event_id)
        return
    true = _is(expectation.actor, row)
    shown = _is(expectation.shown, row)
    if not true and not shown:
        result.wrong.append(expectation.event_id)
        if expectation.provable in NAMED:
            result.missed.append(expectation.event_id)
        return
    right_chains = {expectation.shown_chain} if shown else set()
    right_chains |= {expectation.chain} if true else set()
    if chain not in right_chains:
        result.bad_chain.append(expectation.event_id)
    given = str(row["evidence"])
    if given in GRADES and _rank(given) < _rank(expectation.provable):
        result.overclaimed.append(expectation.event_id)


def _on_the_way(expectation: Expected, row: Mapping[str, Any]) -> bool:
    """Whether the row names an account that the true chain came through, and no more is due."""
    shown = expectation.shown
    if shown is not None and shown.kind == "external-account":
        return False
    accounts = {arn.split(":")[4] for arn in expectation.chain[:-1]} | {expectation.actor.account}
    return row["actor_name"] in accounts


def _rank(grade: str) -> int:
    """`direct` and `proven` are both proof; which word a session without a hop gets is open."""
    return max(GRADES.index(grade), 1)


def _is(actor: Any, row: Mapping[str, Any]) -> bool:
    if actor is None or not actor.is_named(row["actor_kind"], row["actor_name"]):
        return False
    matters = actor.kind in ACCOUNT_MATTERS and row["actor_kind"] == actor.kind
    return not matters or row["actor_account"] == actor.account
