"""Whatever container the records come in, the events are those of the plain file."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.decoders import JUNK, MAX_BYTES, contents, recognise
from pipeline.normalise import Reject, rebuild_record
from pipeline.schema import EVENTS
from tests.ingest.containers import CONTAINERS, zip_of
from tests.ingest.records import normalised, record, records_file, run, table, write

Row = dict[str, Any]
every_container = pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
NESTED = [name for name in CONTAINERS if "zip" not in name and "envelope" not in name]
JSON_COLUMNS = {column.name for column in EVENTS if column.kind == "json"}
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


def read_all(stored: bytes) -> tuple[list[Row], list[Reject]]:
    """Rows and rejects of all contents of an object."""
    rows: list[Row] = []
    rejects: list[Reject] = []
    for content in contents(stored, MAX_BYTES):
        if recognise(content.data):
            more, faults = normalised(content.data)
            rows, rejects = rows + more, rejects + faults
    return rows, rejects


@every_container
@settings(max_examples=15, deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
def test_every_container_gives_the_same_rows(
    container: Callable[..., bytes], texts: list[str]
) -> None:
    """Strings of any kind, also those that hold JSON, pass through every container."""
    records = [
        record(n, userAgent=text, requestParameters={"p": json.dumps({text: [text]})})
        for n, text in enumerate(texts)
    ]
    rows, rejects = read_all(container(*records))
    assert ([rebuild_record(row) for row in rows], rejects) == (records, [])
    plain = read_all(records_file(*records))[0]
    assert list(map(_columns, rows)) == list(map(_columns, plain))


def _columns(row: Row) -> Row:
    """The columns that do not hold text as it was written, with its white space."""
    return {name: row[name] for name in row if name not in JSON_COLUMNS}


@every_container
def test_a_bad_record_costs_only_itself(container: Callable[..., bytes]) -> None:
    """A record without a time among good ones is one reject, with its number."""
    records = record(1), record(2, eventTime=...), record(3)
    rows, rejects = read_all(container(*records))
    assert [row["request_id"] for row in rows] == ["R1", "R3"]
    assert [(reject.number, reject.reason) for reject in rejects] == [
        (2, "The record has no eventTime.")
    ]


@pytest.mark.parametrize("name", [n for n in NESTED if n not in ("UTF-16", "gzip", "gzip of gzip")])
@settings(max_examples=15, deadline=None)
@given(share=st.floats(0.05, 0.98))
def test_a_truncated_container_keeps_its_whole_records(name: str, share: float) -> None:
    """Wherever the content ends, what comes before is stored and at most one reject is told."""
    data = CONTAINERS[name](record(1), record(2), record(3))
    cut = data[: int(len(data) * share)]
    rows, rejects = read_all(cut)
    seen = [n for n in (1, 2, 3) if cut.find(f"-8000-{n:012}".encode()) >= 0]
    assert [row["request_id"] for row in rows] == [f"R{n}" for n in (1, 2, 3)][: len(rows)]
    assert len(seen) - 1 <= len(rows) <= 3
    assert len(rejects) <= 1


def test_what_stands_between_is_told() -> None:
    """An event of another kind in the same stream is a reject that says so."""
    bridge = CONTAINERS["EventBridge, lines"]
    other = json.dumps({"detail-type": "EC2 Instance State-change", "detail": {"state": "x"}})
    rows, rejects = read_all(bridge(record(1)) + b"\n" + other.encode() + b"\n" + bridge(record(3)))
    assert [row["request_id"] for row in rows] == ["R1", "R3"]
    assert [(r.number, r.reason, r.telling) for r in rejects] == [
        (2, "It does not look like a CloudTrail record.", False)
    ]


def test_a_break_in_a_sequence_costs_one_document() -> None:
    """Over many lines or not, the documents after a broken one are read."""
    for indent in (None, 2):
        texts = [json.dumps(_bridged(n), indent=indent) for n in (1, 2, 3)]
        texts[1] = texts[1].replace("}", "", 1)
        rows, rejects = read_all("\n".join(texts).encode())
        assert [row["request_id"] for row in rows] == ["R1", "R3"]
        assert [reject.number for reject in rejects] == [2]


ROWS = ("LookupEvents, an item a line", "Records, a record a line")


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(("mark", "put"), [(b"1.11", b'"'), (b"}", b""), (b"{", b"{{")])
def test_a_break_in_a_list_costs_one_line(name: str, mark: bytes, put: bytes) -> None:
    """Where each item stands on a line of its own, the items after a broken one are read."""
    lines = CONTAINERS[name](*(record(n) for n in (1, 2, 3, 4))).split(b"\n")
    lines[2] = put.join(lines[2].rsplit(mark, 1))
    rows, rejects = read_all(b"\n".join(lines))
    assert [row["request_id"] for row in rows] == ["R1", "R3", "R4"]
    assert [reject.number for reject in rejects] == [2]


def test_a_comma_may_stand_between_records() -> None:
    """Lines that were taken out of a list."""
    lines = CONTAINERS["LookupEvents, an item a line"](*(record(n) for n in (1, 2, 3)))
    rows, rejects = read_all(b"\n".join(lines.split(b"\n")[1:3]))
    assert ([row["request_id"] for row in rows], rejects) == (["R1", "R2"], [])


def test_envelopes_may_follow_each_other() -> None:
    """What was saved of a queue, one batch after the other; a tail that is none is told."""
    batches = [CONTAINERS["envelope of SQS"](record(n)) for n in (1, 2)]
    rows, rejects = read_all(b"\n".join(batches))
    assert ([row["request_id"] for row in rows], rejects) == (["R1", "R2"], [])
    *_, tail = contents(batches[0] + b"\nand more", MAX_BYTES)
    assert tail.kind == "corrupt envelope"


def _bridged(number: int) -> dict[str, Any]:
    return {"detail-type": "AWS API Call via CloudTrail", "detail": record(number)}


def test_an_archive_says_what_it_passed_over(tmp_path: Path) -> None:
    """Members are one account; junk and other members are counted, faults name the member."""
    members = {
        "1.json": records_file(record(1), record(2, eventTime=...)),
        "2.json": records_file(record(3, eventTime=...)),
        "notes.txt": b"# Read me",
    }
    (tmp_path / "logs.zip").write_bytes(zip_of(members))
    (tmp_path / "other.zip").write_bytes(zip_of({"a.txt": b"text"}))
    summary = run(tmp_path / "lake", tmp_path)
    assert (summary.records_read, summary.records_stored, summary.records_rejected) == (3, 1, 2)
    assert summary.kinds == {"cloudtrail": 1, f"in an archive or envelope: {JUNK}, not JSON": 1}
    assert summary.passed_over == {
        f"in an archive or envelope: {JUNK}": 3,
        "in an archive or envelope: not JSON": 1,
    }
    rejects = table(tmp_path / "lake", "rejects").sort("record_number")
    assert rejects.select("record_number", "reason").rows() == [
        (2, "1.json: The record has no eventTime."),
        (3, "2.json: The record has no eventTime."),
    ]


def test_a_zip_bomb_ends_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than the limit is expanded over all members; what came before is stored."""
    monkeypatch.setattr("pipeline.decoders.MAX_BYTES", 100_000)
    bomb = zip_of({"1.json": records_file(record(1)), "2": bytes(90_000), "3": bytes(90_000)})
    (tmp_path / "bomb.zip").write_bytes(bomb)
    write(tmp_path / "good.json", records_file(record(2)))
    summary = run(tmp_path / "lake", tmp_path)
    assert (summary.files_rejected, summary.records_stored) == (1, 2)
    (reason,) = table(tmp_path / "lake", "rejects")["reason"]
    assert reason.startswith("3: It expands to more than")


