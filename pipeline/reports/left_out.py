"""What an ingest left out, for the lines that close it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rejected record or file, or a file that holds no CloudTrail.

    record_number -- position in the file from 1; 0 for the whole file.
    reason -- why it was rejected, or what the file is.
    """

    uri: str
    record_number: int
    reason: str
    is_reject: bool


def rejected_before(warehouse: Warehouse, since: datetime) -> list[str]:
    """URIs of the files of which something was rejected when they were last read, before then."""
    frame = warehouse.query("reports/rejected_before", {"since": since})
    return [str(uri) for uri in frame["uri"]]


def left_out_since(warehouse: Warehouse, since: datetime) -> list[LeftOut]:
    """What was left out of everything ingested since a moment (UTC), rejects first."""
    frame = warehouse.query("reports/left_out", {"since": since})
    return [LeftOut(**row) for row in frame.iter_rows(named=True)]
