"""What the delivered records can show of each event, by design.md section 3.

The world knows which call issued which session, so this is no search through records: for
each session it asks whether the evidence was delivered and whether other evidence competes.
A name is expected only where the records leave no other possibility.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tests.world.model import Actor, Chain, Credential, Event, Issue
from tests.world.times import MINUTE
from tests.world.world import World

GRADES = ("direct", "proven", "matched", "ambiguous", "unresolved")
REDEEM = 15 * MINUTE
"""A sign-in token must be used within fifteen minutes (semantics.md section 4)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who the records show, how well, and under which roles (first assumed first)."""

    grade: str
    actor: Actor | None
    chain: Chain
    candidates: tuple[str, ...] = ()

    def weaker(self, grade: str, *hop: str) -> Answer:
        """This answer one hop further on, at most as good as the grade."""
        worst = max(self.grade, grade, key=GRADES.index)
        return Answer(worst, self.actor, (*self.chain, *hop), self.candidates)


@dataclass(frozen=True, slots=True)
class Expected:
    """The truth of one event, and the best answer that the delivered records allow.

    actor, chain -- who really did it, under which roles.
    provable -- direct, proven, matched, ambiguous or unresolved.
    shown, shown_chain -- what can be shown: an external account where the caller's own trail
        is missing; None where nobody can be named.
    candidates -- names between which the evidence leaves it open.
    claimed -- the caller-chosen hint, where nothing better is known.
    """

    event_id: str
    actor: Actor
    chain: Chain
    provable: str
    shown: Actor | None
    shown_chain: Chain
    candidates: tuple[str, ...] = ()
    claimed: str | None = None

    def row(self) -> dict[str, Any]:
        """As a line of a truth file."""
        shown = self.shown
        return {
            "event_id": self.event_id,
            "actor_kind": self.actor.kind,
            "actor_account": self.actor.account,
            "actor_name": self.actor.name,
            "chain": list(self.chain),
            "provable": self.provable,
            "expected_kind": shown.kind if shown else "unresolved",
            "expected_account": shown.account if shown else None,
            "expected_name": shown.name if shown else None,
            "expected_chain": list(self.shown_chain),
            "candidates": list(self.candidates),
            "claimed_actor": self.claimed,
        }


@dataclass(frozen=True, slots=True)
class Seat:
    """The answers of a session: for calls with the issued key, and for its other calls."""

    issued: Answer
    other: Answer


class Judge:
    """Works out the answers of one world, sessions in the order of their making."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seats: dict[int, Seat] = {}
        self.groups: defaultdict[tuple[str, int | None], list[Credential]] = defaultdict(list)
        self.used: set[str | None] = set()
        self.on_behalf: set[tuple[str, int | None]] = set()
        self.named_by_aws: set[tuple[str, int | None]] = set()
        self.tokens: defaultdict[str, list[Event]] = defaultdict(list)
        for session in world.sessions:
            self.groups[_node(session)].append(session)
        for event in world.events:
            if event.delivered and event.session is not None:
                self._take(event, event.session)
        for session in world.sessions:
            self.seats[id(session)] = self._seat(session)

    def _take(self, event: Event, session: Credential) -> None:
        self.used.add(event.key)
        who = event.record["userIdentity"]
        if "onBehalfOf" in who:
            self.on_behalf.add(_node(session))
        if "inScopeOf" in who or "ec2RoleDelivery" in who.get("sessionContext", {}):
            self.named_by_aws.add(_node(session))
        if event.record["eventName"] == "GetSigninToken":
            self.tokens[session.principal_id].append(event)

    def answer(self, event: Event) -> Answer:
        """The answer for one event."""
        if event.copy_of is not None:
            if event.copy_of.delivered:
                return self.answer(event.copy_of).weaker("proven")
            account = event.record["userIdentity"]["accountId"]
            return Answer("direct", Actor("external-account", account, account), ())
        if event.record.get("errorMessage") == "Failed authentication":
            return Answer("unresolved", None, ())
        session = event.session
        if session is None:
            return Answer("direct", event.actor, event.chain)
        seat = self.seats.get(id(session))
        if seat is None:
            return Answer("direct", event.actor, event.chain)
        issued = session.issue is not None and event.key == session.issue.key
        return seat.issued if issued and event.key else seat.other

    def _seat(self, session: Credential) -> Seat:
        if session.self_evident and session.user_type != "FederatedUser":
            return _both(Answer("direct", session.actor, session.hats))
        if _node(session) in self.on_behalf:
            return _both(Answer("proven", session.actor, session.hats))
        issue = session.issue
        if session.user_type == "FederatedUser":
            shown = issue is not None and issue.call.delivered
            grade = "proven" if shown else "direct"
            return _both(Answer(grade, session.actor, session.hats))
        if issue is not None and issue.call.record["eventName"] == "GetSigninToken":
            return _both(self._from_token(session, issue))
        other = self._without_key(session, issue)
        if issue is not None and issue.plain and _shown(issue):
            return Seat(self._via(session, issue, "proven"), other)
        return _both(other)

    def _without_key(self, session: Credential, issue: Issue | None) -> Answer:
        members = [m.issue for m in self.groups[_node(session)] if m.issue is not None]
        shown = [i for i in members if _shown(i)]
        rivals = {_caller(i): i for i in reversed(shown)}
        if issue is not None and _shown(issue) and len(rivals) == 1:
            known = any(i.plain and i.key in self.used for i in shown)
            return self._via(session, issue, "proven" if known else "matched")
        if _node(session) in self.named_by_aws:
            return Answer("direct", session.actor, session.hats)
        twins = [i for i in rivals.values() if i.call.actor.kind == "aws-service"]
        if len(rivals) == len(twins) == 1:
            return self._via(session, twins[0], "matched")
        if rivals:
            names = tuple(sorted({i.call.actor.name for i in rivals.values()}))
            return Answer("ambiguous", None, session.hats[-1:], names)
        return self._switched(session) or Answer("unresolved", None, session.hats[-1:])

    def _via(self, session: Credential, issue: Issue, grade: str) -> Answer:
        shown = issue.call if issue.call.delivered else issue.owner_copy
        assert shown is not None
        base = self.answer(shown)
        if base.actor is not None and base.actor.kind == "aws-service":
            if session.actor.kind == "identity-center-user":
                return Answer("unresolved", None, session.hats[-1:])
            return Answer(grade, session.actor, session.hats)
        return base.weaker(grade, *session.hats[-1:])

    def _switched(self, session: Credential) -> Answer | None:
        """SwitchRole alone: its SwitchFrom names the user, or the session by ARN only."""
        parent = session.parent
        names = [e for e in session.sign_ins if e.record["eventName"] == "SwitchRole"]
        if parent is None or not any(e.delivered for e in names):
            return None
        if parent.user_type != "AssumedRole":
            return Answer("matched", parent.actor, session.hats)
        alive = {
            _node(s)
            for s in self.world.sessions
            if s.arn == parent.arn and _alive(s, session.creation) and self._known(s)
        }
        if alive != {_node(parent)} or not self._seen(parent):
            return Answer("unresolved", None, session.hats[-1:])
        return self.seats[id(parent)].other.weaker("matched", *session.hats[-1:])

    def _known(self, session: Credential) -> bool:
        return self._seen(session) or (session.issue is not None and _shown(session.issue))

    def _seen(self, session: Credential) -> bool:
        return any(e.delivered and e.session is session for e in self.world.events)

    def _from_token(self, session: Credential, issue: Issue) -> Answer:
        """GetSigninToken then ConsoleLogin: by principal within the time to redeem."""
        assert session.creation is not None
        near = [
            e for e in self.tokens[session.principal_id] if 0 <= session.creation - e.at <= REDEEM
        ]
        makers = {_node(e.session) for e in near if e.session is not None}
        login = any(e.delivered for e in session.sign_ins)
        if not issue.call.delivered or not login:
            return Answer("unresolved", None, session.hats[-1:])
        crowd = [s for s in self.groups[_node(session)] if s.issue is not issue]
        if len(makers) > 1 or crowd:
            names = tuple(sorted({s.actor.name for s in crowd} | {e.actor.name for e in near}))
            return Answer("ambiguous", None, session.hats[-1:], names)
        return self.answer(issue.call).weaker("matched")


