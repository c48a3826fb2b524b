"""The use-case itself: list, read in batches, commit, give an account."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain, islice

import pyarrow as pa

from pipeline.ingest import plan
from pipeline.ingest.listing import Listing, gave_before, list_sources, new_to
from pipeline.ingest.plan import at_least, batches, is_small
from pipeline.ingest.pool import Crew, run_inline
from pipeline.ingest.summary import IngestSummary, Progress, Tally
from pipeline.ingest.work import BatchResult, Job
from pipeline.lake import Batch, Lake, LakeWriter, read_listed, write_listed
from pipeline.sources import Objects, Request, Unreadable, merged

_PLAIN_REQUEST = Request()


def ingest(
    paths: Sequence[str],
    lake: Lake,
    *,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    request: Request = _PLAIN_REQUEST,
) -> IngestSummary:
    """Read the records of the sources into the lake, each once.

    paths -- files and folders in any layout, `s3://bucket/prefix`, `-` for standard input.
    workers -- number of processes; None: one per core. Small inputs and standard input need none.
    progress -- called now and then with what is done so far.
    request -- how to list in S3 and what; its `today` is that of the clock where it has none.
    Returns what was found and stored. Raises SourceError for a missing path and LakeError
    when the lake cannot be written or another process writes to it.
    """
    count = 1 if "-" in paths else workers or os.cpu_count() or 1  # as what is piped is here alone
    with lake.writer() as writer, closing(Crew(writer.event_writer(), count)) as crew:
        is_new = not lake.parquet_files("files")

        def get_ready(found: Objects) -> None:
            if count > 1 and is_new and (sure := at_least(found)) >= count:
                crew.call(sure)

        listing = list_sources(paths, lake, request, get_ready)
        unreadable = listing.unreadable
        new = new_to(lake, listing.objects)
        tally = Tally(listing.count, len(listing.objects) - len(new), new, progress)
        batched = batches(new)
        first = list(islice(batched, 2))
        numbered = enumerate(chain(first, batched))
        jobs = (Job(number, batch, request.access) for number, batch in numbered)
        if count == 1 or len(first) <= 1 or is_small(new):
            results = run_inline(jobs, writer.event_writer(), writer.keys.claim, tally.advance)
        else:
            results = crew.run(jobs, writer.keys.claim, tally.advance)
        for together in _in_groups(results):
            _commit(together, writer)
            for result in together:
                unreadable.extend(result.unreadable)
                tally.add(result)
        _remember_days(lake, listing, unreadable)
    must_find = not any(path.startswith("s3://") for path in paths)
    return tally.summary(
        unreadable,
        listing.passed_over,
        must_find=must_find,
        gave_before=tally.found_none and gave_before(lake, listing.objects),
    )


def _remember_days(lake: Lake, listing: Listing, unreadable: Sequence[Unreadable]) -> None:
    """Only now, when all that was listed in them is stored, are days done with."""
    before = read_listed(lake.place)
    after = merged(before, listing.days, [item.uri for item in unreadable])
    if after != before:
        write_listed(lake.place, after)


def _in_groups(results: Iterator[BatchResult]) -> Iterator[list[BatchResult]]:
    """The results of each commit. What was finished is committed before a fault is raised: an
    object that no run survives would else cost its neighbours each time.
    """
    group: list[BatchResult] = []
    try:
        for result in results:
            group.append(result)
            if len(group) == plan.COMMIT_BATCHES:
                yield group
                group = []
    except Exception:
        if group:
            yield group
        raise
    if group:
        yield group


def _commit(results: Sequence[BatchResult], writer: LakeWriter) -> None:
    """Store batches with one commit, except those of which no object could be read."""
    read = [result for result in results if result.files.num_rows]
    if read:
        moment = datetime.now(UTC)
        writer.commit(
            Batch(
                [file for result in read for file in result.events],
                pa.concat_tables(result.ledger_rows(moment) for result in read),
                pa.concat_tables(result.rejects for result in read),
            )
        )
