"""Ingest as a whole: every record once, whatever the order, the pieces and the workers."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from pipeline.errors import RolecallError, SourceError
from pipeline.ingest import Progress, ingest, plan
from pipeline.lake import Lake
from pipeline.normalise import rebuild_record
from pipeline.sources import Unreadable
from tests.ingest.records import ndjson_file, record, records_file, run, table, write


def events(lake: Path) -> list[tuple[str, str | None]]:
    frame = table(lake, "events").select("event_id", "recipient_account_id").sort(pl.all())
    return list(frame.iter_rows())


def ids(lake: Path) -> list[int]:
    return [int(event_id[-12:]) for event_id, _ in events(lake)]


def test_files_of_any_form_are_stored(tmp_path: Path) -> None:
    """Records files and NDJSON, gzip or plain, whatever their names say."""
    source = tmp_path / "in"
    write(source / "a.json", records_file(record(1), record(2)))
    write(source / "b" / "c.json.gz", records_file(record(3)))
    write(source / "d.txt", ndjson_file(record(4), record(5)))
    write(source / "e.ndjson.gz", ndjson_file(record(6)))
    write(source / "f.json", records_file())
    summary = run(tmp_path / "lake", source)
    assert ids(tmp_path / "lake") == [1, 2, 3, 4, 5, 6]
    assert (summary.files_found, summary.files_new, summary.records_stored) == (5, 5, 6)
    assert summary.kinds == {"cloudtrail": 5}
    assert summary.complete


def test_a_second_run_stores_nothing(tmp_path: Path) -> None:
    """Files in the ledger are skipped and counted; a changed file is read again."""
    source = tmp_path / "in"
    write(source / "1.json", records_file(record(1)))
    write(source / "2.json", records_file(record(2)))
    run(tmp_path / "lake", source)
    before = table(tmp_path / "lake", "files")
    summary = run(tmp_path / "lake", source)
    assert (summary.files_new, summary.files_skipped, summary.records_read) == (0, 2, 0)
    assert_frame_equal(table(tmp_path / "lake", "files"), before)
    write(source / "2.json", records_file(record(2), record(3)))
    summary = run(tmp_path / "lake", source)
    assert (summary.files_skipped, summary.records_stored, summary.records_duplicate) == (1, 1, 1)
    assert ids(tmp_path / "lake") == [1, 2, 3]


def test_equal_means_the_same_id_and_account(tmp_path: Path) -> None:
    """The pair is the key; a missing account equals a missing account; the first file wins."""
    source = tmp_path / "in"
    same = record(1, recipientAccountId=...)
    write(source / "1.json", records_file(same, same, record(1)))
    write(source / "2.json", records_file(same, record(1, recipientAccountId="2"), record(1)))
    run(tmp_path / "lake", source)
    key = "00000000-0000-4000-8000-000000000001"
    expected = [(key, None), (key, "111122223333"), (key, "2")]
    assert sorted(events(tmp_path / "lake"), key=str) == sorted(expected, key=str)
    counts = table(tmp_path / "lake", "files").select("records_stored", "records_duplicate")
    assert list(counts.iter_rows()) == [(2, 1), (1, 2)]


def test_a_repeat_on_another_day_is_a_repeat(tmp_path: Path) -> None:
    """The key is unique over the whole table, in one run and between runs."""
    late = record(1, eventTime="2026-11-21T00:00:39Z")
    source = tmp_path / "in"
    write(source / "1.json", records_file(record(1), late))
    run(tmp_path / "lake", source)
    write(source / "2.json", records_file(late))
    summary = run(tmp_path / "lake", source)
    assert (summary.records_stored, summary.records_duplicate) == (0, 1)
    assert ids(tmp_path / "lake") == [1]


def world(folder: Path, files: int, seed: int = 1) -> Path:
    """Files of random records, with repeats between files, oddities and things to reject."""
    draw = random.Random(seed)
    for number in range(files):
        items: list[Any] = []
        for _ in range(draw.randrange(12)):
            one = draw.randrange(files * 8)
            odds: dict[int, dict[str, Any]] = {
                3: {"eventID": ...},
                5: {"new": one},
                7: {"readOnly": "true"},
            }
            odd = odds.get(one % 11, {})
            day = 20 + one % 3
            items.append(record(one, eventTime=f"2026-11-{day}T10:00:00Z", **odd))
        if number % 5 == 2:
            items.append(record(1, eventTime=...))
        data = ndjson_file(*items) if number % 3 == 1 else records_file(*items)
        name = f"{draw.randrange(4)}/{number:03}.json" + (".gz" if number % 2 else "")
        write(folder / name, data)
    write(folder / "README.md", b"# Not a log\n")
    write(folder / "cut.json", records_file(record(1), record(2))[:-300])
    return folder


def test_order_pieces_and_workers_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, in pieces, backwards, in many batches, in processes: the same events."""
    source = world(tmp_path / "in", 40)
    once = run(tmp_path / "once", source)
    files = sorted(p for p in source.rglob("*") if p.is_file())
    for path in reversed(files):
        run(tmp_path / "pieces", path)
    monkeypatch.setattr(plan, "BATCH_BYTES", 10_000)
    monkeypatch.setattr(plan, "_SMALL_OBJECTS", 1)
    many = run(tmp_path / "many", source, workers=3)
    assert once.records_duplicate > 20
    assert once == many
    expected = table(tmp_path / "once", "events")
    assert_frame_equal(table(tmp_path / "many", "events"), expected)
    pieces = table(tmp_path / "pieces", "events").drop("source_file")
    expected = expected.drop("source_file")
    assert_frame_equal(pieces, expected.sort(expected.columns, nulls_last=True))
    for name in ("files", "rejects"):
        left, right = (table(tmp_path / lake, name).drop("batch_id") for lake in ("once", "many"))
        assert_frame_equal(left, right)


