"""What keeps a writer that was held up too long from committing to a lake in S3."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from deltalake import CommitProperties, Transaction

from pipeline.lake.place import Place

WRITER = "rolecall-writer"
"""Delta's application id of every commit in S3, see `committed_by`."""


def committed_by(
    folder: Place, batch: Transaction | None = None, message: Mapping[str, str] | None = None
) -> CommitProperties:
    """What a commit carries.

    In S3 each carries the same application id, and Delta refuses one that was prepared on a version
    since which another with that id was made. So of two writers that overlap on a table only one
    commits, and a take-over (`fence`) refuses all that the run before it still has under way.
    """
    transactions = [batch] if batch else []
    if not isinstance(folder, Path):
        transactions.append(Transaction(WRITER, time.time_ns() // 1_000_000))
    return CommitProperties(
        custom_metadata=dict(message) if message else None, app_transactions=transactions
    )
