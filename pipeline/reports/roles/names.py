"""What the session names of a role tell: a habit, and where they would mislead.

Whoever puts a role on chooses the session name (semantics.md 3.5), so a habit is a habit and no
proof: a name that several people share, or several names of one person, say so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from pipeline.reports.actors import actor_label
from pipeline.reports.roles.wearing import Row

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_INSTANCE = re.compile(r"m?i-[0-9a-f]{8,17}")
_GENERATED = re.compile(r"\d{8,}|[0-9a-f]{12,}|[0-9a-f]{8}-[0-9a-f]{4}-|[-_.]\d+$", re.IGNORECASE)
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9]{24,}")

SHAPES = ("e-mail", "instance", "generated", "word")
_WORDS = {
    "e-mail": "e-mail addresses",
    "instance": "instance ids",
    "generated": "generated",
    "word": "chosen words",
}
_PEOPLE = {"iam-user", "root", "identity-center-user", "saml-user"}


def shape(name: str) -> str:
    """What a session name looks like: one of SHAPES."""
    if _EMAIL.fullmatch(name):
        return "e-mail"
    if _INSTANCE.fullmatch(name):
        return "instance"
    if _GENERATED.search(name) or _MIXED.fullmatch(name):
        return "generated"
    return "word"


@dataclass(frozen=True, slots=True)
class Habit:
    """The session names of one role.

    words -- the habit for people; names -- name → sessions, most frequent first.
    shared -- name → the people who bore it, where there are several.
    several -- person → the names that they chose, where there are several.
    """

    words: str
    names: dict[str, int]
    shared: dict[str, list[str]]
    several: dict[str, list[str]]


def habit(wearings: Iterable[Row]) -> Habit:
    """The habit of one role, from its rows of queries/reports/role_wearers.sql.

    Only those whom the log names as one person count as people (a repository or another account
    is none); generated names say nothing of a person.
    """
    counts: Counter[str] = Counter()
    bearers: dict[str, set[str]] = {}
    chosen: dict[str, set[str]] = {}
    for row in wearings:
        person = _person(row)
        for entry in cast("Sequence[Row]", row["session_names"] or []):
            name, sessions = str(entry["key"]), cast("int", entry["value"])
            counts[name] += sessions
            if person:
                bearers.setdefault(name, set()).add(person)
                if shape(name) in ("word", "e-mail"):
                    chosen.setdefault(person, set()).add(name)
    names = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    shared = {name: sorted(who) for name, who in sorted(bearers.items()) if len(who) > 1}
    several = {who: sorted(own) for who, own in sorted(chosen.items()) if len(own) > 1}
    return Habit(_words(names, bearers, shared, several), names, shared, several)


def _person(row: Row) -> str | None:
    """The wearer as people tell them apart, or None for whoever is no single person."""
    if row["actor_kind"] not in _PEOPLE:
        return None
    label = actor_label(row)
    account = row["actor_account"]
    return f"{label} in {account}" if account and str(account) not in label else label


def _words(
    names: dict[str, int],
    bearers: dict[str, set[str]],
    shared: dict[str, list[str]],
    several: dict[str, list[str]],
) -> str:
    if not names:
        return ""
    if len(names) == 1:
        name, sessions = next(iter(names.items()))
        return f"“{name}”" if sessions == 1 else f"always “{name}”"
    shapes = Counter(shape(name) for name in names)
    if len(bearers) == len(names) and not shared and not several and set(shapes) <= _PERSONAL:
        return f"each person their own: {_some(names)}"
    kinds = [f"{shapes[kind]:,} {_WORDS[kind]}" for kind in SHAPES if shapes[kind]]
    return f"{', '.join(kinds)}: {_some(names)}"


_PERSONAL = {"word", "e-mail"}


def _some(names: dict[str, int], shown: int = 3) -> str:
    words = ", ".join(f"“{name}”" for name in list(names)[:shown])
    return words + (f", +{len(names) - shown:,} more" if len(names) > shown else "")
