"""What a scenario is, and the small cast that most of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.world.expected import Expected, expected
from tests.world.model import Account, Credential, Event, Role
from tests.world.sts import access_key
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class Scenario:
    """One small story about one way of getting credentials.

    name -- `room/what/variant`; play -- acts it out in an empty world;
    answer -- written by hand: what can be shown of the last event, as `told` words it;
    options -- given to play: which evidence is missing.
    """

    name: str
    play: Callable[..., object]
    answer: str
    options: dict[str, Any] = field(default_factory=dict)

    def world(self, seed: int = 1) -> World:
        """A new world in which the scenario has been played."""
        world = World(f"{self.name}-{seed}")
        self.play(world, **self.options)
        return world


def told(answer: Expected) -> str:
    """An expected answer in words: `proven iam-user alice: Analyst > BreakGlass`."""
    roles = " > ".join(arn.rsplit("/", 1)[-1] for arn in answer.shown_chain)
    if answer.shown is not None:
        who = f"{answer.shown.kind} {answer.shown.name}"
    else:
        who = " or ".join(answer.candidates) or f"claims {answer.claimed}"
    return f"{answer.provable} {who}: {roles}".removesuffix(": ")


def last(world: World) -> Expected:
    """The expected answer of the last event that was made and delivered."""
    event = [e for e in world.events if e.delivered][-1]
    return expected(world)[event.id]


class Cast:
    """Two accounts of ours, one of others, two people with keys, a few roles."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.security = world.account("security", id="200000000002")
        self.production = world.account("production", id="300000000003")
        self.elsewhere = world.account("elsewhere", id="900000000009", outside=True)
        self.alice_user = world.user(self.security, "alice")
        self.bob_user = world.user(self.security, "bob", ip="203.0.113.11")
        self.alice = access_key(self.alice_user)
        self.bob = access_key(self.bob_user)
        self.analyst = self.role(self.security, "Analyst")
        self.break_glass = self.role(self.production, "BreakGlass", "/security/")

    def role(self, account: Account, name: str, path: str = "/") -> Role:
        """A role."""
        return self.world.role(account, name, path=path)


def use(credential: Credential, **details: Any) -> Event:
    """Any ordinary call."""
    return credential.call("s3", "ListBuckets", **details)


def lose_issue(session: Credential) -> None:
    """No copy of the call that issued this session is delivered."""
    assert session.issue is not None
    session.world.withhold(session.issue.call)
    if session.issue.owner_copy is not None:
        session.world.withhold(session.issue.owner_copy)
