"""Values as text: times, chains, counts, evidence, and what attackers put into names.

Session names and user agents are chosen by whoever makes the call (semantics section 3.5), so
no text from a log reaches a terminal, a spreadsheet or a page as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import cast

from pipeline.report import Kind, Severity

EVIDENCE_MARKS = {
    "direct": "✓ direct",
    "proven": "✓ proven",
    "matched": "≈ matched",
    "ambiguous": "? ambiguous",
    "claimed": "“ claimed",
    "none": "– none",
}
"""Evidence grade → symbol and word, so that proof differs from claim without colour too."""

SEVERITY_MARKS: dict[Severity, str] = {
    "critical": "‼ critical",
    "high": "! high",
    "medium": "▪ medium",
    "low": "· low",
    "info": "i info",
}
"""Severity → symbol and word."""

ARROW = " → "
SHOWN_IN_LIST = 4
"""How many items of a list people see before `+n more`."""

_DRAWN = re.compile("[→\u2500-\u257f]")
"""What trees are drawn with; inside a name it would look like one more node."""

_SPACES = {"\n": " ", "\r": " ", "\t": " ", "\u2028": " ", "\u2029": " "}
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}


def printable(text: str) -> str:
    """The text with nothing that moves a cursor, hides or reorders what is shown.

    Line breaks and tabs become spaces; control, format (bidirectional, zero-width), private and
    unassigned characters become U+FFFD, so that it shows that something was there.
    """
    if text.isprintable():
        return text
    return "".join(_printable_character(character) for character in text)


def _printable_character(character: str) -> str:
    if character in _SPACES:
        return " "
    return "\ufffd" if unicodedata.category(character) in _UNSAFE_CATEGORIES else character


def moment(value: datetime) -> str:
    """A moment for people: `2026-11-20 09:10:02`, UTC (the heading says so)."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def iso_moment(value: datetime) -> str:
    """A moment for machines: `2026-11-20T09:10:02Z`, with microseconds only where there are any."""
    utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat() + "Z"


def span(value: Mapping[str, object]) -> str:
    """Two moments for people; the day is said once where both are on it."""
    first, last = value["first"], value["last"]
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return "–"
    if first == last:
        return f"{moment(first)} UTC"
    start, end = moment(first), moment(last)
    if start[:10] == end[:10]:
        end = end[11:]
    return f"{start} – {end} UTC"


def short_service(event_source: str) -> str:
    """`s3.amazonaws.com` as people say it: `s3`."""
    return event_source.removesuffix(".amazonaws.com")


def shortened(items: Sequence[str], shown: int | None, separator: str = ", ") -> str:
    """The first items, and how many more there are; all of them when `shown` is None."""
    if shown is None or len(items) <= shown:
        return separator.join(items)
    return separator.join([*items[:shown], f"+{len(items) - shown} more"])


def action(item: Mapping[str, object]) -> str:
    """One item of an `actions` list: `s3:GetObject ×12 (3 denied)`."""
    name = f"{short_service(str(item['service']))}:{item['action']}"
    denied = item.get("denied")
    if not denied:
        return f"{name} ×{item['events']}"
    return f"{name} ×{item['events']} ({'' if denied == item['events'] else f'{denied} '}denied)"


def for_people(value: object, kind: Kind, *, shown: int | None = SHOWN_IN_LIST) -> str:
    """A value as people read it on one line, safe to show; "" where there is none.

    shown -- items of a list before `+n more`; None shows all.
    """
    return printable(_for_people(value, kind, shown))


def _for_people(value: object, kind: Kind, shown: int | None) -> str:  # noqa: PLR0911 (one a kind)
    if value is None:
        return ""
    if kind == "evidence":
        return EVIDENCE_MARKS.get(str(value), str(value))
    if kind == "severity":
        return SEVERITY_MARKS.get(cast("Severity", value), str(value))
    if kind == "chain":
        # An arrow inside a name would look like one more role.
        return ARROW.join(
            str(item).replace("→", "\ufffd") for item in cast("Sequence[object]", value)
        )
    if kind == "tree":
        node = cast("Mapping[str, object]", value)
        return str(node["branch"]) + _DRAWN.sub("\ufffd", str(node["text"]))
    if kind == "span":
        return span(cast("Mapping[str, object]", value))
    if kind == "actions":
        items = [action(item) for item in cast("Sequence[Mapping[str, object]]", value)]
        return shortened(items, shown)
    if kind == "services":
        names = [short_service(str(item)) for item in cast("Sequence[object]", value)]
        return shortened(names, shown)
    if kind == "number" and isinstance(value, float):
        return f"{value:.1f}"
    if kind == "integer" and isinstance(value, int):
        return f"{value:,}"
    return _by_type(value, shown)


def _by_type(value: object, shown: int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_by_type(item, shown)}" for key, item in value.items())
    if isinstance(value, list):
        return shortened([_by_type(item, shown) for item in value], shown)
    return "" if value is None else str(value)
