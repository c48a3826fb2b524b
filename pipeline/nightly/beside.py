"""The files that a config names beside the logs, read before anything else is done.

A night that finds out after hours of reading that its inventory is missing is of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.credential_report import CredentialReport, read_credential_report
from pipeline.directory import read_directory
from pipeline.errors import SourceError, UsageError
from pipeline.inventory import InventoryRole, read_inventory
from pipeline.nightly.config import Config
from pipeline.reports.query import read_catalogue


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the logs: names for ids, and what IAM says; None where nothing."""

    people: pa.Table
    inventory: tuple[InventoryRole, ...] | None
    credential_report: CredentialReport | None


def read_beside(config: Config) -> Beside:
    """The files of a config. Raises UsageError naming key and file where one cannot be used.

    The user's own queries are only looked at: a night does not ask them.
    """
    known = config.organisation
    with _named("organisation.directory"):
        people = read_directory([Path(path) for path in known.directory])
    with _named("organisation.inventory"):
        inventory = read_inventory([Path(path) for path in known.inventory])
    with _named("organisation.credential_report"):
        file = known.credential_report
        credentials = read_credential_report(Path(file)) if file else None
    if config.queries:
        _check_queries(Path(config.queries))
    return Beside(people, inventory if known.inventory else None, credentials)


def _check_queries(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError("queries: there is no such folder of .sql files", location=str(folder))
    for error in read_catalogue(folder).broken:
        raise UsageError(f"queries: {error.message}", location=error.location)


@contextmanager
def _named(key: str) -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        raise UsageError(f"{key}: {error.message}", location=error.location) from error
