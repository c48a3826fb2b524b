"""The ladder once more: slow, obvious, one record at a time.

Written from semantics.md sections 2, 3.1 to 3.3 and design.md section 3, for roles put on by
users, roles, services and SAML users, with access keys. No SQL, no sets of columns: loops.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.attribution.readings import Base, Call, Readings, Use, created
from tests.world.model import Record
from tests.world.times import HOUR, MINUTE

SKEW = 2
SLACK = 5 * MINUTE
WORKLOADS = {"ec2.amazonaws.com"}


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an event."""

    kind: str
    name: str | None
    chain: tuple[str, ...]
    evidence: str


@dataclass(slots=True)
class Session:
    """A session: a base, or one key of a base that is split; a stray key has no issue beside one
    that has.
    """

    base: Base
    keys: list[str | None]
    is_stray: bool
    role_arn: str


@dataclass(slots=True)
class Candidate:
    """A call that could have made the session of a use, by the rule of that rank."""

    use: Use
    call: Call
    rank: int


class Link(NamedTuple):
    """A candidate with the session whose call it was, or None; is_guess -- the only one alive."""

    rank: int
    call: Call
    parent: Session | None
    is_guess: bool


class Oracle(Readings):
    """Reads all records, then answers for each."""

    def __init__(self, records: Iterable[Record]) -> None:
        super().__init__(records)
        self.candidates = self._candidates()
        self.sessions = self._sessions()
        self.asked: list[int] = []

    # --- the ladder -------------------------------------------------------------------------

    def _candidates(self) -> list[Candidate]:
        exact = [
            Candidate(use, call, rank)
            for use in self.uses
            for call in self.calls
            for rank in self._exact(use, call)
        ]
        explained = {id(found.call) for found in exact}
        near = [
            Candidate(use, call, 6)
            for use in self.uses
            for call in self.calls
            if id(call) not in explained
            and 1 <= abs(use.base[1] - call.at) <= SKEW
            and _fits(use, call)
        ]
        return exact + near

    def _exact(self, use: Use, call: Call) -> Iterable[int]:
        principal, began = use.base
        within = call.at - SKEW <= use.first <= call.expires + SLACK
        if use.key and use.key == call.key and within and abs(began - call.at) <= SKEW:
            same_name = call.name is None or principal.split(":")[1] == call.name
            by_role = call.principal is None and call.role_arn == use.role_arn and same_name
            if call.principal == principal or by_role:
                yield 1
        if began == call.at and _fits(use, call):
            if call.principal is None:
                yield 3
            else:
                yield 5 if call.caller["type"] == "AWSAccount" else 2

    def _sessions(self) -> list[Session]:
        found = []
        for base in dict.fromkeys(use.base for use in self.uses):
            uses = [use for use in self.uses if use.base == base]
            rivals = self._rivals(base)
            issued = {c.use.key for c in self.candidates if c.use.base == base and c.rank == 1}
            strays = {use.key for use in uses} - issued - {None}
            is_mixed = bool(strays) and bool(issued or self._only_another_key(base))
            whole = []
            for use in uses:
                is_stray = is_mixed and use.key not in issued
                if len(rivals) > 1 or is_stray:
                    found.append(Session(base, [use.key], is_stray, use.role_arn))
                else:
                    whole.append(use.key)
            if whole:
                found.append(Session(base, whole, False, uses[0].role_arn))
        return found

    def _only_another_key(self, base: Base) -> bool:
        """Whether one key of a base is seen, and a call that fits handed out another."""
        keys = {use.key for use in self.uses if use.base == base and use.key}
        own = [c for c in self.candidates if c.use.base == base and c.rank > 1]
        return len(keys) == 1 and any(c.call.key and not c.call.key_may_differ for c in own)

    def _rivals(self, base: Base, *, by_key: bool = False) -> set[Any]:
        """The callers that could have made a base, by its best exact rules; keys of one caller
        session count apart only where that session is itself in doubt.
        """
        callers: set[Any] = set()
        for found in self.candidates:
            if found.use.base == base and found.rank <= 5:
                who = found.call.caller
                above = (who.get("principalId", ""), created(who))
                doubtful = by_key or (
                    above[1] is not None and len(self._rivals(above, by_key=True)) > 1  # type: ignore[arg-type]
                )
                callers.add(_caller(who, with_key=doubtful))
        return callers

    def session(self, who: Record) -> Session | None:
        """The session that signs as this identity."""
        base, key = (who.get("principalId"), created(who)), who.get("accessKeyId")
        return next((s for s in self.sessions if s.base == base and key in s.keys), None)

    def _parent(self, call: Call) -> tuple[Session | None, bool]:
        """The session that made a call; whether only because no other was alive."""
        who = call.caller
        if who["type"] == "AssumedRole":
            return self.session(who), False
        if who["type"] == "AWSAccount":
            seen = [s for s in self.sessions if s.base[0] == who["principalId"]]
            made = [c for c in self.calls if c.principal == who["principalId"]]
            alive, count = [], 0
            for began in {s.base[1] for s in seen} | {c.at for c in made}:
                calls = [c for c in made if c.at == began]
                ends = max((c.expires + SLACK for c in calls), default=call.at)
                if 0 <= call.at - began <= 12 * HOUR and call.at <= ends:
                    here = [s for s in seen if s.base[1] == began]
                    callers = {_caller(c.caller, with_key=False) for c in calls}
                    alive += here
                    count += max(len(here), len(callers))
            if count == len(alive) == 1:
                return alive[0], True
        return None, False

    # --- answers ----------------------------------------------------------------------------

    def answer(self, record: Record) -> Said:
        """What is to be said of a record."""
        who = record["userIdentity"]
        copied = False
        if who["type"] == "AWSAccount":
            copies = [
                r["userIdentity"]
                for r in self.records
                if r.get("sharedEventID") == record["sharedEventID"]
                and r["userIdentity"]["type"] != "AWSAccount"
            ]
            who = copies[0] if copies else self.known(who)
            copied = who["type"] != "AWSAccount"
        grade = "proven" if copied else "direct"
        if who["type"] == "AssumedRole":
            session = self.session(who)
            assert session is not None
            return self._of(session)
        return self._start(who, (), grade)

    def _start(self, who: Record, chain: tuple[str, ...], grade: str) -> Said:
        kind, field_name = {
            "IAMUser": ("iam-user", "userName"),
            "SAMLUser": ("saml-user", "userName"),
            "AWSAccount": ("external-account", "accountId"),
            "AWSService": ("aws-service", "invokedBy"),
        }[who["type"]]
        return Said(kind, who[field_name], chain, grade)

    def _best(self, session: Session) -> list[Link]:
        """The calls that could have made a session, by the first rule that yields any."""
        links = []
        for found in self.candidates:
            if found.use.base != session.base or found.use.key not in session.keys:
                continue
            parent, is_guess = self._parent(found.call)
            began = created(found.call.caller)
            is_late = began is not None and (began > found.call.at or began > session.base[1])
            if parent is not session and not is_late:
                links.append(Link(found.rank, found.call, parent, is_guess))
        best = min((link.rank for link in links), default=0)
        rivals = (best, 5) if best in (2, 3) else (best,)
        return [link for link in links if link.rank in rivals]

    def _of(self, session: Session) -> Said:
        """Up the chain from a session."""
        own = (session.role_arn,)
        links = self._best(session)
        if not links or id(session) in self.asked:
            return Said("unresolved", None, own, "none" if links else "claimed")
        rank, call, parent, _ = links[0]
        callers = {id(x.parent) if x.parent else _caller(x.call.caller) for x in links}
        if len(callers) > 1 or (session.is_stray and rank > 1):
            return Said("unresolved", None, own, "ambiguous")
        grade = "proven" if rank == 1 and not any(x.is_guess for x in links) else "matched"
        if parent is None:
            if call.caller.get("invokedBy") in WORKLOADS:
                return Said("workload", session.base[0].split(":")[1], own, grade)
            return self._start(call.caller, own, grade)
        self.asked.append(id(session))
        above = self._of(parent)
        self.asked.pop()
        if above.evidence == "none":  # a ring: there is no way out of it
            return Said("unresolved", None, own, "none")
        order = ("none", "claimed", "ambiguous", "matched", "proven", "direct")
        worst = min(above.evidence, grade, key=order.index)
        return Said(above.kind, above.name, (*above.chain, *own), worst)


def _fits(use: Use, call: Call) -> bool:
    """Whether the call says that it made a session of this principal, or role and name."""
    if call.principal is not None:
        return call.principal == use.base[0]
    return call.role_arn == use.role_arn and call.name == use.base[0].split(":")[1]


def _caller(who: Record, *, with_key: bool = True) -> tuple[Any, ...]:
    """What tells one caller from another."""
    if who["type"] == "AWSService":
        return ("service", who["invokedBy"])
    if who["type"] == "IAMUser":
        return ("user", who["arn"])
    name = (who["type"], who["principalId"], created(who))
    return (*name, who.get("accessKeyId")) if with_key else name
