"""What real records do: each is stored, or rejected with its reason; no neighbour is lost."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.attribution import build
from pipeline.lake import Lake
from pipeline.normalise import rebuild_record
from tests.ingest.containers import CONTAINERS, zip_of
from tests.ingest.records import narrow, ndjson_file, normalised, record, records_file, run, table

STORED: dict[str, dict[str, Any]] = {
    "no identity": {"userIdentity": ...},
    "identity null": {"userIdentity": None},
    "identity is text": {"userIdentity": "alice"},
    "identity without type": {"userIdentity": {"accountId": "1"}},
    "unknown type": {"userIdentity": {"type": "Martian", "accessKeyId": ""}},
    "empty issuer": {"userIdentity": {"type": "AssumedRole", "sessionContext": {}}},
    "context is text": {"userIdentity": {"type": "AssumedRole", "sessionContext": "x"}},
    "no id": {"eventID": ...},
    "id is no UUID": {"eventID": "dEXAMPLE"},
    "id is empty": {"eventID": ""},
    "id is a number": {"eventID": 7},
    "time with a blank": {"eventTime": "2026-11-20 10:00:00.123"},
    "time with a fraction": {"eventTime": "2026-11-20T10:00:00.5Z"},
    "time with an offset": {"eventTime": "2026-11-20T12:00:00+02:00"},
    "version is a number": {"eventVersion": 1.11},
    "parameters: list": {"requestParameters": [1, "a"]},
    "parameters: text": {"requestParameters": "a"},
    "parameters: empty": {"requestParameters": ""},
    "parameters: null as text": {"requestParameters": "null"},
    "names with dots": {"requestParameters": {"a.b:c": {"d:e": 1}, "": 2}},
    "long value": {"requestParameters": {"policyDocument": "x" * 300_000}},
    "response: text": {"responseElements": "null"},
    "service details: text": {"serviceEventDetails": "x"},
    "boolean as text": {"readOnly": "True", "managementEvent": "false"},
    "boolean as nonsense": {"readOnly": "perhaps", "managementEvent": 3},
    "resources: empty": {"resources": ""},
    "resources: texts": {"resources": ["arn:aws:s3:::a", {"arn": "x"}, {"ARNPrefix": "y"}]},
    "address is empty": {"sourceIPAddress": ""},
    "address of a service": {"sourceIPAddress": "AWS Internal"},
    "account with zeros": {"recipientAccountId": "000000000012"},
    "account is a number": {"recipientAccountId": 12},
    "hidden account": {"recipientAccountId": "HIDDEN_DUE_TO_SECURITY_REASONS"},
    "control characters": {"userAgent": "\x00\x1b[31m\ufffd"},
    "lone surrogate": {"userAgent": "\ud800"},
    "unknown fields": {"newTomorrow": {"a": [1]}, "edgeDeviceDetails": ""},
    "insight": {
        "eventType": "AwsCloudTrailInsight",
        "eventName": ...,
        "eventSource": ...,
        "insightDetails": {"state": "Start", "eventSource": "s3.amazonaws.com"},
    },
    "insight, no identity": {"eventCategory": "Insight", "insightDetails": {}, "userIdentity": ...},
    "deep": {"requestParameters": json.loads("[" * 150 + "]" * 150)},
}
NESTABLE = [name for name in CONTAINERS if not re.search("zip|envelope|mark|UTF", name)]
REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "no time": ({"eventTime": ...}, "The record has no eventTime."),
    "time is empty": ({"eventTime": ""}, "The record has no eventTime."),
    "time is no time": ({"eventTime": "soon"}, "eventTime is not a time: 'soon'"),
    "time is impossible": ({"eventTime": "2026-13-41T10:00:00Z"}, "eventTime is not a time"),
    "no name": ({"eventName": ...}, "The record has no eventName."),
    "no source": ({"eventSource": None}, "The record has no eventSource."),
}


@pytest.mark.parametrize("fields", STORED.values(), ids=STORED)
def test_an_odd_record_is_stored_and_given_back(fields: dict[str, Any]) -> None:
    """The oddity is kept as written; the neighbours are there."""
    odd = record(2, **fields)
    for data in (records_file(record(1), odd, record(3)), ndjson_file(record(1), odd, record(3))):
        rows, rejects = normalised(data)
        assert rejects == []
        assert [rebuild_record(row) for row in rows] == [record(1), odd, record(3)]


@pytest.mark.parametrize(("fields", "reason"), REJECTED.values(), ids=REJECTED)
def test_what_cannot_be_stored_says_why(fields: dict[str, Any], reason: str) -> None:
    """A record that says neither when nor what is a reject with its number."""
    rows, rejects = normalised(records_file(record(1), record(2, **fields), record(3)))
    assert [row["request_id"] for row in rows] == ["R1", "R3"]
    (reject,) = rejects
    assert reject.number == 2
    assert reason in reject.reason


def test_of_two_equal_names_the_last_counts() -> None:
    """A record that has a field twice is read as JSON readers do, and is one record."""
    text = json.dumps(record(2)).replace('"awsRegion":', '"awsRegion": "first", "awsRegion":')
    rows, rejects = normalised(b'{"Records": [' + text.encode() + b"]}")
    assert (rows[0]["aws_region"], rejects) == ("eu-west-1", [])


@pytest.mark.parametrize("name", NESTABLE)
def test_nesting_without_end_costs_one_record(name: str) -> None:
    """A hundred thousand brackets neither end the process nor take a neighbour along."""
    data = CONTAINERS[name](record(1), record(2, requestParameters="mark"), record(3))
    nested = b"[" * 100_000 + b"]" * 100_000
    data = data.replace(b'\\"mark\\"', nested).replace(b'"mark"', nested)
    rows, rejects = normalised(data)
    assert [row["request_id"] for row in rows] == ["R1", "R3"]
    assert [reject.reason for reject in rejects] == ["The record is nested too deeply."]


def test_a_record_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record over the limit is rejected, alone or among others, on either path."""
    narrow(monkeypatch, 5000, head=20_000)
    monkeypatch.setattr(import_module("pipeline.normalise.read"), "MAX_RECORD_BYTES", 5000)
    items = record(1), record(2, userAgent="x" * 9000), record(3)
    for name in ("ndjson", "array", "LookupEvents", "awslogs", "gzip"):
        data = records_file(*items) if name == "gzip" else CONTAINERS[name](*items)
        rows, rejects = normalised(data)
        assert [row["request_id"] for row in rows] == ["R1", "R3"]
        assert [(r.number, r.reason) for r in rejects] == [
            (2, "The record is larger than 5000 bytes, the limit for one record.")
        ]


