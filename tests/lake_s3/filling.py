"""A small lake in S3 that several nights were written to, and what a reader sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.attribution import build
from pipeline.ingest import IngestSummary, ingest
from pipeline.lake import Lake
from pipeline.warehouse import Warehouse
from pipeline.warehouse.stored import PARTITIONS
from tests.attribution.nights import in_order
from tests.ingest.records import record, records_file, write

NIGHTS = 3


def night_files(folder: Path, nights: int = NIGHTS + 1) -> list[Path]:
    """A file for each night: an AssumeRole and what was done in its session, on two days."""
    return [write(folder / f"{n}.json", records_file(*_records(n))) for n in range(nights)]


def _records(night: int) -> list[dict[str, Any]]:
    found = []
    for day in (20, 21):
        key, time = f"ASIA{night:04}{day:012}", f"2020-10-{day}T1{night}"
        session = {
            "type": "AssumedRole",
            "principalId": f"AROAROLE:s{night}",
            "arn": f"arn:aws:sts::111111111111:assumed-role/Role/s{night}",
            "accountId": "111111111111",
            "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAROLE",
                    "arn": "arn:aws:iam::111111111111:role/Role",
                    "accountId": "111111111111",
                    "userName": "Role",
                },
                "attributes": {"creationDate": f"{time}:00:00Z", "mfaAuthenticated": "false"},
            },
        }
        found += [
            record(
                night * 100 + day,
                eventTime=f"{time}:00:00Z",
                eventSource="sts.amazonaws.com",
                eventName="AssumeRole",
                responseElements={
                    "credentials": {"accessKeyId": key, "expiration": f"{time}:59:00Z"},
                    "assumedRoleUser": {
                        "assumedRoleId": f"AROAROLE:s{night}",
                        "arn": session["arn"],
                    },
                },
            ),
            record(night * 100 + day + 50, eventTime=f"{time}:05:00Z", userIdentity=session),
        ]
    return found


def run(location: str, files: Sequence[Path]) -> IngestSummary:
    """Ingest and build."""
    lake = Lake.create_or_open(location)
    with lake.locked():
        summary = ingest([str(file) for file in files], lake, workers=1)
        build(lake)
    return summary


def answers(location: str) -> dict[str, list[Any]]:
    """All relations as a reader sees them, without what differs from run to run."""
    with Warehouse.open(Lake.open(location)) as warehouse:
        names = ("events", "files", "rejects", *PARTITIONS)
        tables = {name: warehouse.table(name) for name in names}
    tables["files"] = tables["files"].drop_columns(["ingested_at", "batch_id"])
    return {name: in_order(rows) for name, rows in tables.items()}
