"""Delivery: the files that CloudTrail puts into the bucket (semantics.md sections 4 and 8.1)."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path
from random import Random

from tests.world.ids import ALNUM
from tests.world.model import Event
from tests.world.times import MINUTE, iso
from tests.world.world import World

EVERY = 5 * MINUTE


def packed(text: str) -> bytes:
    """Gzip with nothing in it that changes from one run to the next."""
    return gzip.compress(text.encode(), 9, mtime=0)


def object_key(account: str, region: str, at: int, unique: str, *, org_id: str | None) -> str:
    """Key of a log file that was delivered at a time; the day in it is the delivery's."""
    stamp = iso(at)
    day = stamp[:10].replace("-", "/")
    minute = stamp[:16].replace("-", "").replace(":", "") + "Z"
    head = f"AWSLogs/{org_id + '/' if org_id else ''}{account}/CloudTrail/{region}/{day}"
    return f"{head}/{account}_CloudTrail_{region}_{minute}_{unique}.json.gz"


def write(
    world: World,
    folder: Path,
    *,
    out_of_order: float = 0.27,
    duplicated_files: int = 0,
    every: int = EVERY,
) -> list[Path]:
    """Write the delivered records as an organisation trail; the files, in order of their names.

    out_of_order -- share of files whose records are not in order of time;
    duplicated_files -- so many files are delivered again under another name;
    every -- seconds between the files of an account and region.
    """
    dice = Random(f"delivery-{world.seed}")
    files: defaultdict[tuple[str, str, int], list[Event]] = defaultdict(list)
    for event in world.events:
        if event.withheld:
            continue
        usual = dice.randrange(MINUTE, 9 * MINUTE)
        due = event.at + (usual if event.delay is None else event.delay)
        slot = -(-due // every) * every
        record = event.record
        files[record["recipientAccountId"], record["awsRegion"], slot].append(event)
    written = []
    for account, region, slot in sorted(files):
        events = sorted(files[account, region, slot], key=lambda e: e.at)
        if dice.random() < out_of_order:
            dice.shuffle(events)
        data = packed(text_of(events))
        name = object_key(account, region, slot, _unique(dice), org_id=world.org_id)
        written.append(_put(folder / name, data))
    for path in dice.sample(written, duplicated_files):
        stem = path.name.rsplit("_", 1)[0]
        copy = path.with_name(f"{stem}_{_unique(dice)}.json.gz")
        written.append(_put(copy, path.read_bytes()))
    return sorted(written)


def text_of(events: list[Event]) -> str:
    """`{"Records": […]}` on one line, as CloudTrail writes it."""
    texts = (e.broken or json.dumps(e.record, separators=(",", ":")) for e in events)
    return '{"Records":[' + ",".join(texts) + "]}"


def _unique(dice: Random) -> str:
    return "".join(dice.choices(ALNUM, k=16))


def _put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
