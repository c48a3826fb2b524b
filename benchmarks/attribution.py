"""Attribution: from nothing at several sizes, and one night more; what `make bench-attribution`
prints.

    python -m benchmarks.attribution --events 1000000 3000000
    python -m benchmarks.attribution --nights 30

Events are those of `tests.world.big`, ingested once and kept in `.bench/`. Each build runs in a
process of its own, on a copy of the lake's events.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import msgspec
from isal import igzip

from pipeline.attribution import build
from pipeline.ingest import ingest
from pipeline.lake import Lake
from tests.world.big import EVENTS_PER_DAY, days

KEEP = Path(__file__).resolve().parents[1] / ".bench"
MEMORY_TARGET = 4 << 30
NIGHT_TARGET = 0.1
RECORD_TABLES = ("events", "files", "rejects", "keys", "rolecall.json")
"""What ingest writes into a lake; everything else is built."""


@dataclass(frozen=True, slots=True)
class Built:
    """One build: wall and processor seconds without imports, highest resident memory in bytes."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    sessions: int


def nights(events: int, size: int = EVENTS_PER_DAY, seed: int = 1) -> Iterator[Path]:
    """A gzip file of NDJSON for each day of a random organisation, made where it is missing.

    size -- events of a day. All days of one size and seed are the same whatever their number,
    but for the last.
    """
    folder = KEEP / f"nights-{size}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    number, rest = -(-events // size), events
    paths = [folder / f"{n:04}-{min(size, rest - n * size)}.ndjson.gz"
             for n in range(number)]  # fmt: skip
    missing = [path for path in paths if not path.exists()]
    if missing:
        encoder = msgspec.json.Encoder()
        gc.disable()
        for path, day in zip(
            paths,
            days(events=events, seed=seed, events_per_day=size, want_truth=False),
            strict=True,
        ):
            if not path.exists():
                made = path.with_suffix(".part")
                made.write_bytes(igzip.compress(encoder.encode_lines(day.records), 1, mtime=0))
                made.replace(path)
            gc.collect()
        gc.enable()
    yield from paths


def ingested(events: int) -> Path:
    """A lake that holds so many events and no models."""
    folder = KEEP / f"lake-{events}"
    if not (folder / "rolecall.json").exists():
        working = KEEP / f"lake-{events}.part"
        shutil.rmtree(working, ignore_errors=True)
        ingest([str(path) for path in nights(events)], Lake.create_or_open(str(working)))
        working.rename(folder)
    return folder


def copied(lake: Path, name: str) -> Path:
    """The records of a lake under another name; the files are shared, not copied."""
    copy = KEEP / name
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for part in RECORD_TABLES:
        if (lake / part).is_dir():
            shutil.copytree(lake / part, copy / part, copy_function=os.link)
        elif (lake / part).exists():
            shutil.copy(lake / part, copy / part)
    return copy


def measured(lake: Path) -> Built:
    """One build, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.attribution", "--build", str(lake)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Built(**json.loads(ran.stdout.splitlines()[-1]))


def from_nothing(events: int) -> float:
    """Print one line for a build of so many events; its events a second."""
    built = measured(copied(ingested(events), "from-nothing"))
    rate = events / built.seconds
    verdict = "" if built.peak_bytes < MEMORY_TARGET else "  over 4 GiB"
    print(
        f"{events:>12,} events{rate:>12,.0f} events/s{built.seconds:>9.1f} s"
        f"{built.cpu_seconds:>9.1f} cpu s"
        f"{built.peak_bytes / 2**20:>8,.0f} MiB{built.sessions:>10,} sessions{verdict}"
    )
    return rate


def one_night_more(stored: int, size: int) -> None:
    """Print the cost of one night after so many others, and of building all of them at once."""
    paths = list(nights((stored + 1) * size, size))
    lake = KEEP / f"lake-of-{stored}-nights-{size}"
    if not (lake / "rolecall.json").exists():
        working = KEEP / f"{lake.name}.part"
        shutil.rmtree(working, ignore_errors=True)
        for path in islice(paths, stored):
            ingest([str(path)], Lake.create_or_open(str(working)))
        working.rename(lake)
    night = copied(lake, "one-night-more")
    measured(night)
    ingest([str(paths[-1])], Lake.open(str(night)))
    more = measured(night)
    nothing_new = measured(night)
    all_at_once = measured(copied(night, "all-nights"))
    single = KEEP / "one-night"
    shutil.rmtree(single, ignore_errors=True)
    ingest([str(paths[0])], Lake.create_or_open(str(single)))
    alone = measured(single)
    ratio = more.seconds / all_at_once.seconds
    cpu_ratio = more.cpu_seconds / all_at_once.cpu_seconds
    verdict = "reached" if ratio <= NIGHT_TARGET else "missed"
    print(
        f"\n{stored} nights of {size:,} events stored, one added: {more.seconds:.2f} s; "
        f"all built at once: {all_at_once.seconds:.2f} s\n"
        f"ratio {ratio:.2f} (target {NIGHT_TARGET}: {verdict}), by processor time {cpu_ratio:.2f}\n"
        f"one night alone in a new lake: {alone.seconds:.2f} s; nothing new: "
        f"{nothing_new.seconds:.2f} s"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="make bench-attribution", description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=[1_000_000, 3_000_000])
    parser.add_argument("--nights", type=int, default=30, help="nights stored before one more (30)")
    parser.add_argument(
        "--night-events", type=int, default=100_000, help="events of a night (100,000)"
    )
    parser.add_argument("--build", type=Path, help="build this lake and print the cost as JSON")
    options = parser.parse_args()
    if options.build:
        _build(options.build)
        return
    KEEP.mkdir(exist_ok=True)
    rates = [from_nothing(events) for events in options.events]
    if len(rates) > 1:
        print(f"events/s of the largest to the smallest: {rates[-1] / rates[0]:.2f} (linear: 1)")
    if options.nights:
        one_night_more(options.nights, options.night_events)


def _build(folder: Path) -> None:
    lake = Lake.open(str(folder))
    start, cpu_start = time.perf_counter(), time.process_time()
    summary = build(lake)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    built = Built(seconds, cpu_seconds, peak, summary.sessions_built)
    print(json.dumps(asdict(built)))


if __name__ == "__main__":
    main()