def test_every_record_is_accounted_for(tmp_path: Path) -> None:
    """Read = stored + duplicate + rejected, in the summary, the ledger and the tables."""
    source = world(tmp_path / "in", 30)
    summary = run(tmp_path / "lake", source)
    files, rejects = (table(tmp_path / "lake", name) for name in ("files", "rejects"))
    sums = files.select(pl.col("^records_.*$").sum()).row(0, named=True)
    assert sums == {
        "records_read": summary.records_read,
        "records_stored": summary.records_stored,
        "records_duplicate": summary.records_duplicate,
        "records_rejected": summary.records_rejected,
    }
    assert summary.records_read == sums["records_stored"] + sums["records_duplicate"] + len(rejects)
    assert len(table(tmp_path / "lake", "events")) == summary.records_stored
    assert summary.files_found == len(files) == 32


def test_what_is_not_cloudtrail_is_named_not_rejected(tmp_path: Path) -> None:
    """A README, a table, a picture, a notification: counted by kind, no reject, no record."""
    source = tmp_path / "in"
    notification = {"eventSource": "aws:s3", "eventName": "Put", "eventTime": "x", "s3": {}}
    write(source / "README.md", b"# Read me")
    write(source / "picture.png", bytes(range(256)))
    write(source / "empty.json", b"")
    write(source / "notice.json", records_file(notification))
    write(source / "digest.json.gz", json.dumps({"digestStartTime": "x"}).encode())
    summary = run(tmp_path / "lake", source)
    assert summary.kinds == {
        "CloudTrail digest": 1,
        "JSON without CloudTrail records": 1,
        "binary": 1,
        "empty": 1,
        "not JSON": 1,
    }
    assert (summary.files_not_cloudtrail, summary.records_read, summary.complete) == (5, 0, True)
    assert run(tmp_path / "lake", source).files_skipped == 5


def test_broken_files_are_rejected_and_their_good_part_stored(tmp_path: Path) -> None:
    """A corrupt gzip is a reject of the file; what comes before the fault is stored."""
    source = tmp_path / "in"
    whole = write(source / "1.json.gz", records_file(*(record(n) for n in range(1, 500))))
    whole.write_bytes(whole.read_bytes()[:-200])
    (source / "2.gz").write_bytes(b"\x1f\x8bnonsense")
    (source / "3.json").write_bytes(b"[" + json.dumps(record()).encode()[:-50])
    summary = run(tmp_path / "lake", source)
    assert summary.files_rejected == 2
    assert not summary.complete
    assert ids(tmp_path / "lake") == list(range(1, summary.records_stored + 1))
    assert summary.records_stored > 100
    rejects = table(tmp_path / "lake", "rejects").filter(pl.col("record_number") == 0)
    assert [Path(uri).name for uri in rejects["uri"]] == ["1.json.gz", "2.gz"]
    cut = table(tmp_path / "lake", "rejects").filter(pl.col("uri").str.ends_with("3.json"))
    assert cut["record_number"].to_list() == [1]


def test_a_bomb_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that is too large, or expands too far, is rejected and the others stored."""
    monkeypatch.setattr("pipeline.decoders.MAX_BYTES", 100_000)
    source = tmp_path / "in"
    write(source / "bomb.gz", bytes(1_000_000))
    write(source / "plain.json", b" " * 100_001)
    write(source / "good.json", records_file(record(1)))
    summary = run(tmp_path / "lake", source)
    assert (summary.files_rejected, summary.records_stored) == (2, 1)
    assert summary.kinds == {"cloudtrail": 1, "too large": 2}


def test_what_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    """An unreadable file is told, is not in the ledger, and is read by the next run."""
    source = tmp_path / "in"
    write(source / "1.json", records_file(record(1)))
    link = source / "2.json"
    link.symlink_to(tmp_path / "later.json")
    summary = run(tmp_path / "lake", source)
    assert summary.unreadable == (Unreadable(link.as_posix(), "No such file or directory."),)
    assert (summary.files_found, summary.files_new, summary.complete) == (2, 1, False)
    write(tmp_path / "later.json", records_file(record(2)))
    assert run(tmp_path / "lake", source).records_stored == 1
    assert ids(tmp_path / "lake") == [1, 2]


def test_a_file_that_vanishes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file gone between listing and reading costs only itself."""
    source = tmp_path / "in"
    paths = [write(source / f"{n}.json", records_file(record(n))) for n in (1, 2, 3)]
    planned = plan.batches

    def vanish(objects: Any) -> Any:
        paths[1].unlink()
        return planned(objects)

    monkeypatch.setattr("pipeline.ingest.run.batches", vanish)
    summary = run(tmp_path / "lake", source)
    assert [item.uri for item in summary.unreadable] == [paths[1].as_posix()]
    assert ids(tmp_path / "lake") == [1, 3]


