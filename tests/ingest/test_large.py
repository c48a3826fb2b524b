"""Large content is read through a window, and gives what it gives when it is held whole."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import decoders
from pipeline.decoders import MAX_BYTES, compression, large, recognise
from pipeline.ingest import look
from pipeline.normalise import RecordShape, Reject, read
from pipeline.sources import Request
from tests.ingest.records import record, records_file, rows_of, run, table

MODULE = "pipeline.decoders.window"
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


def read_with(decoder: decoders.Decoder, data: bytes) -> tuple[object, list[Reject]]:
    parts = list(read(decoder, data, RecordShape()))
    return rows_of(*parts), [reject for part in parts for reject in part.rejects]


@pytest.mark.parametrize("window", [1_000, 2_000, 9_000, 1 << 20])
@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("stored_as", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_the_same_records_and_rejects(
    name: str, window: int, stored_as: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MODULE}.LARGE_BYTES", 0)
    monkeypatch.setattr(f"{MODULE}.PART_BYTES", window)
    content = CONTENTS[name]
    through_window = large(stored_as(content), MAX_BYTES)
    assert through_window is not None
    plain = content.removeprefix(b"\xef\xbb\xbf")
    whole = recognise(plain)
    assert whole is not None
    assert whole.name == through_window.decoder.name
    assert through_window.size == len(content)
    assert read_with(through_window.decoder, b"") == read_with(whole, plain)


def test_a_byte_order_mark_may_be_a_gzip_member_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{MODULE}.LARGE_BYTES", 0)
    monkeypatch.setattr(f"{MODULE}.PART_BYTES", 5_000)
    for content in (LISTS, LINES):
        found = large(gzip.compress(b"\xef\xbb\xbf") + gzip.compress(content), MAX_BYTES)
        whole = recognise(content)
        assert found is not None
        assert whole is not None
        assert read_with(found.decoder, b"") == read_with(whole, content)


def test_sound_content_is_cut_into_blocks_of_about_the_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing else would save memory."""
    monkeypatch.setattr(f"{MODULE}.LARGE_BYTES", 0)
    monkeypatch.setattr(f"{MODULE}.PART_BYTES", 5_000)
    for name in ("records", "pretty", "lines", "a further member"):
        for stored in (gzip.compress(CONTENTS[name]), CONTENTS[name]):
            found = large(stored, MAX_BYTES)
            assert found is not None
            assert max(map(len, found.decoder.blocks(b""))) < 12_000, name


@pytest.mark.parametrize("content", [b"{}", b"[]", b"hello", LISTS.decode().encode("utf-16")])
def test_other_content_is_left_to_the_usual_way(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MODULE}.LARGE_BYTES", 0)
    assert large(gzip.compress(content), MAX_BYTES) is None
    assert large(content, MAX_BYTES) is None
    assert large(gzip.compress(gzip.compress(content)), MAX_BYTES) is None
    assert large(gzip.compress(LISTS)[:-20], MAX_BYTES) is None
    assert large(gzip.compress(LISTS), len(LISTS) - 1) is None
    assert large(LISTS, len(LISTS) - 1) is None


def test_a_large_object_is_ingested_and_its_reject_has_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Truncated JSON in sound gzip: the whole records, and the byte where it ends."""
    monkeypatch.setattr(f"{MODULE}.LARGE_BYTES", 0)
    monkeypatch.setattr(f"{MODULE}.PART_BYTES", 5_000)
    content = LISTS[: len(LISTS) // 2]
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "cut.json.gz").write_bytes(gzip.compress(content))
    summary = run(tmp_path / "lake", tmp_path / "source")
    whole = len(re.findall(rb'}, {"eventVersion', content))
    assert (summary.records_read, summary.records_stored) == (whole + 1, whole)
    (reason,) = table(tmp_path / "lake", "rejects")["reason"]
    assert f"after {whole} whole records, at byte {len(content):,} of the content" in reason


@pytest.mark.parametrize("stored_as", [gzip.compress, bytes], ids=["gzip", "plain"])
@pytest.mark.parametrize("content", [LISTS, LINES, json.dumps(RECORDS).encode()])
def test_an_object_that_is_put_aside_gives_the_same(
    stored_as: Callable[[bytes], bytes],
    content: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether it is then read through the window or, as an array is, whole."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_bytes(stored_as(content))
    run(tmp_path / "lake", tmp_path / "source")
    held = [table(tmp_path / "lake", name) for name in ("events", "files")]
    monkeypatch.setattr(f"{MODULE}.LARGE_BYTES", 0)
    monkeypatch.setattr(f"{MODULE}.PART_BYTES", 5_000)
    monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", 0)
    run(tmp_path / "again", tmp_path / "source")
    for name, expected in zip(("events", "files"), held, strict=True):
        assert table(tmp_path / "again", name).equals(expected)


def test_a_bomb_is_counted_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever size its end claims."""
    monkeypatch.setattr(compression, "LARGE_BYTES", 1 << 20)
    held: list[int] = []
    joined = compression._joined

    def watched(parts: list[bytes]) -> bytes:
        held.append(sum(map(len, parts)))
        return joined(parts)

    monkeypatch.setattr(compression, "_joined", watched)
    honest = gzip.compress(bytes(30 << 20))
    for bomb in (honest, honest + gzip.compress(b"small")):
        expanded = compression.expand(bomb, limit=20 << 20)
        assert (expanded.data, expanded.kind) == (b"", "too large")
    assert held == []
    assert len(compression.expand(honest, limit=30 << 20).data) == 30 << 20


def test_the_first_look_does_not_hold_a_large_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it is of a known container is seen at its beginning."""
    monkeypatch.setattr(f"{MODULE}.LARGE_BYTES", 0)
    monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", 0)
    (tmp_path / "a.json").write_bytes(LISTS)
    monkeypatch.setattr(decoders, "contents", lambda *_: pytest.fail("It was read whole."))
    assert look([str(tmp_path)], Request()) is None
