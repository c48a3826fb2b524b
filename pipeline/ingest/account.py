"""The account of one object: what was in it and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import msgspec
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

MOST_REJECTS = 10_000
"""Rejects of one object that are kept each; of the others their number."""


class Account(msgspec.Struct, gc=False):
    """Counts of one object.

    good -- records that can be stored; stored -- those of them that were new.
    members -- kind -> number of members, of an object that is an archive.
    beyond -- records that were rejected after `MOST_REJECTS`.
    """

    item: SourceObject
    kind: str = CLOUDTRAIL
    good: int = 0
    stored: int = 0
    rejects: list[Reject] = []
    members: dict[str, int] = {}
    beyond: int = 0
    _first_beyond: int = 0
    _is_beyond_telling: bool = False
    _beyond_before: int = 0
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
        return self.good + sum(reject.number > 0 for reject in self.rejects) + self.beyond

    def open(self, kind: str, size: int, member: str = "") -> None:
        """What the object is, or the member of it that comes next, and its bytes."""
        self.close()
        self._member, self._before, self._size = member, self.read, size
        self._good_before, self._rejects_before = self.good, len(self.rejects)
        self._beyond_before, self._is_beyond_telling = self.beyond, False
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
        for reject in content.rejects:
            if len(self.rejects) < MOST_REJECTS or reject.reason == CUT:
                self._keep(reject)
                continue
            self._first_beyond = self._first_beyond or self._placed(reject).number
            self.beyond += 1
            self._is_beyond_telling |= reject.telling

    def reject_file(self, reason: str, raw: bytes) -> None:
        """Reject the object as a whole, or what could not be read after its records."""
        self._keep(Reject(0, reason, raw[:MAX_RAW_TEXT]))

    def _keep(self, reject: Reject) -> None:
        raw = reject.raw[: _raw_text(len(self.rejects))]
        self.rejects.append(self._placed(replace(reject, raw=raw)))

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
        if (own or self.beyond > self._beyond_before) and not self._is_telling(own):
            del self.rejects[self._rejects_before :]
            self.beyond = self._beyond_before
            self._first_beyond = self._first_beyond if self.beyond else 0
            self._count(CLOUDTRAIL, -1)
            self._count(NO_CLOUDTRAIL, 1)
            self._name()

    def settle(self) -> None:
        """The object is read: when nothing in it looks like CloudTrail, it rejects nothing."""
        if self._member:
            self.close()
        elif not self.good and self.rejects and not self._is_telling(self.rejects):
            self.rejects, self.beyond = [], 0
            self.kind = NO_CLOUDTRAIL

    def _is_telling(self, rejects: Iterable[Reject]) -> bool:
        return self._is_beyond_telling or any(reject.telling for reject in rejects)

    def passed_over(self) -> Counter[str]:
        """What an archive holds beside CloudTrail."""
        if self.kind != CLOUDTRAIL:
            return Counter()
        others = {k: n for k, n in self.members.items() if k != CLOUDTRAIL}
        return Counter({f"{_ARCHIVE}: {kind}": count for kind, count in others.items()})

    def reject_rows(self, batch: str) -> Iterable[dict[str, Any]]:
        """The rows of `rejects`; the first hundred with all of their text that is kept."""
        last = []
        if self.beyond:
            reason = f"{self.beyond:,} records from here on are rejected, too many to name each."
            last.append(Reject(self._first_beyond, reason, b""))
        for place, reject in enumerate(chain(self.rejects, last)):
            yield {
                "uri": self.item.uri,
                "record_number": reject.number,
                "reason": reject.reason,
                "raw_text": reject.text(_raw_text(place)),
                "batch_id": batch,
            }


def _raw_text(place: int) -> int:
    return MAX_RAW_TEXT if place < _FULL_RAW_TEXTS else _SHORT_RAW_TEXT


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
