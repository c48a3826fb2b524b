"""Which key of IAM's credential report is which access key of the lake.

The report names no key ids. A pair is held to be the same key on one of three grounds, the best
first, and only where it is the one pair of its user on that ground; else it stays open:

- `changed`: the lake saw the key made, or its status changed, when the report says so;
- `last use`: it made a call in the region, of the service and within the 15 minutes that the
  report names as last use;
- `only key`: the user has one key left on each side, and their times do not contradict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from pipeline.credential_report import CredentialReport, ReportedKey, ReportedUser
from pipeline.reports.keys.made import Made
from pipeline.warehouse import Warehouse

Row = Mapping[str, Any]

SAME_MOMENT = timedelta(minutes=1)
"""How far two clocks may be apart where both note one call."""

USE_SPAN = timedelta(minutes=15)
"""Of the uses within such a span IAM notes the first."""

GROUNDS = {
    "changed": "made or changed in the lake when the report says",
    "last use": "made the call that the report names as last use",
    "only key": "probably: the only key of the user in both, and the times fit",
}

_SLOTS_SCHEMA = pa.schema(
    [
        ("account_id", pa.string()),
        ("user_name", pa.string()),
        ("key_number", pa.int64()),
        ("last_used_at", pa.timestamp("us", "UTC")),
        ("region", pa.string()),
        ("service", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Matched:
    """A key of the report, and what is known of it in the lake.

    access_key_id, ground -- the key that it is, and why; None where that is open.
    candidates -- the keys that it may be, where several are possible; [] where none is.
    """

    user: ReportedUser
    key: ReportedKey
    access_key_id: str | None = None
    ground: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Key:
    """An access key of the lake; first_used is None where it was made and never used."""

    access_key_id: str
    first_used: datetime | None
    last_used: datetime | None
    changes: tuple[datetime, ...]
    is_gone: bool


def match_keys(
    warehouse: Warehouse,
    report: CredentialReport,
    credentials: Sequence[Row],
    lives: Mapping[str, Made],
) -> list[Matched]:
    """Every key that the report has, matched with the access keys of the lake.

    credentials -- rows of queries/reports/keys_used.sql, all of the lake.
    """
    slots = [Matched(user, key) for user in report.users for key in user.keys if key.changed_at]
    calls = _last_uses(warehouse, slots)
    known = _keys_by_owner(credentials, lives)
    matched: list[Matched] = []
    for user in report.users:
        own = [slot for slot in slots if slot.user is user]
        matched += _match_user(own, known.get((user.account, user.name), []), calls)
    return matched


def _last_uses(warehouse: Warehouse, slots: Iterable[Matched]) -> set[tuple[str, str, int, str]]:
    rows = [
        {
            "account_id": slot.user.account,
            "user_name": slot.user.name,
            "key_number": slot.key.number,
            "last_used_at": slot.key.last_used_at,
            "region": slot.key.region,
            "service": slot.key.service,
        }
        for slot in slots
    ]
    warehouse.register("credential_report_keys", pa.Table.from_pylist(rows, schema=_SLOTS_SCHEMA))
    frame = warehouse.query("reports/keys_last_uses")
    return {
        (row["account_id"], row["user_name"], row["key_number"], row["access_key_id"])
        for row in frame.iter_rows(named=True)
    }


def _keys_by_owner(
    credentials: Iterable[Row], lives: Mapping[str, Made]
) -> dict[tuple[str, str], list[_Key]]:
    owners: dict[tuple[str, str], dict[str, _Key]] = {}
    for row in credentials:
        if row["credential_kind"] == "access-key":
            owner = (row["actor_account"], row["actor_name"])
            key = _key(row["access_key_id"], row["own_first"], row["own_last"], lives)
            owners.setdefault(owner, {})[key.access_key_id] = key
    for life in lives.values():
        created = life.created
        if created is not None and created["credential_kind"] == "access-key":
            owner = (created["owner_account"], created["owner_name"])
            key = _key(created["access_key_id"], None, None, lives)
            owners.setdefault(owner, {}).setdefault(key.access_key_id, key)
    return {owner: sorted(keys.values(), key=_id) for owner, keys in owners.items()}


def _id(key: _Key) -> str:
    return key.access_key_id


def _key(
    access_key_id: str,
    first: datetime | None,
    last: datetime | None,
    lives: Mapping[str, Made],
) -> _Key:
    life = lives.get(access_key_id)
    changes = life.changes if life else ()
    return _Key(access_key_id, first, last, changes, life is not None and life.state == "deleted")


def _match_user(
    slots: list[Matched], keys: list[_Key], calls: set[tuple[str, str, int, str]]
) -> Iterator[Matched]:
    def changed(slot: Matched, key: _Key) -> bool:
        return any(_is_same(slot.key.changed_at, moment) for moment in key.changes)

    def last_use(slot: Matched, key: _Key) -> bool:
        place = (slot.user.account, slot.user.name, slot.key.number, key.access_key_id)
        return not key.is_gone and place in calls

    open_slots, open_keys = list(slots), list(keys)
    grounds: tuple[tuple[str, Callable[[Matched, _Key], bool]], ...] = (
        ("changed", changed),
        ("last use", last_use),
    )
    for ground, fits in grounds:
        for slot, key in _only_pairs(open_slots, open_keys, fits):
            open_slots.remove(slot)
            open_keys.remove(key)
            yield replace(slot, access_key_id=key.access_key_id, ground=ground)
    left = [key for key in open_keys if not key.is_gone]
    if len(open_slots) == 1 and len(left) == 1 and _is_consistent(open_slots[0].key, left[0]):
        yield replace(open_slots[0], access_key_id=left[0].access_key_id, ground="only key")
        return
    for slot in open_slots:
        possible = [key for key in left if _is_possible(slot.key, key)]
        yield replace(slot, candidates=tuple(key.access_key_id for key in possible))


def _only_pairs(
    slots: Sequence[Matched], keys: Sequence[_Key], fits: Callable[[Matched, _Key], bool]
) -> list[tuple[Matched, _Key]]:
    """Pairs that fit and of which neither side fits another."""
    pairs = [(slot, key) for slot in slots for key in keys if fits(slot, key)]
    return [
        (slot, key)
        for slot, key in pairs
        if sum(s is slot for s, _ in pairs) == 1 and sum(k is key for _, k in pairs) == 1
    ]


def _is_same(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) <= SAME_MOMENT


def _is_possible(slot: ReportedKey, key: _Key) -> bool:
    """Whether a key of the lake may be a key of the report.

    A key that the lake saw made cannot be one that the report says was made before, and is there
    with its changes; one that was used before the report's key was made or changed may be it.
    """
    return not key.changes or any(
        slot.changed_at is not None and moment <= slot.changed_at + SAME_MOMENT
        for moment in key.changes
    )


def _is_consistent(slot: ReportedKey, key: _Key) -> bool:
    """Whether nothing that is known of the two contradicts that they are one key."""
    if key.first_used is None or key.last_used is None or slot.last_used_at is None:
        return False
    return (
        not key.changes
        and slot.changed_at is not None
        and key.first_used >= slot.changed_at - SAME_MOMENT
        and key.last_used <= slot.last_used_at + USE_SPAN
    )
