"""What a case is, and the records that most of them are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.world.model import Record
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import assume_role
from tests.world.world import World

Nights = tuple[list[Record], ...]
Given = Callable[[Cast], Nights]


@dataclass(frozen=True, slots=True)
class Case:
    """One query, some records, what comes out.

    query -- name of the query; given -- plays the records of one night, or of two: what was
    stored, what is new; ask -- SQL on the relation; rows -- what it returns.
    """

    query: str
    fact: str
    given: Given
    ask: str
    rows: list[tuple[object, ...]] = field(default_factory=list)


def played(given: Given) -> Nights:
    """The records, night by night."""
    return given(Cast(World("case")))


def records(cast: Cast) -> list[Record]:
    """All that was delivered so far."""
    return cast.world.records()


def alice_as_analyst(cast: Cast) -> Nights:
    """08:00:05 alice puts on Analyst, 08:00:10 and 08:00:15 uses it."""
    hat = assume_role(cast.alice, cast.analyst, "alice")
    use(hat)
    use(hat)
    return (records(cast),)


def alice_across(cast: Cast) -> Nights:
    """Alice puts on BreakGlass of another account and uses it; both copies are there."""
    use(assume_role(cast.alice, cast.break_glass, "alice"))
    return (records(cast),)


def nobody_knows(cast: Cast) -> Nights:
    """A role session whose AssumeRole is missing."""
    hat = assume_role(cast.alice, cast.analyst, "alice")
    assert hat.issue is not None
    cast.world.withhold(hat.issue.call)
    use(hat)
    return (records(cast),)


def use_then_issue(cast: Cast) -> Nights:
    """First night: alice's use of Analyst; second night: its AssumeRole."""
    hat = assume_role(cast.alice, cast.analyst, "alice")
    made = use(hat)
    assert hat.issue is not None
    return [made.record], [hat.issue.call.record]


def owner_copy_then_user(cast: Cast) -> Nights:
    """First night: the owner's copy of alice's AssumeRole; second night: another call of hers."""
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    assert hat.issue is not None
    assert hat.issue.owner_copy is not None
    return [hat.issue.owner_copy.record], [use(cast.alice).record]
