"""Large content is read through a window, and gives what it gives when it is held whole."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.decoders import (
    CUT,
    JUNK,
    MAX_BYTES,
    UncutError,
    blocks,
    compression,
    contents,
    kind_of,
    log_lines,
    recognise,
)
from pipeline.ingest import look
from pipeline.normalise import RecordShape, read
from pipeline.sources import Request
from pipeline.sources.aside import OnDisk
from tests.ingest.containers import CONTAINERS, zip_of
from tests.ingest.records import narrow, normalised, record, records_file, rows_of, run, table

OF_ONE_ITEM = ("envelope of Lambda", "envelope of SNS, bare", "envelope of SNS in SQS")
NESTED = {"items": [{"a": 1}, {"b": "},{"}, {"c": [{"d": 2}, {"e": '}, {"Records":['}]}]}
RECORDS = [record(n, requestParameters=NESTED) for n in range(1, 60)]
LISTS = records_file(*RECORDS)
LINES = b"\n".join(json.dumps(item).encode() for item in RECORDS)
ODD = [*RECORDS[:20], {"eventVersion": "1.08"}, 7, record(99, eventTime="never"), *RECORDS[20:]]

CONTENTS = {
    "records": LISTS,
    "pretty": json.dumps({"Records": RECORDS}, indent=2).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + LISTS,
    "a further member": LISTS[:-1] + b', "more": [{"a": 1}, {"b": 2}]}',
    "two files as one": LISTS + b"\n" + records_file(*(record(n) for n in range(100, 130))),
    "odd records": json.dumps({"Records": ODD}).encode(),
    "cut in mid-record": LISTS[: len(LISTS) // 2],
    "a break in the middle": LISTS.replace(b'"eventID"', b'"eventID', 30).replace(
        b'"eventID', b'"eventID"', 29
    ),
    "not UTF-8": LISTS.replace(b'"a"', b'"\xff"', 1),
    "empty list": b'{"Records":[]}',
    "lines": LINES,
    "lines with an end": LINES + b"\n",
    "odd lines": b"\n\n".join(json.dumps(item).encode() for item in ODD),
    "cut lines": LINES[:-100],
    "one line": json.dumps(record(1)).encode(),
    "Windows lines": LINES.replace(b"\n", b"\r\n"),
}


def broken(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The content as it is, and in the ways in which it breaks."""
    yield "sound", data
    yield "cut", data[: len(data) * 2 // 3]
    for name, mark, put in (
        ("a quote is missing", b"eventID", b'eventID"'),
        ("a brace is missing", b"192.0.2.1", b"192.0.2.1}"),
        ("no JSON", b"ListBuckets", b'"x" tru'),
        ("not UTF-8", b"ListBuckets", b"\xff\xfe"),
    ):
        start = data.find(mark, len(data) // 2)
        yield name, data[:start] + put + data[start + len(mark) :]


def outcome(stored: bytes) -> list[object]:
    """What all contents of an object give: kind, rows, rejects, size."""
    found: list[object] = []
    for content in contents(stored, MAX_BYTES):
        decoder = recognise(content.data)
        parts = list(read(decoder, blocks(decoder, content), RecordShape())) if decoder else []
        rejects = [reject for part in parts for reject in part.rejects]
        name = decoder.name if decoder else kind_of(content)
        found.append((name, rows_of(*parts), rejects, content.fault, content.member, content.size))
    return found


@pytest.mark.parametrize("window", [1_000, 2_000, 9_000, 1 << 20])
@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("stored_as", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_the_same_records_and_rejects(
    name: str, window: int, stored_as: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = stored_as(CONTENTS[name])
    whole = outcome(stored)
    narrow(monkeypatch, window)
    assert outcome(stored) == whole


@pytest.mark.parametrize("name", [name for name in CONTAINERS if name not in OF_ONE_ITEM])
def test_every_container_sound_and_broken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = CONTAINERS[name](*RECORDS[:30])
    for way, data in broken(stored):
        if way != "sound" and ("gzip" in name or "envelope" in name):
            continue  # these break elsewhere
        whole = outcome(data)
        for window in (1_500, 6_000):
            with monkeypatch.context() as patch:
                narrow(patch, window, head=100_000 if "envelope" in name else 4_000)
                assert outcome(data) == whole, (way, window)


def test_a_large_object_is_ingested_and_its_reject_has_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Truncated JSON in sound gzip: the whole records, and the byte where it ends."""
    narrow(monkeypatch, 5_000)
    content = LISTS[: len(LISTS) // 2]
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "cut.json.gz").write_bytes(gzip.compress(content))
    summary = run(tmp_path / "lake", tmp_path / "source")
    whole = len(re.findall(rb'}, {"eventVersion', content))
    assert (summary.records_read, summary.records_stored) == (whole + 1, whole)
    (reason,) = table(tmp_path / "lake", "rejects")["reason"]
    assert f"after {whole} whole records, at byte {len(content):,} of the content" in reason


@pytest.mark.parametrize("stored_as", [gzip.compress, bytes], ids=["gzip", "plain"])
@pytest.mark.parametrize(
    "content",
    [LISTS, LINES, json.dumps(RECORDS).encode(), zip_of({"a": LISTS, "b": LINES})],
    ids=["records", "lines", "array", "zip"],
)
def test_an_object_that_is_put_aside_gives_the_same(
    stored_as: Callable[[bytes], bytes],
    content: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_bytes(stored_as(content))
    run(tmp_path / "lake", tmp_path / "source")
    held = [table(tmp_path / "lake", name) for name in ("events", "files")]
    narrow(monkeypatch, 5_000)
    monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", 0)
    run(tmp_path / "again", tmp_path / "source")
    for name, expected in zip(("events", "files"), held, strict=True):
        assert table(tmp_path / "again", name).equals(expected)


@pytest.mark.parametrize("name", [name for name in CONTAINERS if name not in OF_ONE_ITEM])
def test_content_is_cut_into_blocks_of_about_the_window(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would save memory; what one item of an envelope carries is held."""
    narrow(monkeypatch, 5_000, head=100_000 if "envelope" in name else 4_000)
    data = CONTAINERS[name](*RECORDS)
    for content in contents(data, MAX_BYTES):
        decoder = recognise(content.data)
        if decoder is not None:
            assert max(map(len, blocks(decoder, content))) < 12_000


@pytest.mark.parametrize("name", OF_ONE_ITEM)
def test_a_large_envelope_of_one_item_is_a_fault(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services send none, and to hold it whole is what must not be."""
    narrow(monkeypatch, 5_000, head=100_000)
    found = list(contents(CONTAINERS[name](*RECORDS[:9]), MAX_BYTES))
    assert [(content.data, content.kind) for content in found] == [(b"", "large envelope")]
    assert "envelope of one item" in found[0].fault


def test_what_is_not_opened_costs_no_other_member(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large envelope of one item, and what is gzipped too often; the members after them count."""
    gzipped = LINES
    for _ in range(4):
        gzipped = gzip.compress(gzipped)
    narrow(monkeypatch, 5_000, head=100_000)
    stored = zip_of({"a": CONTAINERS[OF_ONE_ITEM[0]](*RECORDS), "b": gzipped, "c": LISTS})
    found = [content for content in contents(stored, MAX_BYTES) if content.kind != JUNK]
    assert [(content.member, content.kind) for content in found] == [
        ("a", "large envelope"),
        ("b", "too deep"),
        ("c", ""),
    ]


def test_many_items_of_an_envelope_are_opened_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    item = json.loads(CONTAINERS["envelope of SQS"](*RECORDS[:3]))["Records"][0]
    data = json.dumps({"Records": [item] * 9, "more": 1}).encode()
    whole = outcome(data)
    assert len(whole) == 9
    narrow(monkeypatch, 6_000)
    monkeypatch.setattr(compression, "LARGE_BYTES", 10_000)
    assert outcome(data) == whole


@pytest.mark.parametrize("content", [b"[7, " + b"9" * 5_000, b'{"Records":[{"a":"' + b"x" * 5_000])
def test_what_never_ends_is_not_held(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records before it are read; what follows is told as one reject."""
    data = LISTS[:-2].rstrip() + b", " + content
    narrow(monkeypatch, 1_000)
    monkeypatch.setattr("pipeline.decoders.window.LONGEST_BYTES", 4_000)
    (large,) = contents(data, MAX_BYTES)
    decoder = recognise(large.data)
    assert decoder is not None
    found: list[Any] = []
    with pytest.raises(UncutError, match="Within 4,000 bytes no record ends"):
        found.extend(decoder.decode(block, dict) for block in blocks(decoder, large))
    assert sum(map(len, found)) == len(RECORDS)


def test_an_object_that_cannot_be_cut_keeps_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch, 1_000)
    monkeypatch.setattr("pipeline.decoders.window.LONGEST_BYTES", 4_000)
    source = tmp_path / "a.json"
    source.write_bytes(LISTS[:-2].rstrip() + b', {"a": "' + b"x" * 9_000)
    summary = run(tmp_path / "lake", source)
    assert (summary.records_stored, summary.files_rejected) == (len(RECORDS), 1)
    (reason,) = table(tmp_path / "lake", "rejects")["reason"]
    assert reason.startswith("Within 4,000 bytes no record ends: the rest is not read.")


def test_after_a_break_the_next_margin_is_a_place_to_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects over several lines, one of them without its end."""
    texts = [json.dumps(item, indent=1) for item in RECORDS]
    texts[20] = texts[20][:-2]
    narrow(monkeypatch, 2_000)
    monkeypatch.setattr("pipeline.decoders.window.LONGEST_BYTES", 16_000)
    rows, rejects = normalised("\n".join(texts).encode())
    assert len(rows) == len(RECORDS) - 1
    assert [reject.number for reject in rejects] == [21]


def test_arrays_may_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `cat a.json b.json` gives; and nothing after an array is passed over in silence."""
    first, second = json.dumps(RECORDS[:20]).encode(), json.dumps(RECORDS[20:]).encode()
    lookups = [CONTAINERS["EventBridge, array"](*part) for part in (RECORDS[:20], RECORDS[20:])]
    for data in (first + b"\n" + second, first + second, b"\n\n".join(lookups)):
        rows, rejects = normalised(data)
        assert (len(rows), rejects) == (len(RECORDS), [])
        with monkeypatch.context() as patch:
            narrow(patch, 3_000)
            assert normalised(data) == (rows, [])
    rows, rejects = normalised(first + b" and more")
    assert [(len(rows), r.number, r.reason) for r in rejects] == [
        (20, 21, "It follows an array and is none.")
    ]


def test_a_cut_is_never_within_a_list_that_has_something_odd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Several lists in a part, each with a record a line, one of them no JSON."""
    lists = [CONTAINERS["Records, a record a line"](*RECORDS[n : n + 3]) for n in range(0, 30, 3)]
    lists[4] = lists[4].replace(b"ListBuckets", b"List\tBuckets", 1)
    whole = normalised(b"".join(lists))
    assert len(whole[0]) + len(whole[1]) == 30
    for window in (3_000, 9_000):
        with monkeypatch.context() as patch:
            narrow(patch, window)
            assert normalised(b"".join(lists)) == whole


def test_a_text_after_a_list_that_is_cut_is_told() -> None:
    """However little of it there is."""
    rows, rejects = normalised(LISTS + b'\n{"eventVersion": "1.0')
    assert (len(rows), [reject.reason for reject in rejects]) == (len(RECORDS), [CUT])


def test_a_mark_before_a_log_line_is_no_array() -> None:
    for records in (RECORDS, RECORDS[:1]):
        lines = b"\n".join(b"[INFO] " + json.dumps(item).encode() for item in records)
        assert recognise(lines) is log_lines.DECODER
        rows, rejects = normalised(lines)
        assert (len(rows), rejects) == (len(records), [])


def test_utf16_and_gzip_in_gzip_are_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a part ends in mid-character; half a character at the end is a cut file."""
    text = LISTS.decode().replace("aws-cli", "aws-\U0001f600-ä")
    for stored in (text.encode("utf-16"), text.encode("utf-16")[:-5]):
        whole = outcome(stored)
        for size in (999, 2_000):
            with monkeypatch.context() as patch:
                narrow(patch, size)
                assert outcome(stored) == whole
                assert outcome(gzip.compress(gzip.compress(stored))) == whole
    assert whole[0][2][0].reason == CUT  # type: ignore[index]


def test_of_cut_gzip_in_gzip_nothing_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the outer data ends, all is given that the inner data has until there."""
    stored = gzip.compress(gzip.compress(LINES * 50))[:-20]
    narrow(monkeypatch, 4 << 20)
    (whole,) = contents(stored, MAX_BYTES)
    narrow(monkeypatch, 1_000)
    (found,) = contents(stored, MAX_BYTES)
    assert (found.size, found.fault) == (whole.size, whole.fault)
    assert found.large is not None
    assert sum(map(len, found.large.parts())) == found.size


def test_a_bomb_is_counted_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever size its end claims, in gzip, in layers of it and in zip."""
    narrow(monkeypatch, 64 << 10)
    monkeypatch.setattr(compression, "LARGE_BYTES", 1 << 20)
    held: list[int] = []
    joined = compression._joined

    def watched(parts: list[bytes]) -> bytes:
        held.append(sum(map(len, parts)))
        return joined(parts)

    monkeypatch.setattr(compression, "_joined", watched)
    honest = gzip.compress(bytes(30 << 20))
    for bomb in (honest, honest + gzip.compress(b"small"), gzip.compress(honest)):
        expanded = compression.expand(bomb, limit=20 << 20)
        assert (expanded.data, expanded.kind) == (b"", "too large")
    (content,) = (c for c in contents(zip_of({"a": bytes(30 << 20)}), 20 << 20) if c.kind != JUNK)
    assert (content.data, content.kind) == (b"", "too large")
    assert max(held) < 2 << 20
    assert compression.expand(honest, limit=30 << 20).size == 30 << 20


def test_the_first_look_does_not_hold_a_large_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it is of a known container is seen at its beginning."""
    narrow(monkeypatch, 5_000)
    monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", 0)
    monkeypatch.setattr(OnDisk, "__getitem__", _a_part_only)
    (tmp_path / "a.json").write_bytes(LISTS)
    assert look([str(tmp_path)], Request()) is None


_PART = OnDisk.__getitem__


def _a_part_only(stored: OnDisk, part: slice) -> bytes:
    read_part = _PART(stored, part)
    assert len(read_part) <= 5_000
    return read_part
