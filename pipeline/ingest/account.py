"""The account of one object: what was in it and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from pipeline import decoders
from pipeline.decoders import CUT, GZIP_CUT
from pipeline.normalise import MAX_RAW_TEXT, Content, Reject
from pipeline.schema import CLOUDTRAIL, FILES_SCHEMA, REJECTS_SCHEMA
from pipeline.sources import SourceObject

NO_CLOUDTRAIL = "JSON without CloudTrail records"

_CUTS = (CUT, GZIP_CUT)
_ARCHIVE = "in an archive or envelope"
_FULL_RAW_TEXTS = 100
_SHORT_RAW_TEXT = 1 << 10


@dataclass(slots=True)
class Account:
    """Counts of one object.

    good -- records that can be stored; stored -- those of them that were new.
    members -- kind -> number of members, of an object that is an archive.
    """

    item: SourceObject
    kind: str = CLOUDTRAIL
    good: int = 0
    stored: int = 0
    rejects: list[Reject] = field(default_factory=list)
    members: dict[str, int] = field(default_factory=dict)
    _member: str = ""
    _size: int = 0
    _good_before: int = 0
    _rejects_before: int = 0
    _before: int = 0

    @property
    def read(self) -> int:
        """Records found in the object."""
        if not self.rejects:
            return self.good
        return self.good + sum(reject.number > 0 for reject in self.rejects)

    def open(self, kind: str, size: int, member: str = "") -> None:
        """What the object is, or the member of it that comes next, and its bytes."""
        self.close()
        self._member, self._before, self._size = member, self.read, size
        self._good_before, self._rejects_before = self.good, len(self.rejects)
        if not member:
            self.kind = kind
            return
        self._count(kind, 1)
        self._name()

    def _count(self, kind: str, change: int) -> None:
        count = self.members.pop(kind, 0) + change
        if count:
            self.members[kind] = count

    def _name(self) -> None:
        others = sorted(self.members)
        self.kind = CLOUDTRAIL if CLOUDTRAIL in others else f"{_ARCHIVE}: {', '.join(others)}"

    def take(self, content: Content) -> None:
        """Count the records of a part of the object."""
        self.good += len(content.records)
        self.rejects.extend(self._placed(reject) for reject in content.rejects)

    def reject_file(self, reason: str, raw: bytes) -> None:
        """Reject the object as a whole, or what could not be read after its records."""
        self.rejects.append(self._placed(Reject(0, reason, raw[:MAX_RAW_TEXT])))

    def _placed(self, reject: Reject) -> Reject:
        """The reject with its place in the object: records of an archive are counted through."""
        if reject.reason in _CUTS:
            records = reject.number - 1 if reject.number else self._whole()
            # reports group by what stands before this comma
            place = f"after {records:,} whole records, at byte {self._size:,} of the content"
            reject = replace(reject, reason=f"{reject.reason}, {place}.")
        if not self._member:
            return reject
        number = reject.number and self._before + reject.number
        return replace(reject, number=number, reason=f"{self._member}: {reject.reason}")

    def _whole(self) -> int:
        """Records of this content, without one that its end cuts off."""
        is_cut = bool(self.rejects) and CUT in self.rejects[-1].reason
        return self.read - self._before - is_cut

    def close(self) -> None:
        """A member is read: when nothing in it looks like CloudTrail, it rejects nothing."""
        if not self._member or self.good != self._good_before:
            return
        own = self.rejects[self._rejects_before :]
        if own and not any(reject.telling for reject in own):
            del self.rejects[self._rejects_before :]
            self._count(CLOUDTRAIL, -1)
            self._count(NO_CLOUDTRAIL, 1)
            self._name()

    def settle(self) -> None:
        """The object is read: when nothing in it looks like CloudTrail, it rejects nothing."""
        if self._member:
            self.close()
        elif not self.good and self.rejects and not any(r.telling for r in self.rejects):
            self.rejects = []
            self.kind = NO_CLOUDTRAIL

    def passed_over(self) -> Counter[str]:
        """What an archive holds beside CloudTrail."""
        if self.kind != CLOUDTRAIL:
            return Counter()
        others = {k: n for k, n in self.members.items() if k != CLOUDTRAIL}
        return Counter({f"{_ARCHIVE}: {kind}": count for kind, count in others.items()})

    def reject_rows(self, batch: str) -> Iterable[dict[str, Any]]:
        """The rows of `rejects`; the first hundred with all of their text that is kept."""
        for place, reject in enumerate(self.rejects):
            length = MAX_RAW_TEXT if place < _FULL_RAW_TEXTS else _SHORT_RAW_TEXT
            yield {
                "uri": self.item.uri,
                "record_number": reject.number,
                "reason": reject.reason,
                "raw_text": reject.text(length),
                "batch_id": batch,
            }


def ledger_table(accounts: Sequence[Account], batch: str) -> pa.Table:
    """The rows of `files` for a batch, without the time of its commit."""
    columns = {
        "uri": [account.item.uri for account in accounts],
        "fingerprint": [account.item.fingerprint for account in accounts],
        "bytes": [account.item.size for account in accounts],
        "records_read": [account.read for account in accounts],
        "records_stored": [account.stored for account in accounts],
        "records_duplicate": [account.good - account.stored for account in accounts],
        "records_rejected": [account.read - account.good for account in accounts],
        "kind": [account.kind for account in accounts],
        "decoder_version": [decoders.VERSION] * len(accounts),
        "batch_id": [batch] * len(accounts),
        "ingested_at": [None] * len(accounts),
    }
    return pa.table(columns, schema=FILES_SCHEMA)


def rejects_table(accounts: Iterable[Account], batch: str) -> pa.Table:
    """The rejects of a batch."""
    rows = [row for account in accounts for row in account.reject_rows(batch)]
    return pa.Table.from_pylist(rows, REJECTS_SCHEMA)
