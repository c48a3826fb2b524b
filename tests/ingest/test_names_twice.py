"""A name that is there twice in an object hides no record: JSON decoders keep its last value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.decoders import MAX_BYTES, contents, recognise
from pipeline.normalise import RecordShape, read
from pipeline.normalise.read import read_fast
from tests.ingest.containers import CONTAINERS
from tests.ingest.records import decoder_of, narrow, normalised, record, records_file

ONE, TWO, THREE = (json.dumps(record(n)) for n in (1, 2, 3))
AS_TEXT = [json.dumps(text) for text in (ONE, TWO)]

TWICE = {
    "Records": f'{{"Records":[{ONE}],"Records":[{TWO}]}}',
    "Records, with another member between": f'{{"Records":[{ONE}], "a": 1, "Records" : [{TWO}]}}',
    "Records, not the first member": f'{{"a": [], "Records":[{ONE}],"Records":[{TWO}]}}',
    "Records, the second empty": f'{{"Records":[{ONE},{TWO}],"Records":[]}}',
    "Records, one no list": f'{{"Records":null,"Records":[{ONE},{TWO}]}}',
    "Records, two files as one": f'{{"Records":[{ONE}]}}\n{{"Records":[{TWO}]}}',
    "Events": '{{"Events":[{{"CloudTrailEvent":{}}}],"Events":[{{"CloudTrailEvent":{}}}]}}'.format(
        *AS_TEXT
    ),
    "logEvents": '{{"logEvents":[{{"message":{}}}],"logEvents":[{{"message":{}}}]}}'.format(
        *AS_TEXT
    ),
    "two names of lists": '{{"events":[{{"message":{}}}],"logEvents":[{{"message":{}}}]}}'.format(
        *AS_TEXT
    ),
    "CloudTrailEvent": '{{"CloudTrailEvent":{},"CloudTrailEvent":{}}}'.format(*AS_TEXT),
    "detail": f'{{"detail-type":"x","detail":{ONE},"detail":{TWO}}}',
    "message": '{{"message":{},"message":{}}}'.format(*AS_TEXT),
    "_raw": '{{"result":{{"_raw":{},"_raw":{}}}}}'.format(*AS_TEXT),
    "result": '{{"result":{{"_raw":{}}},"result":{{"_raw":{}}}}}'.format(*AS_TEXT),
}


@pytest.mark.parametrize("name", TWICE)
def test_both_are_stored(name: str) -> None:
    rows, rejects = normalised(TWICE[name].encode())
    assert ([row["request_id"] for row in rows], rejects) == (["R1", "R2"], [])


def test_both_are_stored_whatever_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Content that is cut into blocks as well."""
    narrow(monkeypatch, 1000)
    for name, content in TWICE.items():
        rows, rejects = normalised(content.encode())
        assert ([row["request_id"] for row in rows], rejects) == (["R1", "R2"], []), name


def test_a_break_in_the_first_list_is_told_with_what_follows() -> None:
    """Nothing is read twice: what stands after the break is one reject."""
    rows, rejects = normalised(f'{{"Records":[{ONE} {TWO}],"Records":[{THREE}]}}'.encode())
    assert [row["request_id"] for row in rows] == ["R1"]
    assert [(r.number, r.reason, b'"R3"' in r.raw) for r in rejects] == [
        (2, "No comma between two records.", True)
    ]


def test_what_is_twice_and_no_record_is_a_reject() -> None:
    rows, rejects = normalised(f'{{"detail":{ONE},"detail":{{"state":"x"}}}}'.encode())
    assert [row["request_id"] for row in rows] == ["R1"]
    assert [(r.number, r.raw) for r in rejects] == [(2, b'{"state":"x"}')]


@pytest.mark.parametrize(
    "content",
    [
        '{{"Records":[{0}],"Records":[{1}]}}',
        '{{"Records":[{0},{1}]}}',
    ],
)
@pytest.mark.parametrize("leaf", ["list", "body"])
def test_items_of_an_envelope(content: str, leaf: str) -> None:
    """Two lists of items, and two bodies of one item."""
    bodies = [json.dumps(records_file(record(n)).decode()) for n in (1, 2, 3)]
    service = '"eventSource":"aws:sqs"'
    first = f'{{"body":{bodies[0]},{service}}}'
    second = f'{{"body":{bodies[1]},{service}}}'
    expected = ["R1", "R2"]
    if leaf == "body":
        second, expected = (
            f'{{"body":{bodies[1]},"body":{bodies[2]},{service}}}',
            ["R1", "R2", "R3"],
        )
    found: list[dict[str, Any]] = []
    for inner in contents(content.format(first, second).encode(), MAX_BYTES):
        found += normalised(inner.data)[0]
    assert [row["request_id"] for row in found] == expected


def test_the_names_inside_records_are_their_own() -> None:
    """A record may hold `Records`, `detail`, `message`, … itself, once or twice."""
    inner = {"Records": [1], "detail": {"message": "x"}, "Events": [], "more": {"Records": [2]}}
    records = [record(n, requestParameters=inner) for n in (1, 2)]
    for name in ("array", "LookupEvents", "EventBridge, lines", "filter-log-events", "_raw"):
        rows, rejects = normalised(CONTAINERS[name](*records))
        assert ([row["request_id"] for row in rows], rejects) == (["R1", "R2"], []), name
    plain = records_file(*records)
    assert read_fast(decoder_of(plain), plain, RecordShape()) is not None


def test_further_members_do_not_make_a_file_slow() -> None:
    """One list is decoded in one call, wherever it stands in the object."""
    for content in (
        f'{{"Records":[{ONE}],"a":[{{"b":[]}}]}}',
        f'{{"a":{{"Record":[]}},"Records":[{ONE}]}}',
        f' {{ "Records" : [{ONE}] \n}}\n',
    ):
        data = content.encode()
        decoder = recognise(data)
        assert decoder is not None
        found = read_fast(decoder, data, RecordShape())
        assert found is not None, content
        assert len(found.records) == 1
        (whole,) = read(decoder, [data], RecordShape())
        assert whole.times == found.times
