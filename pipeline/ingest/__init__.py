"""Ingest: for each source object, expand, decode, normalise, append what is new.

Objects are taken in sorted order in batches. Worker processes read the batches and write files
of events; one process decides, batch after batch, which records are new, and commits. So the
result does not depend on which worker is faster, and a crash costs the unfinished batches only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pipeline import sources
from pipeline.ingest.plan import batches, is_small
from pipeline.ingest.pool import run_in_processes, run_inline
from pipeline.ingest.summary import IngestSummary, Progress, Tally
from pipeline.ingest.work import BatchResult, Job
from pipeline.lake import Batch, Lake
from pipeline.sources import SourceObject, Unreadable

__all__ = ["IngestSummary", "Progress", "ingest"]


def ingest(
    paths: Sequence[str],
    lake: Lake,
    *,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> IngestSummary:
    """Read the records under the paths into the lake, each once.

    paths -- files and folders, in any layout.
    workers -- number of processes; None: one per core. Small inputs need none.
    progress -- called now and then with what is done so far.
    Returns what was found and stored. Raises SourceError for a missing path and LakeError
    when the lake cannot be written or another process writes to it.
    """
    listing = sources.find(paths, exclude=frozenset({lake.location}))
    with lake.writer() as writer:
        found: list[SourceObject] = []
        unreadable: list[Unreadable] = []
        for item in listing:
            (unreadable if isinstance(item, Unreadable) else found).append(item)  # type: ignore[arg-type]
        ledger = writer.ledger()
        known = set(ledger.select("uri", "fingerprint").iter_rows()) if found else set()
        new = [item for item in found if (item.uri, item.fingerprint) not in known]
        tally = Tally(len(found) + len(unreadable), len(found) - len(new), new, progress)
        jobs = [Job(number, batch) for number, batch in enumerate(batches(new))]
        count = workers or os.cpu_count() or 1
        hands = (jobs, writer.event_writer(), writer.keys.claim, tally.advance)
        inline = count == 1 or len(jobs) <= 1 or is_small(new)
        results = run_inline(*hands) if inline else run_in_processes(*hands, count)
        for result in results:
            unreadable.extend(result.unreadable)
            if result.files.num_rows:
                writer.commit(_committed(result))
            tally.add(result)
    return tally.summary(unreadable)


def _committed(result: BatchResult) -> Batch:
    return Batch(result.events, result.ledger_rows(datetime.now(UTC)), result.rejects)