def test_damaged_archives_are_faults() -> None:
    """A cut archive, an encrypted or damaged member, archives without end: told, no trace."""
    whole = zip_of({"a.json": records_file(*(record(n) for n in range(50)))})
    encrypted = bytearray(whole)
    encrypted[whole.index(b"PK\x01\x02") + 8] |= 1
    damaged = bytearray(whole)
    damaged[60:80] = bytes(20)
    nested = whole
    for _ in range(5):
        nested = zip_of({"inner.zip": nested})
    faults = [
        [content.fault for content in contents(bytes(stored), MAX_BYTES) if content.fault]
        for stored in (whole[:-30], encrypted, damaged, nested)
    ]
    assert [len(found) for found in faults] == [1, 1, 1, 1]
    starts = (
        "The zip archive is corrupt",
        "It is encrypted",
        "It is damaged",
        "Archives and envelopes lie in",
    )
    for (fault,), start in zip(faults, starts, strict=True):
        assert fault.startswith(start)


def queue(*bodies: str) -> bytes:
    items = [{"body": body, "eventSource": "aws:sqs", "receiptHandle": "x"} for body in bodies]
    return json.dumps({"Records": items}).encode()


def test_items_of_an_envelope_are_one_account(tmp_path: Path) -> None:
    """A notification of S3 among them is foreign and counted; what is broken names its item."""
    notice = {"eventSource": "aws:s3", "eventName": "Put", "eventTime": "x", "s3": {}}
    bodies = [
        json.dumps(record(1)),
        records_file(notice).decode(),
        records_file(record(2), record(3, eventTime=...)).decode(),
        "hello",
    ]
    write(tmp_path / "in" / "queue.json", queue(*bodies))
    summary = run(tmp_path / "lake", tmp_path / "in")
    assert (summary.records_read, summary.records_stored, summary.records_rejected) == (3, 2, 1)
    assert summary.passed_over == {
        "in an archive or envelope: JSON without CloudTrail records": 1,
        "in an archive or envelope: not JSON": 1,
    }
    rejects = table(tmp_path / "lake", "rejects").select("record_number", "reason").rows()
    assert rejects == [(3, "item 3: The record has no eventTime.")]


