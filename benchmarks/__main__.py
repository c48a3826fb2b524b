"""The whole comparison; what `make bench` prints."""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.generate import distinct, trail
from benchmarks.measure import CORES, Measured, measure

KEEP = Path(__file__).resolve().parents[1] / ".bench"
TARGET_RATIO = 3.0


def main() -> None:
    """Generate the trail, run both ways turn by turn, print medians and ratios."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--files", type=int, default=400, help="files of 1,000 events (400)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way (3)")
    options = parser.parse_args()

    small, large = (KEEP / f"{files}-files" for files in (options.files, 2 * options.files))
    records = trail(small, options.files)
    records_large = trail(large, 2 * options.files)
    print(
        f"{options.files} files x 1,000 events, {CORES} cores, "
        f"median of {options.rounds} interleaved rounds\n"
    )

    ours: list[Measured] = []
    theirs: list[Measured] = []
    doubled: list[Measured] = []
    for _ in range(options.rounds):
        ours.append(_run("rolecall", small, distinct(records)))
        theirs.append(_run("duckdb", small, records))
        doubled.append(_run("rolecall", large, distinct(records_large)))

    print(f"{'':42}{'events/s':>10}{'seconds':>9}{'cpu s':>8}{'peak MiB':>10}")
    _line("rolecall ingest (dedupe, sort, commit)", records, ours)
    _line("DuckDB read_json to Parquet, one statement", records, theirs)
    _line("rolecall ingest, input doubled", records_large, doubled)
    ratio = _seconds(theirs) / _seconds(ours)
    verdict = "reached" if ratio >= TARGET_RATIO else "missed"
    growth = _peak(doubled) / max(1, _peak(ours))
    print(f"\nrolecall is {ratio:.1f} times as fast (target {TARGET_RATIO:.0f}: {verdict})")
    print(
        f"by processor time {_cpu(theirs) / _cpu(ours):.1f} times, which a busy machine blurs less"
    )
    print(f"peak memory with the input doubled: {growth:.2f} times")


def _run(way: str, source: Path, expected: int) -> Measured:
    """One measured run into a place that is gone afterwards; it must have written all rows."""
    with TemporaryDirectory(dir=KEEP) as scratch:
        measured = measure(way, source, Path(scratch) / "out")
    if measured.rows != expected:
        raise SystemExit(f"{way} wrote {measured.rows} rows instead of {expected}")
    return measured


def _line(name: str, records: int, runs: list[Measured]) -> None:
    seconds = _seconds(runs)
    print(
        f"{name:42}{records / seconds:>10,.0f}{seconds:>9.2f}{_cpu(runs):>8.2f}"
        f"{_peak(runs) / 2**20:>10,.0f}"
    )


def _seconds(runs: list[Measured]) -> float:
    return median(run.seconds for run in runs)


def _cpu(runs: list[Measured]) -> float:
    return median(run.cpu_seconds for run in runs)


def _peak(runs: list[Measured]) -> float:
    return median(run.peak_bytes for run in runs)


if __name__ == "__main__":
    main()
