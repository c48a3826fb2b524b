"""What gave no record is read again by newer decoders, and never falls out of sight."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import decoders
from pipeline.attribution import build
from pipeline.ingest import look
from pipeline.lake import Batch, Lake, known, outdated
from pipeline.schema import CLOUDTRAIL, FILES, REJECTS_SCHEMA, arrow_schema
from pipeline.sources import ListedDays, Request, SourceObject, find, reopened
from pipeline.warehouse import Warehouse
from tests.ingest.records import ndjson_file, record, records_file, run, table, write

OLD_FILES_SCHEMA = arrow_schema(tuple(c for c in FILES if c.name != "decoder_version"))


def booked(lake: Path, monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, str, str, int]) -> None:
    """A lake as a rolecall without `decoder_version` wrote it: (uri, print, kind, rejected)."""
    ledger = [
        {
            "uri": uri,
            "fingerprint": fingerprint,
            "kind": kind,
            "records_read": max(rejected, 0),
            "records_rejected": rejected,
            "batch_id": "old",
            "ingested_at": datetime(2026, 1, 1, tzinfo=UTC),
        }
        for uri, fingerprint, kind, rejected in rows
    ]
    monkeypatch.setattr("pipeline.lake.batches.FILES_SCHEMA", OLD_FILES_SCHEMA)
    with Lake.create_or_open(str(lake)).writer() as writer:
        files = pa.Table.from_pylist(ledger, OLD_FILES_SCHEMA)
        writer.commit(Batch([], files, REJECTS_SCHEMA.empty_table()))
    monkeypatch.undo()


def test_what_an_older_rolecall_got_nothing_from_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once; what gave records, or holds none of its own, is skipped as before."""
    paths = [write(tmp_path / "in" / f"{n}.json", records_file(record(n))) for n in range(5)]
    found = find([str(tmp_path / "in")])
    prints = [item.fingerprint for item in found if isinstance(item, SourceObject)]
    kinds = ["CloudTrail in an unknown container", "corrupt gzip", CLOUDTRAIL, CLOUDTRAIL, "empty"]
    rejected = [0, 0, 0, 1, 0]
    rows = zip(map(str, paths), prints, kinds, rejected, strict=True)
    booked(tmp_path / "lake", monkeypatch, *rows)
    summary = run(tmp_path / "lake", tmp_path / "in")
    assert (summary.files_new, summary.files_skipped, summary.records_stored) == (4, 1, 4)
    assert run(tmp_path / "lake", tmp_path / "in").files_skipped == 5
    lake = Lake.open(str(tmp_path / "lake"))
    build(lake)
    with Warehouse.open(lake) as warehouse:
        versions = warehouse.sql("select decoder_version from files")["decoder_version"]
        assert versions.sort().to_list() == [*[None] * 5, *[decoders.VERSION] * 4]
    lake.compact(datetime(2026, 2, 1, tzinfo=UTC))
    assert run(tmp_path / "lake", tmp_path / "in").files_skipped == 5


def test_a_rejected_file_is_read_again_when_it_or_the_decoders_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third run with neither skips it."""
    cut = write(tmp_path / "in" / "cut.json", b'{"Records": [{"eventVersion": "1.1')
    assert run(tmp_path / "lake", tmp_path / "in").records_rejected == 1
    assert run(tmp_path / "lake", tmp_path / "in").files_skipped == 1
    monkeypatch.setattr("pipeline.decoders.VERSION", decoders.VERSION + 1)
    assert run(tmp_path / "lake", tmp_path / "in").records_rejected == 1
    assert run(tmp_path / "lake", tmp_path / "in").files_skipped == 1
    write(cut, records_file(record(1)))
    assert run(tmp_path / "lake", tmp_path / "in").records_stored == 1


def test_the_ledger_names_what_an_older_version_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By uri, for the days of S3 that have to be listed again."""
    rows = [("s3://b/a", "1", "binary", 0), ("s3://b/b", "1", CLOUDTRAIL, 0)]
    booked(tmp_path / "lake", monkeypatch, *rows)
    files = Lake.open(str(tmp_path / "lake")).parquet_files("files")
    assert outdated(files, 1) == ["s3://b/a"]
    assert outdated(files, 0) == []
    asked = [("s3://b/b", "2"), ("s3://b/a", "1"), ("s3://b/b", "1"), ("s3://b/b", "1")]
    for prints in ([asked], [[one] for one in asked]):
        assert known(files, prints, 1).to_list() == [False, False, True, True]
    assert known(files, [], 1).to_list() == []


