"""Calls that a service makes with somebody's identity (semantics.md section 3.4)."""

from __future__ import annotations

from typing import Any

from tests.world.model import Credential, Event
from tests.world.services import host
from tests.world.sts import like


def forwarded(by: Credential, service: str, source: str, name: str, **details: Any) -> Event:
    """A forward-access call: the caller's principal, `invokedBy` the service, another key.

    Behind a long-term key it is an `ASIA` key that nobody issued, with a creationDate of its
    own; behind a session it keeps the session's principal and creationDate.
    """
    world = by.world
    when = details.pop("at", None)
    when = world.tick(1) if when is None else when
    signer = by
    if by.creation is None:
        signer = like(by, creation=when - world.random.randrange(0, 22), old_style=True, key=None)
    address = host(service)
    return signer.call(
        source,
        name,
        at=when,
        key=world.ids.access_key("ASIA", by.account.id),
        ip=address,
        agent=address,
        identity={"invokedBy": address},
        **details,
    )
