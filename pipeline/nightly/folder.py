"""A night's folder appears as a whole: written aside, forced to the disk, renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import RolecallError

RUN = "run.json"
LATEST = "latest"


def prepare(folder: Path) -> None:
    """Make the folder of reports, and see that it can be written to. Raises RolecallError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        message = f"The folder of reports cannot be written: {error.strerror}."
        raise RolecallError(message, location=str(folder)) from error


def put(folder: Path, name: str, files: Mapping[str, str]) -> bool:
    """Let `folder/name` hold these files; whether anything changed.

    A reader sees the folder of before or the new one, never half of one. Where only the one of
    before is replaced, it is gone for the moment between two renames.
    """
    target = folder / name
    if _content(target) == files:
        return False
    aside, old = folder / f".{name}.new", folder / f".{name}.old"
    for leftover in (aside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    aside.mkdir()
    for file, text in files.items():
        _write(aside / file, text)
    _sync(aside)
    if target.exists():
        target.rename(old)
    aside.rename(target)
    _sync(folder)
    shutil.rmtree(old, ignore_errors=True)
    return True


def put_file(path: Path, text: str) -> None:
    """Write one file, whole or not at all."""
    aside = path.with_name(f".{path.name}.new")
    _write(aside, text)
    aside.replace(path)
    _sync(path.parent)


def point_latest(folder: Path, name: str) -> None:
    """Let the link `latest` lead to a night's folder, from one moment to the next."""
    aside = folder / f".{LATEST}.new"
    aside.unlink(missing_ok=True)
    aside.symlink_to(name)
    aside.replace(folder / LATEST)
    _sync(folder)


def _content(folder: Path) -> dict[str, str] | None:
    """The files of a folder but for the account of its run; None where there is no folder."""
    if not folder.is_dir():
        return None
    paths = [path for path in folder.iterdir() if path.name != RUN]
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in paths}


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
