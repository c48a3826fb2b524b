"""What an ingest tells: progress on the way, a summary at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow.compute as pc

from pipeline.ingest.work import BatchResult
from pipeline.schema import CLOUDTRAIL
from pipeline.sources import Objects, Unreadable


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is. Bytes are bytes as stored; totals do not change on the way."""

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    records: int


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What an ingest found and stored.

    files_found -- listed objects, those that cannot be read included; the sum of
        files_skipped, files_new and the listed objects in `unreadable`.
    files_skipped -- in the ledger already.
    files_new -- read now; of these files_not_cloudtrail hold no CloudTrail records and
        files_rejected could not be read to the end as a whole (corrupt, too large).
    records_read -- always records_stored + records_duplicate + records_rejected.
    unreadable -- what could not be read; it is not in the ledger and is tried again next time.
    kinds -- kind of content -> number of files that were read now.
    passed_over -- what by its name is no CloudTrail log, as CloudTrail-Digest -> number of objects
        or whole folders in S3; and what zip archives of CloudTrail hold beside it -> number of
        members. They are not in the numbers of files.
    must_find -- False where earlier runs listed what there was, and nothing new is no wonder.
    gave_before -- whether one of the skipped files gave CloudTrail, or was rejected.
    """

    files_found: int
    files_new: int
    files_skipped: int
    files_not_cloudtrail: int
    files_rejected: int
    records_read: int
    records_stored: int
    records_duplicate: int
    records_rejected: int
    unreadable: tuple[Unreadable, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    passed_over: Mapping[str, int] = field(default_factory=dict)
    must_find: bool = True
    gave_before: bool = False

    @property
    def is_astray(self) -> bool:
        """Whether nothing was found at all where something must be."""
        return self.must_find and not self.files_found

    @property
    def is_all_foreign(self) -> bool:
        """Whether there are files, new or not, and none is CloudTrail."""
        return (
            self.files_new + self.files_skipped > 0
            and self.files_not_cloudtrail == self.files_new
            and not self.gave_before
        )

    @property
    def complete(self) -> bool:
        """Whether everything that was found is stored: nothing rejected, nothing unreadable."""
        return not (self.records_rejected or self.files_rejected or self.unreadable)


class Tally:
    """Counts while an ingest runs.

    found, skipped -- number of listed and of skipped objects.
    new -- the objects to read.
    progress -- told after each step, if given.
    """

    def __init__(
        self,
        found: int,
        skipped: int,
        new: Objects,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._found, self._skipped = found, skipped
        self._totals = len(new), new.size
        self._done = Counter[str]()
        self._counts = Counter[str]()
        self._kinds = Counter[str]()
        self._passed_over = Counter[str]()
        self._progress = progress

    def advance(self, files: int, size: int, records: int) -> None:
        """Some files more were read."""
        self._done.update(files=files, bytes=size, records=records)
        if self._progress is not None:
            done = self._done
            files_total, bytes_total = self._totals
            self._progress(
                Progress(done["files"], files_total, done["bytes"], bytes_total, done["records"])
            )

    def add(self, result: BatchResult) -> None:
        """A batch was committed."""
        rejects = result.rejects.select(["uri", "record_number"]).to_pylist()
        faulty = {row["uri"] for row in rejects if row["record_number"] == 0}
        self._counts["files_rejected"] += len(faulty)
        self._passed_over.update(result.passed_over)
        files = result.files
        for count in pc.value_counts(files["kind"]).to_pylist():
            self._kinds[count["values"]] += count["counts"]
        others = files.filter(pc.not_equal(files["kind"], CLOUDTRAIL))["uri"].to_pylist()
        self._counts["foreign"] += len(set(others) - faulty)
        for name in ("read", "stored", "duplicate", "rejected"):
            self._counts[name] += pc.sum(files[f"records_{name}"]).as_py() or 0

    @property
    def found_none(self) -> bool:
        """Whether none of the new files is CloudTrail."""
        return self._counts["foreign"] == self._kinds.total()

    def summary(
        self,
        unreadable: Sequence[Unreadable],
        passed_over: Mapping[str, int],
        *,
        must_find: bool = True,
        gave_before: bool = False,
    ) -> IngestSummary:
        """The end of the account. Raises AssertionError if it does not add up."""
        counts = self._counts
        if counts["read"] != counts["stored"] + counts["duplicate"] + counts["rejected"]:
            raise AssertionError(f"records do not add up: {dict(counts)}")
        read = self._kinds.total()
        return IngestSummary(
            files_found=self._found,
            files_new=read,
            files_skipped=self._skipped,
            files_not_cloudtrail=counts["foreign"],
            files_rejected=counts["files_rejected"],
            records_read=counts["read"],
            records_stored=counts["stored"],
            records_duplicate=counts["duplicate"],
            records_rejected=counts["rejected"],
            unreadable=tuple(unreadable),
            kinds=dict(sorted(self._kinds.items())),
            passed_over=dict(sorted((self._passed_over + Counter(passed_over)).items())),
            must_find=must_find,
            gave_before=gave_before,
        )