@pytest.mark.parametrize("depth", [200, 600, *range(870, 1000, 10)])
def test_deep_records_pass_the_whole_pipeline(tmp_path: Path, depth: int) -> None:
    """Up to the limit a nested record is stored, above it rejected; the models are built."""
    nest = json.loads("[" * 50 + "]" * 50)
    mark = '"mark"'
    names = ("requestParameters", "responseElements", "userIdentity", "resources")
    items = [record(n, eventID=..., **{name: "mark"}) for n, name in enumerate(names)]
    issued = {"credentials": {"accessKeyId": "ASIA1"}, "more": {"accessKeyId": "ASIA2"}}
    items.append(record(8, responseElements=issued | {"deep": "mark"}))
    items.append(record(9, responseElements={"sessionToken": ["x"], "deep": "mark"}))
    items.append(record(10, requestParameters=nest))
    data = records_file(*items).replace(mark.encode(), b"[" * depth + b"]" * depth)
    (tmp_path / "deep.json").write_bytes(data)
    summary = run(tmp_path / "lake", tmp_path / "deep.json")
    assert summary.records_read == len(items)
    assert summary.records_stored == len(items) - summary.records_rejected
    reasons = {"The record is nested too deeply."} if summary.records_rejected else set()
    rejects = table(tmp_path / "lake", "rejects")
    assert set(rejects["reason"] if len(rejects) else ()) == reasons
    build(Lake.open(str(tmp_path / "lake")))


