"""Builders: a bucket in CloudTrail's layout, and runs over it."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.ingest import IngestSummary, Survey, ingest, survey
from pipeline.lake import Lake
from pipeline.sources import Access, Request, Selection
from tests.ingest.records import record, records_file, table
from tests.s3.proxy import Proxy

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ACCOUNT = "111122223333"
OTHER = "444455556666"
ORGANISATION = "o-a1b2c3d4e5"
REGION = "eu-west-1"
TODAY = date(2026, 11, 24)

_EVERYTHING = Selection()


def key(
    day: str,
    name: str = "0900Z_a",
    *,
    root: str = "AWSLogs",
    account: str = ACCOUNT,
    region: str = REGION,
    kind: str = "CloudTrail",
) -> str:
    """A key of the layout; day as `2026/11/24`."""
    file = f"{account}_{kind}_{region}_{day.replace('/', '')}T{name}.json.gz"
    return f"{root}/{account}/{kind}/{region}/{day}/{file}"


@dataclass
class Bucket:
    """A bucket; every object that is put holds records of its own."""

    admin: S3Client
    name: str
    proxy: Proxy
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, *keys: str, records: int = 1) -> list[int]:
        """Put a file of new records under each key; the numbers of the records."""
        numbers = []
        for one in keys:
            new = list(itertools.islice(self.numbers, records))
            data = records_file(*(record(number) for number in new))
            self.put_bytes(one, gzip.compress(data, mtime=0), ContentEncoding="gzip")
            numbers += new
        return numbers

    def put_bytes(self, one: str, data: bytes, **options: Any) -> None:
        self.admin.put_object(Bucket=self.name, Key=one, Body=data, **options)

    def delete(self, one: str) -> None:
        self.admin.delete_object(Bucket=self.name, Key=one)

    def uri(self, path: str = "") -> str:
        return f"s3://{self.name}/{path}" if path else f"s3://{self.name}"

    def request(self, selection: Selection = _EVERYTHING, today: date = TODAY) -> Request:
        access = Access(endpoint_url=self.proxy.url, region="us-east-1")
        return Request(access, selection, today)

    def run(
        self,
        lake: Path,
        path: str = "",
        *,
        selection: Selection = _EVERYTHING,
        today: date = TODAY,
        workers: int = 1,
    ) -> IngestSummary:
        """Ingest a location of the bucket."""
        place = Lake.create_or_open(str(lake))
        request = self.request(selection, today)
        return ingest([self.uri(path)], place, workers=workers, request=request)

    def survey(self, path: str = "", selection: Selection = _EVERYTHING) -> Survey:
        return survey([self.uri(path)], None, self.request(selection))


def stored(lake: Path) -> list[int]:
    """The numbers of the records in a lake."""
    events = table(lake, "events")
    return sorted(int(e[-12:]) for e in events["event_id"]) if len(events) else []


def in_ledger(lake: Path) -> list[str]:
    """The keys that the ledger says are ingested."""
    files = table(lake, "files")
    return sorted(u.split("/", 3)[3] for u in files["uri"]) if len(files) else []


def read_keys(parts: Mapping[tuple[str, str], tuple[int, int]]) -> dict[tuple[str, str], int]:
    """Objects by account and region."""
    return {part: count for part, (count, _) in parts.items()}