def test_a_fault_does_not_cost_the_batches_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was finished is committed, though a commit usually waits for more batches."""
    for number in range(1, 5):
        write(tmp_path / "in" / f"{number}.json", records_file(record(number)))
    monkeypatch.setattr(plan, "BATCH_BYTES", 1)
    planned = plan.batches

    def failing(objects: Any) -> Any:
        for number, batch in enumerate(planned(objects)):
            if number == 3:
                raise RolecallError("Nobody survives this one.")
            yield batch

    monkeypatch.setattr("pipeline.ingest.run.batches", failing)
    with pytest.raises(RolecallError, match="Nobody survives"):
        run(tmp_path / "lake", tmp_path / "in")
    assert ids(tmp_path / "lake") == [1, 2, 3]


def test_nothing_to_read(tmp_path: Path) -> None:
    """An empty folder is no error; a missing path is."""
    (tmp_path / "in").mkdir()
    summary = run(tmp_path / "lake", tmp_path / "in")
    assert (summary.files_found, summary.records_read, summary.complete) == (0, 0, True)
    with pytest.raises(SourceError, match="no such file or folder"):
        run(tmp_path / "lake", tmp_path / "missing")


def test_a_lake_inside_the_source_is_not_read(tmp_path: Path) -> None:
    """`rolecall ingest .` with the lake in the same folder reads the logs alone."""
    write(tmp_path / "1.json", records_file(record(1)))
    assert run(tmp_path / "lake", tmp_path).files_found == 1
    assert run(tmp_path / "lake", tmp_path).files_found == 1


def test_files_are_sorted_and_filtered(tmp_path: Path) -> None:
    """Inside a file rows go by access key then time; the key columns have bloom filters."""
    items = [
        record(
            n,
            eventTime=f"2026-11-20T10:{59 - n:02}:00Z",
            userIdentity={"accessKeyId": f"AKIA{n % 3}"} if n % 4 else {},
        )
        for n in range(40)
    ]
    source = write(tmp_path / "1.json", records_file(*items))
    run(tmp_path / "lake", source)
    (path,) = Lake.open(str(tmp_path / "lake")).parquet_files("events")
    frame = pl.read_parquet(path).select("user_access_key_id", "event_time")
    assert frame.equals(frame.sort(frame.columns, nulls_last=True))
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    filtered = {c.path_in_schema for c in columns if c.bloom_filter_offset is not None}
    assert filtered == {"user_access_key_id"}


def test_stored_records_can_be_rebuilt(tmp_path: Path) -> None:
    """What `show` prints is the record that was read."""
    items = [record(n, odd={"n": n}, apiVersion="", userAgent=None) for n in range(5)]
    run(tmp_path / "lake", write(tmp_path / "1.json", records_file(*items)))
    rows = table(tmp_path / "lake", "events").sort("event_id").iter_rows(named=True)
    assert [rebuild_record(row) for row in rows] == items


def test_progress_ends_at_its_totals(tmp_path: Path) -> None:
    """Progress is told in steps and ends where the totals say."""
    source = world(tmp_path / "in", 10)
    steps: list[Progress] = []
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    summary = ingest([str(source)], lake, workers=1, progress=steps.append)
    last = steps[-1]
    assert (last.files_done, last.bytes_done) == (last.files_total, last.bytes_total)
    assert (last.files_total, last.records) == (summary.files_new, summary.records_read)


def test_a_fault_in_a_worker_reaches_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong in a process is raised here, and what was committed stays."""
    monkeypatch.setattr(plan, "BATCH_BYTES", 1000)
    monkeypatch.setattr(plan, "_SMALL_OBJECTS", 1)
    source = world(tmp_path / "in", 10)
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    with lake.writer() as writer:
        blocker = Path(str(writer.event_writer().folder)) / "event_date=2026-11-21"
    blocker.write_text("a file where a folder must be")
    with pytest.raises(Exception, match="cannot be written"):
        ingest([str(source)], lake, workers=2)
    blocker.unlink()
    assert ingest([str(source)], lake, workers=2).records_stored > 0
