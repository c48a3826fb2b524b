"""Scenarios thrown together and damaged: the records that no story would have.

One to three scenarios share their accounts and their clock; then ids become one, times move,
keys go astray, copies part. Nothing here has a known truth: it is for properties that hold
whatever the records are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from tests.attribution.crowd import renumber
from tests.world.model import Record
from tests.world.scenarios import SCENARIOS
from tests.world.times import iso, seconds
from tests.world.world import World

_PLAYABLE = [s for s in SCENARIOS if not s.name.endswith("for-weeks")]
_STARTS = ("08:00:00", "23:50:00", "23:59:50")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_IDS = ("AROA", "AIDA", "ASIA")
_SHIFTS = (
    -900,
    -5,
    -4,
    -3,
    -2,
    -2,
    -1,
    -1,
    1,
    1,
    2,
    2,
    3,
    4,
    5,
    60,
    899,
    901,
    12 * 3600,
    -12 * 3600,
)


def mix(seed: int | str, number: int = 1) -> list[Record]:
    """The records of one mix, in the accounts of that number; fixed by the seed."""
    dice = Random(f"mix-{seed}")
    records: list[Record] = []
    start = f"2026-11-20T{dice.choice(_STARTS)}Z"
    for _ in range(dice.randint(1, 4)):
        scenario = dice.choice(_PLAYABLE)
        world = World(f"{scenario.name}-{dice.randrange(10**9)}", start=start)
        scenario.play(world, **scenario.options)
        records += world.records()
    if dice.random() < 0.7:
        records = _one_cast(records)
    for _ in range(dice.randint(0, 10)):
        records = dice.choice(_DAMAGES)(records, dice)
    text = renumber(json.dumps(records), number)
    found: list[Record] = json.loads(text)
    return found


def _one_cast(records: list[Record]) -> list[Record]:
    """Roles and users of one ARN have one id."""
    text = json.dumps(records)
    ids: dict[str, str] = {}
    for record in records:
        who = record["userIdentity"]
        issuer = who.get("sessionContext", {}).get("sessionIssuer") or {}
        for named in (who, issuer):
            arn, own = named.get("arn"), named.get("principalId", "")
            if arn and own.startswith(("AROA", "AIDA")) and ":" not in own:
                text = text.replace(own, ids.setdefault(arn, own))
        made = record["responseElements"] or {}
        own = made.get("assumedRoleUser", {}).get("assumedRoleId", "").split(":")[0]
        arn = (record["requestParameters"] or {}).get("roleArn")
        if own and arn:
            text = text.replace(own, ids.setdefault(arn, own))
    return _reread(text)


def _lose(records: list[Record], dice: Random) -> list[Record]:
    """A record is missing."""
    kept = list(records)
    if len(kept) > 1:
        kept.pop(dice.randrange(len(kept)))
    return kept


def _merge_ids(records: list[Record], dice: Random) -> list[Record]:
    """Two principals, users or keys are one."""
    text = json.dumps(records)
    found = sorted(set(re.findall(rf"\b{dice.choice(_IDS)}[A-Z0-9]{{12,}}", text)))
    if len(found) < 2:
        return records
    one, other = dice.sample(found, 2)
    return _reread(text.replace(one, other))


def _merge_names(records: list[Record], dice: Random) -> list[Record]:
    """Two session names are one."""
    text = json.dumps(records)
    found = sorted(set(re.findall(r"AROA[A-Z0-9]{12,}:([^\"]+)\"", text)))
    if len(found) < 2:
        return records
    one, other = dice.sample(found, 2)
    return _reread(text.replace(f':{one}"', f':{other}"').replace(f'"{one}"', f'"{other}"'))


def _move_time(records: list[Record], dice: Random) -> list[Record]:
    """A time, wherever it stands, is a little or much earlier or later."""
    text = json.dumps(records)
    time = dice.choice(sorted(set(_TIME.findall(text))))
    return _reread(text.replace(time, iso(seconds(time) + dice.choice(_SHIFTS))))


def _same_time(records: list[Record], dice: Random) -> list[Record]:
    """Two times are one."""
    text = json.dumps(records)
    times = sorted(set(_TIME.findall(text)))
    return _reread(text.replace(dice.choice(times), dice.choice(times)))


def _move_record(records: list[Record], dice: Random) -> list[Record]:
    """One record alone was written earlier or later."""
    return _changed(records, dice, _at_another_time)


def _at_another_time(record: Record, dice: Random) -> None:
    record["eventTime"] = iso(seconds(record["eventTime"]) + dice.choice(_SHIFTS))


def _move_session(records: list[Record], dice: Random) -> list[Record]:
    """One record alone has another creationDate, or none."""
    return _changed(records, dice, _of_another_second)


def _of_another_second(record: Record, dice: Random) -> None:
    context = record["userIdentity"].get("sessionContext")
    if context is None:
        return
    created = context["attributes"].get("creationDate")
    if created is None or dice.random() < 0.2:
        context["attributes"] = {}
    else:
        context["attributes"]["creationDate"] = iso(seconds(created) + dice.choice(_SHIFTS))


def _stray_key(records: list[Record], dice: Random) -> list[Record]:
    """One record alone is signed with another record's key, or with none."""
    keys = [r["userIdentity"].get("accessKeyId") for r in records]

    def sign(record: Record, dice: Random) -> None:
        record["userIdentity"]["accessKeyId"] = dice.choice([*keys, None])

    return _changed(records, dice, sign)


