"""Persons from their hats: one row a person, and which of them may be one and the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import cast

from pipeline.reports.actors import actor_heading, actor_label
from pipeline.reports.roles.wearing import mfa_words, total

Row = Mapping[str, object]

KEPT = 20
"""Addresses and user agents of a person that the report carries, the most frequent first."""

_PERSON = ("actor_kind", "actor_account", "actor_name")
_NAMED = ("iam-user", "identity-center-user", "saml-user")
"""Kinds of actors whose name is a person's."""


def by_person(rows: Sequence[Row]) -> Iterator[list[dict[str, object]]]:
    """The rows of each person, all shown by one name; `rows` are sorted by person.

    A person is called differently from record to record (an Identity Center user by e-mail where
    the record has one): the first name that is not the bare id is taken.
    """
    for _, group in groupby(rows, key=lambda row: tuple(row[name] for name in _PERSON)):
        hats = list(group)
        names = sorted({name for hat in hats for name in cast("list[str]", hat["displays"])})
        known = [name for name in names if name != hats[0]["actor_name"]] or names
        arn = max((str(hat["actor_arn"]) for hat in hats if hat["actor_arn"]), default=None)
        same = {"actor_display": known[0] if known else None, "actor_arn": arn}
        same |= {"claimed_actor": None, "claim_source": None}
        yield [{**hat, **same} for hat in hats]


def person_row(hats: Sequence[Row]) -> dict[str, object]:
    """A person in one row: all that was done under any hat."""
    addresses, agents = _counts(hats, "source_addresses"), _counts(hats, "user_agents")
    mfa = {name: total(hats, name) for name in ("with_mfa", "without_mfa", "mfa_unknown")}
    roles = {role for hat in hats for role in cast("list[str]", hat["chain"])}
    days = {day for hat in hats for day in cast("list[object]", hat["days"])}
    first = min(cast("str", hat["first_time"]) for hat in hats)
    last = max(cast("str", hat["last_time"]) for hat in hats)
    return {
        **hats[0],
        "person": actor_heading(hats[0]),
        "roles": len(roles),
        "events": total(hats, "events"),
        "denied": total(hats, "denied"),
        "first_time": first,
        "last_time": last,
        "when": {"first": first, "last": last},
        "day_count": len(days),
        "accounts": sorted(
            {a for hat in hats for a in cast("list[str] | None", hat["accounts"]) or ()}
        ),
        **mfa,
        "mfa": mfa_words(*mfa.values()) if hats[0]["actor_kind"] in ("iam-user", "root") else None,
        "tools": [f"{tool} ×{count:,}" for tool, count in _counts(hats, "tools")],
        "source_addresses": [address for address, _ in addresses[:KEPT]],
        "source_address_count": len(addresses),
        "user_agents": [agent for agent, _ in agents[:KEPT]],
        "user_agent_count": len(agents),
    }


def _counts(hats: Sequence[Row], name: str) -> list[tuple[str, int]]:
    """The values of a histogram column, the most frequent first."""
    counts: Counter[str] = Counter()
    for hat in hats:
        for entry in cast("list[dict[str, object]]", hat[name] or []):
            counts[str(entry["key"])] += cast("int", entry["value"])
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def folded_names(hats: Sequence[Row]) -> set[str]:
    """By which names a person is known, the part before an @ in lower case; ids are no names."""
    if hats[0]["actor_kind"] not in _NAMED:
        return set()
    names = {name for hat in hats for name in cast("list[str]", hat["displays"])}
    if hats[0]["actor_kind"] != "identity-center-user":
        names.add(str(hats[0]["actor_name"]))
    else:
        names.discard(str(hats[0]["actor_name"]))
    return {name.split("@")[0].casefold() for name in names if name.split("@")[0]}


def perhaps_same(people: Iterable[Sequence[Row]]) -> list[dict[str, object]]:
    """Identities of one name, which are not merged: a name is no proof (semantics.md 6)."""
    by_name: dict[str, list[Sequence[Row]]] = {}
    for hats in people:
        for name in folded_names(hats):
            by_name.setdefault(name, []).append(hats)
    return [_same(name, found) for name, found in sorted(by_name.items()) if len(found) > 1]


def _same(name: str, found: Sequence[Sequence[Row]]) -> dict[str, object]:
    kinds = {str(hats[0]["actor_kind"]) for hats in found}
    labels = {actor_label(hats[0]).casefold() for hats in found}
    if kinds == {"iam-user"}:
        reason = "IAM users of one name in several accounts"
    elif len(labels) == 1 and "@" in next(iter(labels)):
        reason = "one e-mail address"
    else:
        reason = "one name, or the part of it before the @"
    addresses = [{address for address, _ in _counts(hats, "source_addresses")} for hats in found]
    shared = {
        address
        for number, own in enumerate(addresses)
        for other in addresses[number + 1 :]
        for address in own & other
        if not address.endswith(".amazonaws.com") and address != "AWS Internal"
    }
    if shared:
        reason += ", and a source address in common"
    return {
        "name": name,
        "reason": reason,
        "identities": [actor_heading(hats[0], with_name=True) for hats in found],
        "shared_addresses": sorted(shared),
    }
