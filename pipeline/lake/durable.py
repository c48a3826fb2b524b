"""What must survive a power loss, and what a full disk says.

Files are forced to the disk (fsync) in the order in which they rely on each other: data, then
the log entry that names it, then whatever relies on that commit. A log entry that the power
loss cut short was relied on by nothing, so the next writer takes it away.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from pipeline.errors import LakeError
from pipeline.lake.place import Place

LOG = "_delta_log"
HINT = "_last_checkpoint"

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PARQUET_END = b"PAR1"


@contextmanager
def writing(where: Place) -> Iterator[None]:
    """Raise LakeError for what the disk or the table format refuses (disk full, rights …).

    On S3 also when another run has taken the lake over.
    """
    _check_held(where)
    try:
        yield
    except Exception as error:
        from deltalake.exceptions import DeltaError  # noqa: PLC0415 (workers do without)

        if not isinstance(error, (OSError, DeltaError, pa.ArrowException)):
            raise
        _check_held(where)
        message = (
            f"The lake cannot be written: {_reason(error)}. "
            "What was committed before is safe: mend this and run again."
        )
        raise LakeError(message, location=where.as_posix()) from error


def _check_held(where: Place) -> None:
    if not isinstance(where, Path) and where.is_lost():
        message = (
            f"This run no longer holds the lake: {where.writer.lost}. "
            "What was committed before is safe: run again."
        )
        raise LakeError(message, location=where.as_posix())


def sync(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_names(files: Iterable[Path], top: Path) -> None:
    """Force the names of files, and of the folders from `top` down to them, to the disk."""
    folders = {top}
    for file in files:
        folder = file.parent
        while folder not in folders:
            folders.add(folder)
            folder = folder.parent
    for folder in sorted(folders, reverse=True):
        sync(folder)


def entry(folder: Path, version: int) -> Path:
    """The log entry of a table's version."""
    return folder / LOG / f"{version:020}.json"


def log_names(folder: Place) -> list[str]:
    """The names of the files of a table's log."""
    log = folder / LOG
    return [path.name for path in log.iterdir()] if isinstance(log, Path) else list(log.sizes())


def entries(folder: Place) -> list[int]:
    """The versions that a table's log has entries of, the newest first."""
    names = [name.removesuffix(".json") for name in log_names(folder) if name.endswith(".json")]
    return sorted((int(name) for name in names if name.isdigit()), reverse=True)


def actions(folder: Place, version: int) -> list[dict[str, Any]]:
    """The actions of a log entry. Raises ValueError where it was cut short."""
    if isinstance(folder, Path):
        content = entry(folder, version).read_bytes()
    else:
        stored = (folder / LOG / f"{version:020}.json").read()
        content = stored[0] if stored else b""
    found: list[dict[str, Any]] = [json.loads(line) for line in content.splitlines()]
    if not found:
        raise ValueError("an empty log entry")
    return found


def sync_version(folder: Place, version: int, *, data: bool = False) -> None:
    """Force a commit to the disk; `data`: the files that it adds, too, and first."""
    if not isinstance(folder, Path):
        return
    path = entry(folder, version)
    if data:
        added = [
            folder / unquote(action["add"]["path"])
            for action in actions(folder, version)
            if "add" in action
        ]
        for file in added:
            sync(file)
        sync_names(added, folder)
    sync(path)
    sync_names([path], folder.parent)


def mend(folder: Path) -> None:
    """Take away the newest log entry or checkpoint of a table where power loss cut it short."""
    versions = entries(folder)
    if versions:
        try:
            actions(folder, versions[0])
        except ValueError:
            entry(folder, versions[0]).unlink()
    for checkpoint in (folder / LOG).glob("*.checkpoint.parquet"):
        if not _is_whole(checkpoint):
            checkpoint.unlink()
    hint = folder / LOG / HINT
    try:
        version = int(json.loads(hint.read_bytes())["version"])
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        version = -1
    if not (folder / LOG / f"{version:020}.checkpoint.parquet").exists():
        hint.unlink()


def _reason(error: Exception) -> str:
    """What went wrong, in one line; delta-rs draws a tree of causes, the first one last."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    causes = [line.strip(" ↳") for line in _COLOURS.sub("", str(error)).splitlines()]
    return next((cause for cause in reversed(causes) if cause), repr(error))


def _is_whole(parquet: Path) -> bool:
    with parquet.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < 2 * len(_PARQUET_END):
            return False
        file.seek(-len(_PARQUET_END), os.SEEK_END)
        return file.read() == _PARQUET_END
