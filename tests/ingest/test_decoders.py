"""Containers: told by content, read to the last good record."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.decoders import Expanded, expand, kind_of, recognise
from tests.ingest.records import narrow, ndjson_file, normalised, record, records_file

OCSF = "OCSF (converted, not CloudTrail's own record)"
PRETTY = json.dumps({"Records": [record(1), record(2)]}, indent=2).encode()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (records_file(), "records"),
        (records_file(record()), "records"),
        (PRETTY, "records"),
        (
            b'{"other": {"Records": 1}, "Records" : [' + json.dumps(record()).encode() + b"]}",
            "records",
        ),
        (ndjson_file(record()), "ndjson"),
        (b"\r\n".join([b"", json.dumps(record()).encode(), b"{broken", b""]), "ndjson"),
        (ndjson_file(record(requestParameters={"Records": [{"Data": "x"}]})), "ndjson"),
        (b"{broken\n" + ndjson_file(record()), "ndjson"),
    ],
)
def test_content_decides(data: bytes, name: str) -> None:
    """A container is recognised by what is in it."""
    decoder = recognise(data)
    assert decoder is not None
    assert decoder.name == name


@pytest.mark.parametrize(
    ("data", "kind", "faulty"),
    [
        (b"", "empty", False),
        (b" \n", "empty", False),
        (b"# Read me\n", "not JSON", False),
        (b"a,b\n1,2\n", "not JSON", False),
        (b"\x00\x01\xff", "binary", False),
        (b"Event name,Event time\nListBuckets,x\n", "CloudTrail as a table (CSV)", False),
        (b'{"digestStartTime": "x", "digestEndTime": "y"}', "CloudTrail digest", False),
        (b'{"a": 1}', "JSON without CloudTrail records", False),
        (b"[]", "empty", False),
        (b"{not json", "not JSON", False),
        (
            json.dumps({"m": json.dumps(record())}).encode(),
            "CloudTrail in an unknown container",
            True,
        ),
        (b'{"a": [{"b": "x', "truncated JSON", True),
        (b'{"m": ' + json.dumps(json.dumps(record())).encode() + b"x}", "broken JSON", True),
        (b'{"class_uid": 1, "metadata": {}, "time": 1}', OCSF, False),
        (b'{"m": ' + json.dumps(json.dumps(record())).encode(), "truncated JSON", True),
    ],
)
def test_what_is_not_read_has_a_name(data: bytes, kind: str, faulty: bool) -> None:
    """Other content is named, and is a fault only when it looks like CloudTrail but is broken."""
    assert recognise(data) is None
    found, fault = kind_of(Expanded(data))
    assert (found, bool(fault)) == (kind, faulty)


@given(st.integers(0, 10_000))
def test_a_truncated_file_keeps_its_whole_records(cut: int) -> None:
    """Wherever the file ends, the complete records are stored and the rest is one reject."""
    data = records_file(record(1), record(2, userAgent='}],"\\'), record(3))
    cut = min(cut, len(data) - 2)
    decoder = recognise(data[:cut])
    if decoder is None:
        return
    rows, rejects = normalised(data[:cut])
    whole = [n for n in (1, 2, 3) if data.find(f'"R{n}"'.encode()) < cut]
    assert len(rows) in {len(whole), len(whole) - 1}
    assert [r.number for r in rejects] == [len(rows) + 1]


@pytest.mark.parametrize(
    "middle", [b"nope", b"{'single': 1}", b"[1, {]", b'{"a": tru}', b"12 34", b'"text"', b"null"]
)
def test_a_broken_record_costs_only_itself(middle: bytes) -> None:
    """A record that is no valid JSON, in either container, leaves its neighbours alone."""
    first, last = (json.dumps(record(n)).encode() for n in (1, 3))
    array = b'{"Records": [' + b", ".join([first, middle, last]) + b"]}"
    for data in (array, b"\n".join([first, middle, last])):
        rows, rejects = normalised(data)
        assert rows[0]["request_id"] == "R1"
        assert rejects[0].number == 2
        if middle not in (b"12 34", b"[1, {]") or data is not array:
            assert [row["request_id"] for row in rows] == ["R1", "R3"]


def test_large_content_is_decoded_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting content into blocks changes neither rows nor the numbers of rejects."""
    items: list[Any] = [record(n) for n in range(1, 40)]
    items[20] = record(21, eventTime=...)
    for data in (records_file(*items), ndjson_file(*items)):
        whole = normalised(data)
        narrow(monkeypatch, 1000)
        assert normalised(data) == whole
        assert [r.number for r in whole[1]] == [21]
        monkeypatch.undo()


def test_gzip_of_several_members_and_a_byte_order_mark() -> None:
    """Members are joined; a byte order mark is no content; plain bytes pass."""
    data = gzip.compress(b"\xef\xbb\xbfab") + gzip.compress(b"cd")
    assert expand(data).data == b"abcd"
    assert expand(b"\xef\xbb\xbfplain").data == b"plain"
    assert expand(gzip.compress(b"")).data == b""


@pytest.mark.parametrize(
    "stored",
    [
        gzip.compress(b"ab") + gzip.compress(b"cd"),
        gzip.compress(b"abcd") + b"no gzip",
        gzip.compress(b"abcd") + (4).to_bytes(4, "little"),
        gzip.compress(b"abcd") + bytes(512),
    ],
    ids=["members of one size", "what follows", "what says the size again", "padding"],
)
def test_gzip_that_does_not_end_with_its_only_member(stored: bytes) -> None:
    """The size at its end is a hint only: nothing of what is in the members is lost."""
    assert expand(stored) == Expanded(b"abcd")


@pytest.mark.parametrize(
    ("stored", "fault"),
    [
        (gzip.compress(b"x" * 5000, mtime=0)[:-9], "The gzip data ends too early"),
        (b"\x1f\x8b", "The gzip data ends too early"),
        (b"\x1f\x8bnonsense and more", "The gzip data is corrupt"),
        (
            gzip.compress(bytes(range(256)) * 9, mtime=0)[:-6] + b"abcdef",
            "The gzip data is corrupt",
        ),
    ],
    ids=["cut short", "two bytes", "not deflate", "wrong checksum"],
)
def test_broken_gzip_is_a_fault(stored: bytes, fault: str) -> None:
    """Broken gzip is told with its reason."""
    expanded = expand(stored)
    assert fault in expanded.fault
    assert expanded.kind == "corrupt gzip"


def test_a_gzip_bomb_ends_at_the_limit() -> None:
    """No more than the limit is expanded, over all members."""
    bomb = gzip.compress(bytes(1_000_000)) * 3
    expanded = expand(bomb, limit=2_000_000)
    assert (expanded.data, expanded.kind) == (b"", "too large")
    assert expand(bomb, limit=3_000_000).fault == ""
