"""Files and folders of this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.sources import aside
from pipeline.sources.aside import Stored
from pipeline.sources.model import SourceObject, Unreadable

_PART_BYTES = 4 << 20


def find(paths: Sequence[str], exclude: frozenset[str]) -> Iterator[SourceObject | Unreadable]:
    """Walk the paths in sorted order and yield each regular file once.

    Symbolic links are followed and resolved; a folder is entered once, so that loops end.
    Sockets, pipes and devices are no files and are passed over.
    Raises SourceError at once (not on the first step) when a path does not exist.
    """
    roots = sorted({_resolve(path) for path in paths})
    return _walk(roots, exclude)


def read(source_object: SourceObject) -> Stored:
    """Read a file that was listed before.

    Raises SourceError when it cannot be opened or is no longer the file that was listed.
    """
    data: Stored
    try:
        descriptor = os.open(source_object.uri, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if source_object.size > aside.HELD_BYTES:
                parts = iter(partial(os.read, descriptor, _PART_BYTES), b"")
                data = aside.put_aside(parts, source_object.uri)
            else:
                data = _all_bytes(descriptor, source_object.size)
            found = _fingerprint(os.fstat(descriptor))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SourceError(_reason(error), location=source_object.uri) from error
    if found != source_object.fingerprint or len(data) != source_object.size:
        raise SourceError("It changed while it was being read.", location=source_object.uri)
    return data


def _all_bytes(descriptor: int, size: int) -> bytes:
    """The bytes of an open file; one call for a file of the size that it should have."""
    parts = [os.read(descriptor, size + 1)]
    while parts[-1] and sum(map(len, parts)) != size:
        parts.append(os.read(descriptor, size + 1))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _resolve(path: str) -> str:
    try:
        resolved = Path(path).expanduser().resolve(strict=True)
    except (OSError, RuntimeError) as error:
        message = "There is no such file or folder: check the path."
        raise SourceError(message, location=path) from error
    if not (resolved.is_dir() or resolved.is_file()):
        message = "It is neither a file nor a folder."
        raise SourceError(message, location=path)
    return resolved.as_posix()


def _walk(roots: list[str], exclude: frozenset[str]) -> Iterator[SourceObject | Unreadable]:
    """Walk depth first, with an explicit stack for deep trees.

    entered -- folders whose files are (being) listed.
    linked -- files met from outside their folder, by a link or as a root.
    """
    entered = set(exclude)
    linked: set[str] = set()
    for root in roots:
        pending = [(root, Path(root).is_dir(), True)]
        while pending:
            path, is_folder, from_outside = pending.pop()
            if is_folder:
                if path not in entered:
                    entered.add(path)
                    try:
                        pending.extend(reversed(_entries(path)))
                    except OSError as error:
                        yield Unreadable(path, _reason(error))
            elif path not in linked and not (from_outside and _folder_of(path) in entered):
                if from_outside:
                    linked.add(path)
                yield from _file(path)


def _entries(folder: str) -> list[tuple[str, bool, bool]]:
    """Sorted (path, is a folder, is reached by a link) of what a folder holds."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            target = os.path.realpath(entry.path) if entry.is_symlink() else ""
            if target and Path(target).exists():
                found.append((entry.name, target, Path(target).is_dir(), True))
            else:
                found.append((entry.name, entry.path, entry.is_dir(), False))
    return [(path, is_folder, is_link) for _, path, is_folder, is_link in sorted(found)]


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _file(path: str) -> Iterator[SourceObject | Unreadable]:
    try:
        path.encode()
    except UnicodeEncodeError:
        yield Unreadable(ascii(path), "Its name is not UTF-8.")
        return
    try:
        status = os.stat(path)  # noqa: PTH116 (a million of them)
    except OSError as error:
        yield Unreadable(path, _reason(error))
        return
    if stat.S_ISREG(status.st_mode):
        yield SourceObject(path, status.st_size, _fingerprint(status))


def _fingerprint(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"


def _reason(error: OSError) -> str:
    return f"{error.strerror or type(error).__name__}."
