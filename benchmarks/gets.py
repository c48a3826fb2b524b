"""boto3 against obstore for the GETs of an ingest from S3: python -m benchmarks.gets [--rounds N]

The same objects from a server of its own process, which costs little, read by rolecall with boto3
alone and as it is, with obstore, in turns: fetched only, and ingested (one process, so that the
other core is the server's). Listing is boto3's in both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median

from benchmarks import generate, variants
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.sources import Access, Request, SourceObject, find, reading
from pipeline.sources.s3.gets import Gets

KEEP = Path(__file__).resolve().parents[1] / ".bench"
BUCKET = "bucket"
SMALL_FILES, MEDIUM_FILES = 5_000, 200
CLIENTS = ("boto3", "obstore")
WORK = ("fetch", "ingest")
DUMMY = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    small, medium = KEEP / f"{SMALL_FILES}-tiny", KEEP / f"{MEDIUM_FILES}-files"
    records = {
        small.name: variants.tiny(small, SMALL_FILES),
        medium.name: generate.distinct(generate.trail(medium, MEDIUM_FILES)),
    }
    command = [sys.executable, "-m", "benchmarks.static_s3", str(small), str(medium)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        try:
            for folder, expected in records.items():
                for work in WORK:
                    show(work, folder, url, expected, rounds)
        finally:
            server.terminate()


def show(work: str, folder: str, url: str, records: int, rounds: int) -> None:
    """Run the two clients in turns; print the medians and their ratio."""
    seconds: dict[str, list[tuple[float, float]]] = {client: [] for client in CLIENTS}
    for _ in range(rounds):
        for client in CLIENTS:
            command = [sys.executable, "-m", __spec__.name, client, work, folder, url]
            run = subprocess.run(
                command, env=os.environ | DUMMY, check=True, capture_output=True, text=True
            )
            result = json.loads(run.stdout)
            if work == "ingest" and result["records"] != records:
                raise SystemExit(f"{client} stored {result['records']} records, not {records}")
            seconds[client].append((result["seconds"], result["cpu_seconds"]))
    wall, cpu = ({c: median(r[n] for r in seconds[c]) for c in CLIENTS} for n in (0, 1))
    print(
        f"{work} {folder}: boto3 {wall['boto3']:.2f} s ({cpu['boto3']:.2f} cpu), "
        f"obstore {wall['obstore']:.2f} s ({cpu['obstore']:.2f} cpu); boto3 takes "
        f"{wall['boto3'] / wall['obstore']:.2f} times as long "
        f"({cpu['boto3'] / cpu['obstore']:.2f} by processor time), {rounds} rounds",
        flush=True,
    )


def run(client: str, work: str, folder: str, url: str) -> dict[str, float]:
    """One run in this process: {"records": …, "seconds": …, "cpu_seconds": …}."""
    if client == "boto3":
        Gets.get = _left_to_boto3  # type: ignore[assignment,method-assign]
    request = Request(Access(endpoint_url=url, region="us-east-1"))
    source = f"s3://{BUCKET}/{folder}/"
    place = Path(tempfile.mkdtemp(prefix="rolecall-gets-"))
    found = find([source], request=request)
    objects = [item for item in found if isinstance(item, SourceObject)]
    start, before = time.perf_counter(), _cpu_seconds()
    records = 0
    if work == "fetch":
        with reading(objects, request.access) as read:
            for item in objects:
                read(item)
    else:
        lake = Lake.create_or_open(str(place / "lake"))
        records = ingest([source], lake, workers=1, request=request).records_stored
    used = {"seconds": time.perf_counter() - start, "cpu_seconds": _cpu_seconds() - before}
    shutil.rmtree(place)
    return {"records": records, **used}


def _left_to_boto3(gets: Gets, item: SourceObject) -> None:
    """What `Gets.get` answers where boto3 is to fetch an object."""


def _cpu_seconds() -> float:
    usage = getrusage(RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    if len(sys.argv) > len(WORK) + 1:
        print(json.dumps(run(*sys.argv[1:])))
    else:
        main()