def test_notifications_of_s3_are_foreign_in_any_envelope(tmp_path: Path) -> None:
    """They are never guessed at: no record, no reject."""
    notice = records_file({"eventSource": "aws:s3", "eventName": "Put", "eventTime": "x", "s3": {}})
    write(tmp_path / "in" / "bare.json", notice)
    write(tmp_path / "in" / "queue.json", queue(notice.decode(), notice.decode()))
    summary = run(tmp_path / "lake", tmp_path / "in")
    assert (summary.records_read, summary.files_rejected, summary.files_not_cloudtrail) == (0, 0, 2)


def test_limits_hold_inside_envelopes() -> None:
    """Layers, and bytes over all items together; bad base64 is a fault of its item."""
    plain = records_file(record(1)).decode()
    deep = queue(queue(queue(queue(plain).decode()).decode()).decode())
    assert [c.kind for c in contents(deep, MAX_BYTES)] == ["too deep"]
    bomb = base64.b64encode(gzip.compress(bytes(1_000_000))).decode()
    items = [{"recordId": str(n), "data": bomb} for n in range(5)]
    data = json.dumps({"records": items}).encode()
    assert [len(c.data) for c in contents(data, 2_500_000)] == [1_000_000, 1_000_000, 0]
    broken = json.dumps({"records": [{"recordId": "1", "data": "no base64!"}]}).encode()
    assert [(c.kind, c.member) for c in contents(broken, MAX_BYTES)] == [
        ("corrupt envelope", "item 1")
    ]


def test_only_what_a_service_sends_is_an_envelope() -> None:
    """A record that holds the names of an envelope stays a record."""
    item = record(1, requestParameters={"body": "x", "eventSource": "aws:sqs", "recordId": "1"})
    assert [c.member for c in contents(json.dumps({"Records": [item]}).encode(), MAX_BYTES)] == [""]
    other = json.dumps({"records": [{"data": "aGVsbG8="}], "x": "recordId"}).encode()
    assert [c.member for c in contents(other, MAX_BYTES)] == [""]


def test_an_item_of_kinesis_may_carry_much() -> None:
    """What tells that it is one then stands far behind the beginning of the content."""
    data = CONTAINERS["envelope of Kinesis"](
        record(1, userAgent=random.Random(1).randbytes(9000).hex())
    )
    assert data.index(b"aws:kinesis") > 9000
    rows, rejects = read_all(data)
    assert ([row["request_id"] for row in rows], rejects) == (["R1"], [])
