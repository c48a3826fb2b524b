"""Least-privilege policies against TrailScraper 0.10; what `make bench-least-privilege` prints.

    python -m benchmarks.least_privilege --events 200000 --rounds 3
    python -m benchmarks.least_privilege --large 1000000 10000000

The events are those of `tests.world.big`. The peer reads them from files as CloudTrail delivers
them, in an environment of its own (made in `.bench/` on first use); rolecall ingests the same
files, and then answers from its lake. Three comparisons, whose ways take turns:

- a policy of one role: TrailScraper's commands `select` and `generate`, which read all files for
  each role. This is what its user has; all roles cost as many runs.
- policies of all roles: TrailScraper's library, read once and grouped by a program of ours.
- `--large`: policies of all hats of large lakes, rolecall alone: how the cost grows.

Then both are asked for the known exceptions of CloudTrail's names (`--cases`), without parameters.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec
from isal import igzip

from benchmarks.attribution import KEEP, ingested, nights
from pipeline.attribution import build
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.least_privilege import Call, actions_of
from pipeline.least_privilege.policy import policy_of
from pipeline.least_privilege.used import UsedFilter, used
from pipeline.warehouse import Warehouse

PEER = "trailscraper==0.10.0"
PEER_SCRIPT = Path(__file__).with_name("trailscraper_peer.py")
CASES = Path(__file__).resolve().parents[1] / "tests" / "least_privilege" / "special_cases.csv"
EVENTS_PER_FILE = 1000
WANTED = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor seconds, highest resident memory in bytes, number of policies."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    policies: int


def files(events: int) -> Path:
    """The events as files of CloudTrail, named as it names them."""
    folder = KEEP / f"cloudtrail-{events}"
    if not folder.exists():
        working = folder.with_suffix(".part")
        shutil.rmtree(working, ignore_errors=True)
        working.mkdir(parents=True)
        number = 0
        for night in nights(events):
            lines = gzip.decompress(night.read_bytes()).splitlines()
            for start in range(0, len(lines), EVENTS_PER_FILE):
                part = lines[start : start + EVENTS_PER_FILE]
                name = f"111122223333_CloudTrail_us-east-1_20260101T0000Z_{number:016}.json.gz"
                content = b'{"Records":[' + b",".join(part) + b"]}"
                (working / name).write_bytes(igzip.compress(content, 2, mtime=0))
                number += 1
        working.rename(folder)
    return folder


def lake_of(source: Path) -> Path:
    """A lake of the files, built."""
    folder = source.with_name(f"{source.name}-lake")
    if not folder.exists():
        working = folder.with_suffix(".part")
        shutil.rmtree(working, ignore_errors=True)
        _ingested(source, working)
        working.rename(folder)
    return folder


def _ingested(source: Path, lake: Path) -> None:
    opened = Lake.create_or_open(str(lake))
    ingest([str(source)], opened)
    build(opened)


def peer_python() -> Path:
    """The interpreter of TrailScraper's environment."""
    folder = KEEP / PEER.replace("==", "-")
    python = folder / "bin" / "python"
    if not (folder / "bin" / "trailscraper").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        # setuptools: TrailScraper imports pkg_resources, which newer ones lack
        install = [str(python), "-m", "pip", "install", "-qq", PEER, "setuptools<81"]
        subprocess.run(install, check=True)
    return python


def roles_of(lake: Path) -> list[str]:
    """ARNs of the roles with calls, those with most first."""
    with Warehouse.open(Lake.open(str(lake))) as warehouse:
        uses = [use for use in used(warehouse) if ":role/" in use.subject]
    return [use.subject for use in sorted(uses, key=lambda use: (-use.events, use.subject))]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="make bench-least-privilege", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="events of the files (200,000)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way (3)")
    parser.add_argument("--large", type=int, nargs="*", default=[], help="sizes of large lakes")
    parser.add_argument("--cases", type=Path, default=CASES, help="known exceptions, a CSV file")
    parser.add_argument("--way", nargs="+", help="measure one way and print its cost as JSON")
    options = parser.parse_args()
    if options.way:
        _print_cost(*options.way)
        return
    KEEP.mkdir(exist_ok=True)
    if options.events:
        compare(options.events, options.rounds)
        compare_cases(options.cases)
    for events in options.large:
        large(events)


