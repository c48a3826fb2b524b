"""Delete the files of a table that nobody needs any longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from deltalake import DeltaTable

from pipeline.lake.durable import LOG, writing
from pipeline.lake.place import Place, S3Folder

UNKNOWN_HOURS = 24
"""In S3 a file that no commit knows stays so long at least: there is no lock that ends with its
process, and a run that was held up may still be about to commit it."""

_AT_ONCE = 1000


def delete_unwanted(folder: Place, table: DeltaTable, hours: int, now: datetime) -> list[int]:
    """Delete data that no commit of the last hours knows; the bytes of each file that is gone.

    Files are deleted here, not by delta-rs, whose vacuum would write a version of its own.
    """
    if isinstance(folder, S3Folder):
        return _in_s3(folder, table, hours)
    sizes = []
    for path in _on_disk(folder, table, hours, now):
        sizes.append(path.stat().st_size)
        path.unlink()
    return sizes


def _on_disk(folder: Path, table: DeltaTable, hours: int, now: datetime) -> list[Path]:
    """Also commits that a crash left half-written."""
    names = _names(table, hours, full=True)
    before = (now - timedelta(hours=hours)).timestamp()
    halves = [path for path in (folder / LOG).glob("*.tmp") if path.stat().st_mtime < before]
    return [path for path in map(folder.joinpath, names) if path.exists()] + halves


def _in_s3(folder: S3Folder, table: DeltaTable, hours: int) -> list[int]:
    names = {
        *_names(table, hours, full=False),
        *_names(table, max(hours, UNKNOWN_HOURS), full=True),
    }
    found = {name: size for name, size in folder.sizes().items() if name in names}
    paths = list(found)
    for start in range(0, len(paths), _AT_ONCE):
        with writing(folder):
            folder.delete(paths[start : start + _AT_ONCE])
    return list(found.values())


def _names(table: DeltaTable, hours: int, *, full: bool) -> list[str]:
    """What was replaced so long ago; `full`: and what no commit knows and is as old."""
    return table.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=full)
