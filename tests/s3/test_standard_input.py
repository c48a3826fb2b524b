"""Standard input as a source, written `-`."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.ingest import IngestSummary, ingest
from pipeline.lake import Lake
from pipeline.sources import standard_input
from tests.front.terminal import rolecall
from tests.ingest.records import record, records_file, table, write
from tests.s3.trail import stored


def pipe_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def run(lake: Path, *locations: str) -> IngestSummary:
    return ingest(locations, Lake.create_or_open(str(lake)), workers=1)


def test_standard_input_is_an_object_named_after_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piped twice it is read once, and it may stand beside files."""
    file = write(tmp_path / "a.json", records_file(record(1)))
    for skipped in (0, 2):
        pipe_in(monkeypatch, gzip.compress(records_file(record(2)), mtime=0))
        assert run(tmp_path / "lake", "-", str(file)).files_skipped == skipped
    assert stored(tmp_path / "lake") == [1, 2]
    assert table(tmp_path / "lake", "files")["uri"].str.starts_with("stdin:").sum() == 1


def test_files_piped_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cat *.json.gz | rolecall ingest -`: gzip members and lists that follow each other; a bad
    record costs itself.
    """
    parts = [records_file(record(1), record(2)), records_file(), records_file(record(3), 7)]
    parts.append(b"\n" + records_file(record(4)))
    pipe_in(monkeypatch, b"".join(gzip.compress(part, mtime=0) for part in parts))
    summary = run(tmp_path / "lake", "-")
    assert stored(tmp_path / "lake") == [1, 2, 3, 4]
    assert (summary.records_read, summary.records_rejected) == (5, 1)
    assert table(tmp_path / "lake", "rejects")["record_number"].to_list() == [4]


@pytest.mark.parametrize("workers", [1, 2])
def test_much_input_is_put_aside(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives the same under the same name, also beside more files than one process reads."""
    monkeypatch.setattr("pipeline.ingest.run.is_small", lambda _: False)
    monkeypatch.setattr("pipeline.ingest.plan.BATCH_OBJECTS", 1)
    data = records_file(record(1), record(2))
    files = [
        str(write(tmp_path / name, records_file(record(n)))) for n, name in ((3, "c"), (4, "d"))
    ]
    held = []
    for folder, most in (("held", 1 << 20), ("aside", 100)):
        monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", most)
        pipe_in(monkeypatch, data)
        lake = Lake.create_or_open(str(tmp_path / folder))
        summary = ingest(["-", *files], lake, workers=workers)
        assert (summary.records_stored, summary.unreadable) == (4, ())
        held.append([table(tmp_path / folder, name) for name in ("events", "files")])
    for one, other in zip(*held, strict=True):
        assert one.equals(other)


def test_too_much_input_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be read twice, so it is kept, and there is a limit; the message says what to do."""
    monkeypatch.setattr(standard_input, "MAX_BYTES", 10)
    pipe_in(monkeypatch, b"x" * 11)
    with pytest.raises(SourceError, match="write it to files"):
        run(tmp_path / "lake", "-")


def test_the_command_reads_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rolecall ingest -`; no bucket's options for it."""
    pipe_in(monkeypatch, records_file(record(1)))
    ran = rolecall("ingest", "-", "--lake", tmp_path / "lake")
    assert (ran.exit_code, ran.stdout.split(";")[0]) == (
        0,
        "records read 1 = 1 stored + 0 duplicate + 0 rejected",
    )
    ran = rolecall("ingest", "-", "--account", "111122223333", "--lake", tmp_path / "lake")
    assert ran.exit_code == 2
    assert "s3:// locations only" in ran.stderr


def test_input_without_cloudtrail_makes_no_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with files: exit code 4, and what it is instead."""
    pipe_in(monkeypatch, b"hello\n")
    ran = rolecall("ingest", "-", "--lake", tmp_path / "lake")
    assert ran.exit_code == 4
    assert "none of it is CloudTrail" in ran.stderr
    assert not (tmp_path / "lake").exists()
