"""Listing and reading local files."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from pipeline.errors import SourceError, UsageError
from pipeline.sources import SourceObject, Unreadable, aside, find, read


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


def test_without_a_folder_for_temporary_files_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    assert aside.put_aside(iter([b"ab", b"c"]), "x") == b"abc"


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