def compare(events: int, rounds: int) -> None:
    """Ours and the peer on the same files, in turns."""
    source, python = files(events), peer_python()
    lake = lake_of(source)
    roles = roles_of(lake)
    role = roles[len(roles) // 2]
    ways: dict[str, list[object]] = {
        "rolecall, one role, from the lake": _ours("policy", lake, role),
        "trailscraper select + generate, one role": [
            str(python),
            PEER_SCRIPT,
            "role",
            source,
            role,
        ],
        "rolecall, all roles, from the lake": _ours("policies", lake),
        "rolecall, ingest, attribution, all roles": _ours("everything", source),
        "trailscraper's library, all roles at once": [str(python), PEER_SCRIPT, "all", source],
    }
    runs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, command in ways.items():
            runs[name].append(_cost(command))
    print(f"{events:,} events, {len(roles)} roles, median of {rounds} interleaved rounds")
    print(f"{'':44}{'seconds':>9}{'cpu s':>8}{'MiB':>7}{'policies':>10}")
    for name, costs in runs.items():
        _row(name, costs)
    ours_one, peer_one, ours_all, ours_whole, peer_all = runs.values()
    _say("policies of all roles, by the peer's commands", peer_one, ours_all, len(roles))
    _say("the same, with ingest and attribution", peer_one, ours_whole, len(roles))
    _say("one role", peer_one, ours_one)
    _say("all roles, by the peer's library", peer_all, ours_all)


def compare_cases(cases: Path) -> None:
    """How many known exceptions each maps right: all that a call always needs, nothing else."""
    with cases.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    calls = [(row["event_source"], row["event_name"].split(" ")[0]) for row in rows]
    command = [str(peer_python()), str(PEER_SCRIPT), "actions"]
    asked = subprocess.run(
        command, input=json.dumps(calls), stdout=subprocess.PIPE, text=True, check=True
    )
    theirs = json.loads(asked.stdout)
    ours = [sorted(need.action for need in actions_of(Call(*call)).needed) for call in calls]
    wanted = [_wanted(row["iam_actions"]) for row in rows]
    for name, found in (("rolecall", ours), ("trailscraper", theirs)):
        right = sum(_is_right(set(f), *w) for f, w in zip(found, wanted, strict=True))
        print(f"  {name}: {right} of {len(rows)} known exceptions right")


def _wanted(text: str) -> tuple[set[str], set[str]]:
    always: set[str] = set()
    sometimes: set[str] = set()
    for item in [] if text == "(none)" else text.split(";"):
        action = item.split("{")[0].split(" on ")[0].strip()
        (sometimes if "{" in item else always).add(action)
    return always, sometimes


def _is_right(found: set[str], always: set[str], sometimes: set[str]) -> bool:
    return always <= found <= always | sometimes


def large(events: int) -> None:
    """The cost of all policies of a large lake."""
    lake = ingested(events)
    build(Lake.open(str(lake)))
    cost = _cost(_ours("policies", lake))
    print(
        f"{events:>12,} events{cost.policies:>6} hats{cost.seconds:>9.1f} s"
        f"{cost.cpu_seconds:>9.1f} cpu s{cost.peak_bytes / 2**20:>8,.0f} MiB"
        f"{cost.cpu_seconds / events * 1e6:>8.1f} cpu us an event"
    )


def _ours(way: str, *arguments: object) -> list[object]:
    return [sys.executable, "-m", "benchmarks.least_privilege", "--way", way, *map(str, arguments)]


def _print_cost(way: str, place: str, role: str | None = None) -> None:
    """Imports are left out, on both sides."""
    start, before = time.perf_counter(), _cpu()
    made = KEEP / "least-privilege-lake"
    if way == "everything":
        shutil.rmtree(made, ignore_errors=True)
        _ingested(Path(place), made)
        place = str(made)
    with Warehouse.open(Lake.open(place)) as warehouse:
        uses = used(warehouse, UsedFilter(subject=role))
        policies = [policy_of(use.used) for use in uses]
    seconds, cpu_seconds = time.perf_counter() - start, _cpu() - before
    print(json.dumps([seconds, cpu_seconds, _peak_bytes(), len(policies)]))


def _peak_bytes() -> int:
    """Highest resident memory of this program alone: ru_maxrss has that of its caller in it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _cpu() -> float:
    usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _cost(command: Sequence[object]) -> Cost:
    ran = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True, check=True)
    return Cost(*msgspec.json.decode(ran.stdout.splitlines()[-1]))


def _row(name: str, costs: Sequence[Cost]) -> None:
    seconds, cpu = median(c.seconds for c in costs), median(c.cpu_seconds for c in costs)
    peak = max(c.peak_bytes for c in costs) / 2**20
    print(f"{name:44}{seconds:>9.2f}{cpu:>8.2f}{peak:>7,.0f}{costs[0].policies:>10}")


def _say(what: str, peer: Sequence[Cost], ours: Sequence[Cost], times: int = 1) -> None:
    wall = times * median(c.seconds for c in peer) / median(c.seconds for c in ours)
    cpu = times * median(c.cpu_seconds for c in peer) / median(c.cpu_seconds for c in ours)
    print(f"  {wall:.1f} times as fast: {what} (by processor time {cpu:.1f}; wanted: {WANTED})")


if __name__ == "__main__":
    main()