def _node(session: Credential) -> tuple[str, int | None]:
    return session.principal_id, session.creation


def _both(answer: Answer) -> Seat:
    return Seat(answer, answer)


def _shown(issue: Issue) -> bool:
    copy = issue.owner_copy
    return issue.call.delivered or (copy is not None and copy.delivered)


def _caller(issue: Issue) -> object:
    session = issue.call.session
    if session is None or session.user_type == "IAMUser":
        return issue.call.actor
    return _node(session)


def _alive(session: Credential, at: int | None) -> bool:
    if session.creation is None or session.expires is None or at is None:
        return False
    return session.creation <= at <= session.expires


def expected(world: World) -> dict[str, Expected]:
    """The expected answer for every delivered event, by event id."""
    judge = Judge(world)
    found: dict[str, Expected] = {}
    for event in world.delivered():
        answer = judge.answer(event)
        hint: str | None = None
        if answer.actor is None and event.session is not None:
            hint = event.session.context.get("sourceIdentity") or event.session.session_name
        elif answer.actor is None:
            hint = event.record["userIdentity"].get("userName")
        found[event.id] = Expected(
            event_id=event.id,
            actor=event.actor,
            chain=event.chain,
            provable=answer.grade,
            shown=answer.actor,
            shown_chain=answer.chain,
            candidates=answer.candidates,
            claimed=hint,
        )
    return found
