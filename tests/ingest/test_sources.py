"""Listing and reading local files."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SourceError, UsageError
from pipeline.sources import SourceObject, Unreadable, aside, find, read
from tests.ingest.records import record, records_file, run


def uris(*paths: Path, exclude: frozenset[str] = frozenset()) -> list[str]:
    found = find([str(p) for p in paths], exclude=exclude)
    return [item.uri for item in found if isinstance(item, SourceObject)]


def tree(folder: Path, *names: str) -> list[str]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return [(folder / name).as_posix() for name in names]


def test_a_tree_is_listed_in_sorted_order(tmp_path: Path) -> None:
    """Any layout, always in the same order, with absolute paths."""
    files = tree(tmp_path, "b/2.json", "a/z/1.json", "a/1.json", "c.json")
    assert uris(tmp_path) == [files[2], files[1], files[0], files[3]]


def test_each_file_is_listed_once(tmp_path: Path) -> None:
    """Overlapping paths, links to files and folders, and loops do not repeat a file."""
    files = tree(tmp_path, "a/1.json", "b/2.json")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "again.json").symlink_to(tmp_path / "b" / "2.json")
    (tmp_path / "link").symlink_to(tmp_path / "b")
    assert sorted(uris(tmp_path)) == files
    assert sorted(uris(tmp_path / "b" / "2.json", tmp_path, tmp_path / "a")) == files
    assert uris(tmp_path / "link") == [files[1]]


def test_excluded_folders_are_not_entered(tmp_path: Path) -> None:
    """The lake may lie inside what is ingested."""
    files = tree(tmp_path, "1.json", "lake/2.json")
    assert uris(tmp_path, exclude=frozenset({(tmp_path / "lake").as_posix()})) == files[:1]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A dangling link and a name that is not UTF-8 are unreadable; a pipe is no file."""
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere.json")
    os.mkfifo(tmp_path / "pipe")
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.json")).write_text("x")
    found = list(find([str(tmp_path)]))
    assert [type(item) for item in found] == [Unreadable, Unreadable]


@pytest.mark.parametrize("path", ["/nowhere/at/all", "s3x://bucket/prefix"])
def test_a_missing_path_is_an_error(path: str) -> None:
    """A path that does not exist stops the run before anything is read."""
    with pytest.raises(SourceError):
        find([path])


@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_path_is_a_wrong_command_line(path: str) -> None:
    """It is a variable that is not set, not the folder that the process happens to be in."""
    with pytest.raises(UsageError, match="empty"):
        find([path])


@pytest.mark.parametrize("held", [1000, 0])
def test_a_file_that_changes_is_not_read(
    held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes read are those of the fingerprint, or none; also where they are put aside."""
    monkeypatch.setattr(aside, "HELD_BYTES", held)
    tree(tmp_path, "1.json")
    (listed,) = find([str(tmp_path)])
    assert isinstance(listed, SourceObject)
    assert read(listed)[:] == b"1.json"
    (tmp_path / "1.json").write_text("other text")
    with pytest.raises(SourceError, match="changed"):
        read(listed)
    (tmp_path / "1.json").unlink()
    with pytest.raises(SourceError, match="No such file"):
        read(listed)


def test_what_is_put_aside_is_sliced_like_bytes() -> None:
    parts = [b"abc", b"", b"defgh"]
    whole = b"".join(parts)
    stored = aside.put_aside(iter(parts), "x")
    assert isinstance(stored, aside.OnDisk)
    assert len(stored) == len(whole)
    for part in (slice(None), slice(2), slice(3, 6), slice(6, 99), slice(-4, None), slice(5, 2)):
        assert stored[part] == whole[part]


def test_without_a_folder_for_temporary_files_it_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To hold it in memory is what must not be."""
    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    with pytest.raises(SourceError, match=r"put aside in /nowhere/at/all \(No such file"):
        aside.put_aside(iter([b"ab", b"c"]), "x")
    monkeypatch.setattr(aside, "gettempdir", _without_folder)
    with pytest.raises(SourceError, match="no folder for temporary files"):
        aside.put_aside(iter([b"ab", b"c"]), "x")


def _without_folder() -> str:
    raise FileNotFoundError("No usable temporary directory found")


class Ailing(io.BytesIO):
    """A temporary file that cannot be written beyond a few bytes."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, data: Any, /) -> int:
        if self.tell() + memoryview(data).nbytes > 4:
            raise OSError(self.number, os.strerror(self.number))
        return super().write(data)


@pytest.mark.parametrize("number", [errno.EIO, errno.EFBIG, errno.EACCES, errno.ENOSPC])
def test_a_fault_of_the_temporary_folder_costs_one_object(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason names the folder; the run goes on, and the object is tried again."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.json").write_bytes(records_file(record(1)))
    (tmp_path / "in" / "2.json").write_bytes(b"{}")
    monkeypatch.setattr(aside, "HELD_BYTES", 2)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with monkeypatch.context() as ailing:
        ailing.setattr(aside, "TemporaryFile", lambda **_: Ailing(number))
        summary = run(tmp_path / "lake", tmp_path / "in")
    (unreadable,) = summary.unreadable
    assert unreadable.uri.endswith("1.json")
    assert f"put aside in {tmp_path} ({os.strerror(number)}): set TMPDIR" in unreadable.reason
    assert run(tmp_path / "lake", tmp_path / "in").records_stored == 1


def test_a_fault_of_the_source_is_not_one_of_the_temporary_folder() -> None:
    def parts() -> Iterator[bytes]:
        yield b"ab"
        raise OSError(errno.EIO, "a bad disk")

    with pytest.raises(OSError, match="a bad disk"):
        aside.put_aside(parts(), "x")


def test_a_full_disk_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The object is unreadable for this run, like one that cannot be fetched. No traceback is
    written when the file is closed, with bytes in it that had no room.
    """
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full")
    monkeypatch.setattr(aside, "TemporaryFile", lambda **_: full.open("r+b"))
    unheard: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unheard.append)
    with pytest.raises(SourceError, match="set TMPDIR") as raised:
        aside.put_aside(iter([b"ab"]), "s3://b/x")
    assert raised.value.location == "s3://b/x"
    del raised
    gc.collect()
    assert not unheard