@pytest.mark.parametrize("end", [b"\n", b""])
def test_records_glued_on_a_line_are_records(end: bytes) -> None:
    """Also where another line is odd, or one of them: each costs itself only."""
    one, two, three, four = (json.dumps(record(n)).encode() for n in (1, 2, 3, 4))
    late = json.dumps(record(9, eventTime="never")).encode()
    cases: dict[bytes, list[str | int]] = {
        one + two + b"\n" + three + b" " + four: ["R1", "R2", "R3", "R4"],
        one + two + b"\n" + late + three + end: ["R1", "R2", 3, "R3"],
        one + late + two + b"\n" + three + end: ["R1", 2, "R2", "R3"],
        one + b'{"a": tru}' + two + b"\n" + three + end: ["R1", 2, "R2", "R3"],
        one + b"\n" + two + three + b"x" + end: ["R1", "R2", 3],
        one + b"\nhello" + two + b"\n" + three + four + end: ["R1", 2, "R3", "R4"],
        one + b"\n" + late + two[:-30]: ["R1", 2, 3],
    }
    for content, expected in cases.items():
        rows, rejects = normalised(content)
        names = [row["request_id"] for row in rows]
        assert names == [item for item in expected if isinstance(item, str)], content
        assert [r.number for r in rejects] == [i for i in expected if isinstance(i, int)], content


def test_a_line_with_something_after_its_record_is_one_reject() -> None:
    """Nobody knows what it should be."""
    one, two = (json.dumps(record(n)).encode() for n in (1, 2))
    rows, rejects = normalised(one + b", 7\n" + two + b"\n")
    assert [row["request_id"] for row in rows] == ["R2"]
    assert [reject.raw for reject in rejects] == [one + b", 7"]


def test_rejects_without_end_are_named_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows is counted: nothing is lost, and no memory either."""
    monkeypatch.setattr("pipeline.ingest.account.MOST_REJECTS", 3)
    monkeypatch.setattr(import_module("pipeline.normalise.read"), "_TOLERANT_ROWS", 2)
    items = [record(1), *(record(n, eventTime=...) for n in range(2, 12)), record(12)]
    whole, cut = ndjson_file(*items), ndjson_file(*items)[:-20]
    for name, data in (("whole", whole), ("cut", cut), ("zip", zip_of({"a": whole, "b": whole}))):
        (tmp_path / name).write_bytes(data)
        summary = run(tmp_path / f"lake of {name}", tmp_path / name)
        copies = 2 if name == "zip" else 1
        good = 1 if name == "cut" else 2
        assert summary.records_read == 12 * copies
        assert summary.records_rejected == (12 - good) * copies
        rejects = table(tmp_path / f"lake of {name}", "rejects")
        assert rejects["record_number"].to_list() == [2, 3, 4, 5, *([12] if name == "cut" else [])]
        more = {"whole": 7, "cut": 7, "zip": 17}[name]
        (last,) = rejects.filter(pl.col("record_number") == 5)["reason"]
        assert f"{more} records from here on are rejected" in last


def test_foreign_members_stay_foreign_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an archive: what is no CloudTrail rejects nothing, however much of it there is."""
    monkeypatch.setattr("pipeline.ingest.account.MOST_REJECTS", 1)
    broken = ndjson_file(record(1), *(record(n, eventTime=...) for n in range(2, 5)))
    foreign = json.dumps({"Records": [{"a": n} for n in range(9)]}).encode()
    (tmp_path / "a.zip").write_bytes(zip_of({"1.json": broken, "2.json": foreign}))
    summary = run(tmp_path / "lake", tmp_path / "a.zip")
    assert (summary.records_stored, summary.records_rejected) == (1, 3)
    (tmp_path / "b.json").write_bytes(foreign)
    assert run(tmp_path / "lake", tmp_path / "b.json").is_all_foreign
