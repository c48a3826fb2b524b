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
            text += f" from {self.since:%Y-%m-%d %H:%M:%S}"
        if self.until:
            text += f" until {self.until:%Y-%m-%d %H:%M:%S}"
        return f"{text} UTC" if text else ""
