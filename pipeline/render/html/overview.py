"""What stands in the page without any script: how much is proven, what is risky, what is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import floor
from urllib.parse import urlencode

from pipeline.page import EvidenceShare, PageData, Way
from pipeline.render.values import ARROW, EVIDENCE_MARKS, SEVERITY_MARKS, moment, printable

FIRST = 12
"""How many findings and new hats are shown before the rest is unfolded."""

UNFOLDED = 200
"""How many new hats are listed at all; the pictures mark every one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the evidence bar, in thousandths of its width."""

    grade: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class NewWay:
    """A way through roles that was never seen before: who, the roles, when, the evidence."""

    who: str
    roles: str
    accounts: str
    at: datetime
    evidence: str
    link: str


@dataclass(frozen=True, slots=True)
class Overview:
    """sentence -- how much is proven, in words. parts -- the same as a bar. new_left -- how many
    new ways are not listed. first -- how many of the lists are shown before they are unfolded.
    """

    sentence: str
    parts: tuple[Part, ...]
    new: tuple[NewWay, ...]
    new_left: int
    first: int = FIRST


def overview(page: PageData) -> Overview:
    """What the template shows beside the page's own data."""
    new = sorted(
        (way for way in page.ways if way.is_new),
        key=lambda way: (page.actors[way.actor].is_machine, way.first_ever),
    )
    return Overview(
        sentence=_sentence(page.evidence),
        parts=tuple(_parts(page.evidence)),
        new=tuple(_new_way(page, way) for way in new[:UNFOLDED]),
        new_left=max(len(new) - UNFOLDED, 0),
    )


def person_link(page: PageData, number: int) -> str:
    """The address of somebody's own view on the page."""
    return "#" + urlencode({"person": printable(page.actors[number].key)})


def percent(value: float) -> str:
    """A share in words; 99.97 is not said to be 100, and 0.02 is not said to be nothing."""
    if 0 < value < 0.1:
        return "< 0.1 %"
    return f"{floor(value * 10) / 10:.1f} %" if value < 100 else "100 %"


def _sentence(evidence: tuple[EvidenceShare, ...]) -> str:
    share = {part.grade: part.percent for part in evidence}
    known = share.get("direct", 0) + share.get("proven", 0)
    matched = share.get("matched", 0)
    if not share:
        return "There are no events in this time."
    whole = known >= 99.9999
    text = f"Who made the call is proven for {'all' if whole else percent(known)} of the events"
    if matched:
        text += f", for another {percent(matched)} there is exactly one candidate"
    rest = sum(part.events for part in evidence if part.grade in {"ambiguous", "claimed", "none"})
    if rest:
        text += f", and of {rest:,} event{'' if rest == 1 else 's'} the lake does not say who"
    return text + "."


def _parts(evidence: tuple[EvidenceShare, ...]) -> list[Part]:
    parts: list[Part] = []
    x = 0.0
    for part in evidence:
        width = part.percent * 10
        parts.append(Part(part.grade, round(x, 2), round(max(width, 2.0), 2)))
        x += width
    return parts


def _new_way(page: PageData, way: Way) -> NewWay:
    names = [page.roles[arn].replace("→", "\ufffd") for arn in way.roles]
    return NewWay(
        who=page.actors[way.actor].label,
        roles=ARROW.join(names) or "own identity",
        accounts=", ".join(item.text for item in way.accounts.shown[:3]),
        at=way.first_ever,
        evidence=way.evidence,
        link=person_link(page, way.actor),
    )


def _mark(grade: str) -> str:
    return EVIDENCE_MARKS.get(grade, grade)


FILTERS: dict[str, Callable[..., object]] = {
    "shown": printable,
    "moment": moment,
    "percent": percent,
    "evidence": _mark,
    "severity": lambda name: SEVERITY_MARKS[name],
    "thousands": lambda number: f"{number:,}",
    "person_link": lambda number, page: person_link(page, number),
}
"""The template's filters; `shown` is on every text that may come from a log."""
