"""A lake opened for reading, its people shown by the names of a directory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.directory import read_directory
from pipeline.errors import SourceError, UsageError
from pipeline.lake import Lake
from pipeline.warehouse import Warehouse


@contextlib.contextmanager
def opened(lake: str, directory: Sequence[Path] | None = None) -> Iterator[Warehouse]:
    """The lake at a location; directory files are read first, so that a bad one fails early."""
    with named("--directory"):
        people = read_directory(directory) if directory else None
    with Warehouse.open(Lake.open(lake)) as warehouse:
        if people is not None:
            warehouse.name_people(people)
        yield warehouse


@contextlib.contextmanager
def named(option: str) -> Iterator[None]:
    """A file of an option that cannot be used is a wrong command line: UsageError naming both."""
    try:
        yield
    except SourceError as error:
        raise UsageError(f"{option}: {error.message}", location=error.location) from error