def test_days_of_objects_are_opened_again() -> None:
    """Only their days, only in their folder."""
    folder = "s3://b/AWSLogs/111122223333/CloudTrail/eu-west-1/"
    days = {name: (ListedDays(name, date(2026, 1, 1), date(2026, 1, 3)),) for name in (folder, "x")}
    assert reopened(days, [f"{folder}2026/01/02/a.json.gz", "s3://b/elsewhere"]) == {
        folder: (
            ListedDays(folder, date(2026, 1, 1), date(2026, 1, 1)),
            ListedDays(folder, date(2026, 1, 3), date(2026, 1, 3)),
        ),
        "x": days["x"],
    }


@pytest.mark.parametrize("container", [records_file, ndjson_file])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_truncated_file_says_where(tmp_path: Path, zipped: bool, container: object) -> None:
    """How many records came before, and at which byte of the content it ends."""
    data = records_file if container is records_file else ndjson_file
    whole = data(record(1), record(2), record(3))
    cut = whole[: whole.find(b"R3")]
    name = "a.json.gz" if zipped else "a.json"
    path = write(tmp_path / "in" / name, cut)
    if zipped:
        stored = gzip.compress(whole, 0, mtime=0)  # uncompressed inside, so it can be cut anywhere
        path.write_bytes(stored[: stored.find(b"R3")])
    summary = run(tmp_path / "lake", tmp_path / "in")
    assert (summary.records_read, summary.records_stored, summary.records_rejected) == (3, 2, 1)
    place = f"after 2 whole records, at byte {len(cut):,} of the content."
    rejects = table(tmp_path / "lake", "rejects")
    found = dict(rejects.select("record_number", "reason").iter_rows())
    expected = {3: f"The file ends in mid-record, {place}"}
    if zipped:
        expected[0] = f"The gzip data ends too early, {place}"
    assert found == expected


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_file_cut_before_its_first_record_is_never_foreign(tmp_path: Path, cut: int) -> None:
    """Wherever it ends, it is a reject: nothing says that it was not CloudTrail."""
    write(tmp_path / "in" / "a.json", records_file(record(1))[:cut])
    summary = run(tmp_path / "lake", tmp_path / "in")
    assert not summary.complete
    reasons = table(tmp_path / "lake", "rejects")["reason"].to_list()
    assert len(reasons) == 1
    assert f"after 0 whole records, at byte {cut} of the content." in reasons[0]


def test_a_first_look_finds_cloudtrail_or_names_the_rest(tmp_path: Path) -> None:
    """Broken and unreadable files may be CloudTrail, and are worth a lake."""
    source = tmp_path / "in"
    write(source / "README", b"# Read me")
    write(source / "a.json.gz", json.dumps({"a": 1}).encode())
    seen = look([str(source)], Request())
    assert seen is not None
    assert seen[0].kinds == {"JSON without CloudTrail records": 1, "not JSON": 1}
    assert seen[1][str(source / "README")] == "not JSON"
    for name, data in {"z.json": records_file(record(1)), "y.gz": b"\x1f\x8b"}.items():
        (source / name).write_bytes(data)
        assert look([str(source)], Request()) is None
        (source / name).unlink()
    (source / "link").symlink_to(tmp_path / "nowhere")
    assert look([str(source)], Request()) is None


def test_a_source_without_cloudtrail_is_told_each_time(tmp_path: Path) -> None:
    """A file that was rejected may be CloudTrail: it was told, and is not told as foreign."""
    run(tmp_path / "lake", write(tmp_path / "good.json", records_file(record(1))))
    notes = write(tmp_path / "in" / "notes.txt", b"no CloudTrail")
    for _ in range(2):
        assert run(tmp_path / "lake", tmp_path / "in").is_all_foreign
    assert not run(tmp_path / "lake", notes, tmp_path / "good.json").is_all_foreign
    write(tmp_path / "in" / "broken.json.gz", gzip.compress(records_file(record(2)))[:-30])
    for _ in range(2):
        assert not run(tmp_path / "lake", tmp_path / "in").is_all_foreign
    assert run(tmp_path / "lake", notes).is_all_foreign
