"""Builders of records, files and rows for the tests of the ingest."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.decoders import Decoder, blocks, expand, recognise
from pipeline.ingest import IngestSummary, ingest
from pipeline.lake import Lake
from pipeline.normalise import Chunk, Content, Identities, RecordShape, Reject, read, to_table

ALICE = {
    "type": "IAMUser",
    "principalId": "AIDAALICE",
    "arn": "arn:aws:iam::111122223333:user/alice",
    "accountId": "111122223333",
    "accessKeyId": "AKIAALICE",
    "userName": "alice",
}


def record(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A plain good record; fields override, ... (Ellipsis) removes."""
    base: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": ALICE,
        "eventTime": "2026-11-20T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2",
        "requestParameters": None,
        "responseElements": None,
        "requestID": f"R{number}",
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }
    merged = copy.deepcopy(base) | fields
    return {name: value for name, value in merged.items() if value is not ...}


def records_file(*records: Any) -> bytes:
    return json.dumps({"Records": records}).encode()


def ndjson_file(*records: Any) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in records)


def write(path: Path, data: bytes) -> Path:
    """Write a file; a `.gz` name gets gzip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def decoder_of(data: bytes) -> Decoder:
    decoder = recognise(data)
    assert decoder is not None
    return decoder


def rows_of(*contents: Content) -> list[dict[str, Any]]:
    """The rows that the contents become."""
    chunk = Chunk()
    for content in contents:
        chunk.add("memory", content)
    rows: list[dict[str, Any]] = to_table(chunk, Identities()).to_pylist()
    return rows


def normalised(data: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    """Rows and rejects of a file's content, by the way that ingest takes."""
    content = expand(data)
    decoder = decoder_of(content.data)
    contents = list(read(decoder, blocks(decoder, content), RecordShape()))
    return rows_of(*contents), [r for c in contents for r in c.rejects]


def narrow(monkeypatch: pytest.MonkeyPatch, part: int, head: int = 4000) -> None:
    """All content is large: what it is gets told by its head, and it is read a part at a time."""
    for name, size in (("LARGE", 0), ("PART", part), ("HEAD", head)):
        monkeypatch.setattr(f"pipeline.decoders.compression.{name}_BYTES", size)


def row_of(item: dict[str, Any]) -> dict[str, Any]:
    """The row of one record."""
    rows, rejects = normalised(records_file(item))
    assert rejects == []
    return rows[0]


def run(lake: Path, *paths: Path, workers: int | None = 1) -> IngestSummary:
    return ingest([str(p) for p in paths], Lake.create_or_open(str(lake)), workers=workers)


def table(lake: Path, name: str) -> pl.DataFrame:
    """A table of the lake, in a fixed order, without what differs between equal runs."""
    files = Lake.open(str(lake)).parquet_files(name)
    if not files:
        return pl.DataFrame()
    frame = pl.read_parquet(files, hive_partitioning=name == "events")
    frame = frame.drop("ingested_at", strict=False)
    return frame.sort(frame.columns, nulls_last=True)
