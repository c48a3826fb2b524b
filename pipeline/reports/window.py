"""The window of time that a report looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    """Events from `since` (inclusive) until `until` (exclusive), both UTC; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def meets(self, first: datetime, last: datetime) -> bool:
        """Whether what lasted from `first` until `last` (both included) lies in it, in part."""
        return (self.until is None or first < self.until) and (
            self.since is None or last >= self.since
        )

    def words(self) -> str:
        """` from … until … UTC`, or "" where it is open on both sides."""
        text = ""
        if self.since:
            text += f" from {_second(self.since)}"
        if self.until:
            text += f" until {_second(self.until)}"
        return f"{text} UTC" if text else ""


def _second(moment: datetime) -> str:
    """`0001-01-01 00:00:00`; strftime writes such a year as 1."""
    return moment.replace(tzinfo=None).isoformat(" ", "seconds")
