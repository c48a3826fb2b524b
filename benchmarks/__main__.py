"""Ingest against its peers and its limit, all in one run; what `make bench` prints.

The ways of a comparison take turns, so that a machine that slows down slows all of them. Wall
seconds are what a user waits; processor seconds are what a busy machine blurs least. Figures are
medians, ratios those of the medians.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import variants
from benchmarks.generate import EVENTS_PER_FILE, distinct, trail
from benchmarks.measure import Measured, measure
from benchmarks.ways import CORES

KEEP = Path(__file__).resolve().parents[1] / ".bench"
MEMORY_LIMIT = 1 << 30
HUGE_BYTES = 1000 << 20
"""Near the most that an object may expand to."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one way."""

    name: str
    records: int
    runs: Sequence[Measured]

    @property
    def seconds(self) -> float:
        """Median wall time."""
        return median(run.seconds for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        """Median processor time."""
        return median(run.cpu_seconds for run in self.runs)

    @property
    def peak_bytes(self) -> float:
        """Highest memory of all runs."""
        return max(run.peak_bytes for run in self.runs)


def main() -> None:
    """Make the inputs that are missing, then compare."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--files", type=int, default=400, help="files of 1,000 events (400)")
    parser.add_argument("--tiny", type=int, default=20_000, help="files of 1 to 20 events (20,000)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each way (5)")
    parser.add_argument(
        "--parts",
        nargs="+",
        default=["trail", "tiny", "nights", "memory"],
        help="which of trail, tiny, nights, memory (all)",
    )
    options = parser.parse_args()
    KEEP.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=KEEP) as scratch:
        place = Path(scratch)
        if "trail" in options.parts:
            compare_trail(options.files, options.rounds, place)
        if "tiny" in options.parts:
            compare_tiny(options.tiny, options.rounds, place)
        if "nights" in options.parts:
            compare_nights(options.rounds, place)
        if "memory" in options.parts:
            show_memory(options.files, place)


def compare_trail(files: int, rounds: int, place: Path) -> None:
    """Ours, DuckDB, the limit, and the same trail with fields that nobody knows."""
    source, renewed = KEEP / f"{files}-files", KEEP / f"{files}-files-new-fields"
    records = trail(source, files)
    variants.with_new_fields(renewed, source)
    unique = distinct(records)
    lake = place / "of-the-limit"
    run(unique, "rolecall", source, lake, keep=True)
    ours, theirs, limit, new = [], [], [], []
    for _ in range(rounds):
        ours.append(run(unique, "rolecall", source, place / "lake"))
        theirs.append(run(records, "duckdb", source, place / "one.parquet"))
        limit.append(run(unique, "limit", source, place / "files", lake))
        new.append(run(unique, "rolecall", renewed, place / "lake"))
    shutil.rmtree(lake)
    rows = [
        Runs("rolecall ingest (dedupe, sort, commit)", records, ours),
        Runs("DuckDB read_json to Parquet, one statement", records, theirs),
        Runs("limit: gunzip, simdjson, Parquet, nothing else", records, limit),
        Runs("rolecall, an unknown field and identity field", records, new),
    ]
    head(f"{files} files of {EVENTS_PER_FILE} events", rounds, rows)
    mine, duck, least, novel = rows
    say("times as fast as DuckDB", duck, mine, "at least 5")
    say("of the limit", least, mine, "at least 0.30")
    say("times as slow with unknown fields", novel, mine, "at most 1.5")


def compare_tiny(files: int, rounds: int, place: Path) -> None:
    """Ours and a plain loop on tiny files."""
    source = KEEP / f"tiny-{files}"
    records = variants.tiny(source, files)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(run(records, "rolecall", source, place / "lake"))
        theirs.append(run(records, "loop", source, place / "one.parquet"))
    rows = [
        Runs("rolecall ingest", records, ours),
        Runs("plain loop: gzip, json, pyarrow; one process", records, theirs),
    ]
    head(f"{files} files of 1 to {variants.TINY_MOST_RECORDS} events", rounds, rows)
    say("times as fast as the loop", rows[1], rows[0], "at least 5")


def compare_nights(rounds: int, place: Path) -> None:
    """A first night, and one of the same size on a lake of thirty."""
    folders = variants.nights(KEEP / "nights")
    records = variants.FILES_A_NIGHT * EVENTS_PER_FILE
    lake, copy = place / "nights", place / "night"
    for folder in folders[:-1]:
        measure("rolecall", folder, lake)
        measure("models", folder, lake)
    results: dict[str, list[Measured]] = {"first": [], "31st": []}
    built: dict[str, list[Measured]] = {"first": [], "31st": []}
    for _ in range(rounds):
        for name, folder in (("first", folders[0]), ("31st", folders[-1])):
            if name == "31st":
                shutil.copytree(lake, copy)
                os.sync()  # or the night's first fsync would write the copy, too
            results[name].append(run(distinct(records), "rolecall", folder, copy, keep=True))
            built[name].append(measure("models", folder, copy))
            shutil.rmtree(copy)
    shutil.rmtree(lake)
    rows = [Runs(f"ingest, {name} night", records, runs) for name, runs in results.items()]
    rows += [Runs(f"models, {name} night", records, runs) for name, runs in built.items()]
    head(f"nights of {records} events", rounds, rows)
    say("times the first night, ingest", rows[1], rows[0], "at most 1.2")
    say("times the first night, models", rows[3], rows[2], "for information")


def show_memory(files: int, place: Path) -> None:
    """Highest memory of all processes together: one, four and sixteen sizes; one large object."""
    rows = []
    for times in (1, 4, 16):
        source = KEEP / f"{times * files}-files"
        records = trail(source, times * files)
        runs = [run(distinct(records), "rolecall", source, place / "lake", watch=True)]
        rows.append(Runs(f"rolecall ingest, {times} times the trail", records, runs))
    for number, kind in ((1, "gzipped"), (2, "gzipped"), (1, "plain"), (2, "plain")):
        source = KEEP / f"{number}-{kind}-of-{HUGE_BYTES >> 20}-MiB"
        records = variants.large_objects(source, HUGE_BYTES, number, plain=kind == "plain")
        runs = [run(records, "rolecall", source, place / "lake", watch=True)]
        rows.append(Runs(f"{number} {kind} of {HUGE_BYTES >> 20} MiB", records, runs))
    head("memory", 1, rows)
    most = max(row.peak_bytes for row in rows)
    print(f"  most: {most / MEMORY_LIMIT:.2f} GiB (wanted: under 1)")


def run(
    expected: int,
    way: str,
    source: Path,
    target: Path,
    *more: Path,
    keep: bool = False,
    watch: bool = False,
) -> Measured:
    """One measured run; it must have written all rows. What it wrote is deleted unless `keep`."""
    measured = measure(way, source, target, *more, watch=watch)
    if measured.rows != expected:
        raise SystemExit(f"{way} wrote {measured.rows} rows instead of {expected}")
    if target.is_file():
        target.unlink()
    elif not keep:
        shutil.rmtree(target)
    return measured


def head(title: str, rounds: int, rows: Sequence[Runs]) -> None:
    """A table of the runs."""
    print(f"\n{title}, {CORES} cores, median of {rounds} interleaved rounds")
    print(f"{'':50}{'events/s':>10}{'seconds':>9}{'cpu s':>8}{'peak MiB':>10}")
    for row in rows:
        print(
            f"{row.name:50}{row.records / row.seconds:>10,.0f}{row.seconds:>9.2f}"
            f"{row.cpu_seconds:>8.2f}"
            + (f"{row.peak_bytes / 2**20:>10,.0f}" if row.peak_bytes else f"{'-':>10}")
        )


def say(what: str, above: Runs, below: Runs, wanted: str) -> None:
    """A ratio, by wall and by processor time."""
    wall, cpu = above.seconds / below.seconds, above.cpu_seconds / below.cpu_seconds
    print(f"  {wall:.2f} {what} (by processor time {cpu:.2f}; wanted: {wanted})", flush=True)


if __name__ == "__main__":
    main()
