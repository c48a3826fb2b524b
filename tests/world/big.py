"""Large random organisations, day by day, in bounded memory.

    python -m tests.world.big FOLDER --events 100000 --seed 1

writes `trail/…` (gzip files of `{"Records": […]}`, 1,000 records each, in S3's layout; with
`--ndjson` one `records.ndjson`) and `truth.parquet`. In code: `days`, `write_files`.
A day is complete in itself: no session outlives it, so the truth of a day never changes.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from isal import igzip

from tests.world.delivery import object_key
from tests.world.episodes import EPISODES
from tests.world.expected import Expected, expected
from tests.world.ids import Ids
from tests.world.model import Event, Record
from tests.world.organisation import Organisation
from tests.world.times import DAY, HOUR, MINUTE

EVENTS_PER_DAY = 25_000
TRUTH = pa.schema(
    [
        ("event_id", pa.string()),
        ("actor_kind", pa.string()),
        ("actor_account", pa.string()),
        ("actor_name", pa.string()),
        ("chain", pa.list_(pa.string())),
        ("provable", pa.string()),
        ("expected_kind", pa.string()),
        ("expected_account", pa.string()),
        ("expected_name", pa.string()),
        ("expected_chain", pa.list_(pa.string())),
        ("candidates", pa.list_(pa.string())),
        ("claimed_actor", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day's delivered events in order of delivery, and what is to be said of each."""

    events: list[Event]
    truth: dict[str, Expected]

    @property
    def records(self) -> list[Record]:
        """The records, in order of delivery: not in order of time."""
        return [event.record for event in self.events]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many files and events."""

    files: int
    events: int


def days(
    *,
    events: int,
    seed: int = 1,
    events_per_day: int = EVENTS_PER_DAY,
    lost: float = 0.03,
    want_truth: bool = True,
) -> Iterator[Day]:
    """Days of a random organisation until exactly `events` events were delivered.

    The last day is cut, at the end of a delivery order, where it has more: its answers are
    those of the cut day.
    """
    org = Organisation(seed, lost=lost)
    left = events
    while left > 0:
        made = _day(org, min(left, events_per_day))
        for surplus in made[left:]:
            surplus.withheld = True
        made = made[:left]
        yield Day(made, expected(org.world) if want_truth else {})
        left -= len(made)
        _next_morning(org)


def _day(org: Organisation, size: int) -> list[Event]:
    """Play a day of at least so many events; the delivered ones in order of delivery."""
    dice, world = org.dice, org.world
    morning = world.now
    weights = [weight for weight, _ in EPISODES]
    plays = [play for _, play in EPISODES]
    start = morning
    delivered = 0
    done = 0
    while delivered < size:
        if dice.random() > 0.05:
            start = morning + dice.randrange(9 * HOUR)
        world.now = start
        dice.choices(plays, weights)[0](org)
        delivered += sum(event.delivered for event in world.events[done:])
        done = len(world.events)
    late = Random(f"{world.seed}-{morning}")
    due = {id(e): e.at + late.randrange(MINUTE, 9 * MINUTE) for e in world.events}
    return sorted((e for e in world.events if e.delivered), key=lambda e: due[id(e)])


def _next_morning(org: Organisation) -> None:
    """Forget the day; the next begins when every session of it has ended."""
    latest = max(event.at for event in org.world.events)
    org.world.events.clear()
    org.world.sessions.clear()
    org.world.now = (latest + 13 * HOUR) // DAY * DAY + DAY + 7 * HOUR


def write_files(
    folder: Path,
    *,
    events: int,
    seed: int = 1,
    per_file: int = 1_000,
    events_per_day: int = EVENTS_PER_DAY,
    truth: bool = True,
    ndjson: bool = False,
    lost: float = 0.03,
) -> Written:
    """Write a world into `trail/` (or `records.ndjson`) and `truth.parquet` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder = msgspec.json.Encoder()
    names = Ids(f"files-{seed}")
    files = total = 0
    waiting: list[Event] = []
    with ExitStack() as stack:
        stack.enter_context(_collecting_by_the_day())
        answers = (
            stack.enter_context(pq.ParquetWriter(folder / "truth.parquet", TRUTH))
            if truth
            else None
        )
        lines = stack.enter_context((folder / "records.ndjson").open("wb")) if ndjson else None
        stream = days(
            events=events, seed=seed, events_per_day=events_per_day, lost=lost, want_truth=truth
        )
        for day in stream:
            gc.collect()
            total += len(day.events)
            if answers is not None:
                rows = [answer.row() for answer in day.truth.values()]
                answers.write_table(pa.Table.from_pylist(rows, TRUTH))
            if lines is not None:
                lines.write(encoder.encode_lines(day.records))
                continue
            waiting += day.events
            last = total >= events
            while len(waiting) >= per_file or (last and waiting):
                chunk, waiting = waiting[:per_file], waiting[per_file:]
                _write_chunk(folder / "trail", chunk, encoder, names.alnum(16))
                files += 1
    return Written(files or 1, total)


@contextmanager
def _collecting_by_the_day() -> Iterator[None]:
    """No garbage collection in between: a day's objects all live until its end."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _write_chunk(
    folder: Path, chunk: list[Event], encoder: msgspec.json.Encoder, unique: str
) -> None:
    record = chunk[0].record
    account, region = record["recipientAccountId"], record["awsRegion"]
    at = max(event.at for event in chunk)
    path = folder / object_key(account, region, at, unique, org_id=None)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = encoder.encode({"Records": [event.record for event in chunk]})
    path.write_bytes(igzip.compress(data, 2, mtime=0))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write a large random organisation.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-file", type=int, default=1_000)
    parser.add_argument("--events-per-day", type=int, default=EVENTS_PER_DAY)
    parser.add_argument("--lost", type=float, default=0.03, help="share of episodes with a gap")
    parser.add_argument("--ndjson", action="store_true", help="one NDJSON file instead of gzip")
    parser.add_argument("--no-truth", action="store_true")
    given = parser.parse_args()
    written = write_files(
        given.folder,
        events=given.events,
        seed=given.seed,
        per_file=given.per_file,
        events_per_day=given.events_per_day,
        truth=not given.no_truth,
        ndjson=given.ndjson,
        lost=given.lost,
    )
    sys.stdout.write(f"{written.files:,} files, {written.events:,} events\n")


if __name__ == "__main__":
    main()
