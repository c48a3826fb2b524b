"""Organisations on CloudTrail whose truth is known.

A `World` holds accounts, roles and people; they get credentials (`tests.world.sts`,
`signin`, `identity_center`, `workloads`) and make calls; each call is a record of the shape
that CloudTrail writes (semantics.md sections 1 to 6) and a known truth. Records can be withheld
(a trail that was not ingested, an issuing call that is missing); `tests.world.expected` then
says what the delivered records can still show, and `tests.world.score` compares an answer.

    world = World(7)
    security = world.account("security")
    alice = access_key(world.user(security, "alice"))
    analyst = assume_role(alice, world.role(security, "SecurityAnalystRole"), "alice")
    analyst.call("s3", "GetObject", params={"bucketName": "b", "key": "k"})
    world.write(folder)                 # AWSLogs/… gzip files
    expected(world)                     # event id → Expected

Models without a lake: `tests.world.table.events_table(world.records())` is the relation
`events`. Scenarios, one for each way of issuing credentials: `tests.world.scenarios.SCENARIOS`.
Samples: `python -m tests.world.samples data/samples`.
Large random organisations, also for benchmarks: `python -m tests.world.big --help`, or
`tests.world.big.write_files(folder, events=400_000, seed=1, per_file=1_000)`; in memory, with
the truth: `for day in tests.world.big.days(events=100_000, seed=1): day.records, day.truth`.
"""

from __future__ import annotations

from tests.world.model import Account, Actor, Credential, Event, Issue, Record, Role
from tests.world.world import World

__all__ = ["Account", "Actor", "Credential", "Event", "Issue", "Record", "Role", "World"]