def _other_response(records: list[Record], dice: Random) -> list[Record]:
    """One record alone answers what another one did, or without saying which session."""
    answers = [r["responseElements"] for r in records if r["responseElements"]]

    def answer(record: Record, dice: Random) -> None:
        given = record["responseElements"]
        if given and dice.random() < 0.5:
            given.pop("assumedRoleUser", None)
        elif given:
            record["responseElements"] = json.loads(json.dumps(dice.choice(answers)))

    return _changed(records, dice, answer)


def _thin(records: list[Record], dice: Random) -> list[Record]:
    """One record alone shows no more of its caller than another account's trail would."""

    def shrink(record: Record, dice: Random) -> None:
        who = record["userIdentity"]
        if "principalId" in who and "accountId" in who:
            record["userIdentity"] = {
                "type": "AWSAccount",
                "principalId": who["principalId"],
                "accountId": who["accountId"],
            }
            record.setdefault("sharedEventID", f"shared-{dice.randrange(3)}")

    return _changed(records, dice, shrink)


def _share(records: list[Record], dice: Random) -> list[Record]:
    """Two records are copies of one call."""
    one, other = dice.choice(records), dice.choice(records)
    for name in ("sharedEventID", "requestID", "eventTime", "eventName", "eventSource"):
        if one.get(name) and (name != "eventTime" or dice.random() < 0.7):
            other[name] = one[name]
    return records


def _swap_callers(records: list[Record], dice: Random) -> list[Record]:
    """Two records have each other's caller."""
    one, other = dice.choice(records), dice.choice(records)
    one["userIdentity"], other["userIdentity"] = other["userIdentity"], one["userIdentity"]
    return records


def _forward(records: list[Record], dice: Random) -> list[Record]:
    """One record alone was made by a service on somebody's behalf."""

    def forward(record: Record, dice: Random) -> None:
        record["userIdentity"]["invokedBy"] = dice.choice(("athena.amazonaws.com", "AWS Internal"))

    return _changed(records, dice, forward)


def _changed(
    records: list[Record], dice: Random, change: Callable[[Record, Random], None]
) -> list[Record]:
    changed: list[Record] = _reread(json.dumps(records))
    change(dice.choice(changed), dice)
    return changed


def _reread(text: str) -> list[Record]:
    records: list[Any] = json.loads(text)
    return records


_DAMAGES: tuple[Callable[[list[Record], Random], list[Record]], ...] = (
    _lose,
    _merge_ids,
    _merge_ids,
    _merge_names,
    _move_time,
    _same_time,
    _same_time,
    _move_record,
    _move_session,
    _stray_key,
    _other_response,
    _thin,
    _share,
    _swap_callers,
    _forward,
)
