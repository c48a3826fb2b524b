"""What the page `report.html` shows: plain data, with nothing of where it comes from or of HTML.

Every text may come from a log, so it is hostile: whoever writes it into a page has to escape it.
Times are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.report import Report, Severity


@dataclass(frozen=True, slots=True)
class PageTotals:
    """Counts over the window. `denied` are calls that AWS refused; `people` are not machines."""

    events: int
    denied: int
    sessions: int
    people: int
    machines: int
    roles: int
    accounts: int


@dataclass(frozen=True, slots=True)
class EvidenceShare:
    """How many events have an evidence grade; `percent` of all, `meaning` in words."""

    grade: str
    events: int
    percent: float
    sessions: int
    meaning: str


@dataclass(frozen=True, slots=True)
class OpenReason:
    """Why events have no name: the reason, how many events, and what would close the gap."""

    reason: str
    events: int
    closed_by: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: one sentence, how urgent it is, and where more of it stands.

    person -- index into `PageData.actors`; report -- name of a report of the page. None: nowhere.
    """

    severity: Severity
    text: str
    person: int | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class PageActor:
    """Somebody who acted: a person, an outside account, a machine, or all that is unresolved.

    label -- as people say it. key -- stable name for links, unique on the page. kind -- value of
    `actor_kind`; kind_words -- as people say it. ways -- how many ways through roles there are in
    the lake; the page may hold fewer. step_minutes -- width of a step of its ways' `times`.
    """

    key: str
    label: str
    kind: str
    kind_words: str
    account: str | None
    arn: str | None
    is_machine: bool
    ways: int
    step_minutes: int


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list with its number of events, and how many of them were denied."""

    text: str
    events: int
    denied: int


@dataclass(frozen=True, slots=True)
class Items:
    """The most frequent items, and how many there are in all."""

    shown: tuple[Item, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """What an actor did under one chain of roles with one evidence grade.

    actor -- index into `PageData.actors`. roles -- ARNs, first assumed first; empty for the own
    identity. is_new -- seen for the first time since `PageData.new_since`. calls --
    `service:action`. claims -- names that the caller chose, with what they stand in; only of what
    is unresolved. times -- (minute since 1970 at which a step begins, events, denied).
    """

    actor: int
    roles: tuple[str, ...]
    evidence: str
    events: int
    denied: int
    writes: int
    sessions: int
    first_time: datetime
    last_time: datetime
    first_ever: datetime
    is_new: bool
    accounts: Items
    addresses: Items
    session_names: Items
    claims: Items
    calls: Items
    times: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Hat:
    """What an actor did while a role was the last that it had put on: exact, nothing left out.

    actor -- index into `PageData.actors`. role -- ARN; None for the own identity. evidence -- the
    weakest grade of its events. accounts -- where its calls were recorded.
    """

    actor: int
    role: str | None
    evidence: str
    events: int
    denied: int
    writes: int
    first_time: datetime
    last_time: datetime
    is_new: bool
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageData:
    """The page.

    title -- one line. window_words -- the window of time in words. first_time, last_time -- of the
    events shown; None where there are none. new_since -- what was first seen since then is new;
    None where the lake holds nothing older, so that nothing can be called new. hats -- all of the
    page's actors; ways -- the same in more detail, some cut. news -- what the report `new` found;
    where there is none, new ways say it. cuts -- sentences about what was left
    out. reports -- shown whole, one section each.
    """

    title: str
    window_words: str
    first_time: datetime | None
    last_time: datetime | None
    new_since: datetime | None
    totals: PageTotals
    evidence: tuple[EvidenceShare, ...]
    open_reasons: tuple[OpenReason, ...]
    findings: tuple[Finding, ...]
    news: tuple[Finding, ...]
    actors: tuple[PageActor, ...]
    hats: tuple[Hat, ...]
    ways: tuple[Way, ...]
    roles: Mapping[str, str]
    """Role ARN → its name as people say it."""
    cuts: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
