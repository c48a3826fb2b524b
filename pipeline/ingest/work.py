"""The work on one batch: objects in, files of events and the account of each object out."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import decoders, sources
from pipeline.errors import SourceError
from pipeline.ingest.account import Account, ledger_table, rejects_table
from pipeline.ingest.plan import batch_id
from pipeline.lake import DataFile, EventWriter, event_order
from pipeline.normalise import Chunk, Identities, RecordShape, read, to_table
from pipeline.schema import CLOUDTRAIL, FILES_SCHEMA
from pipeline.sources import Access, Read, SourceObject, Unreadable

CHUNK_ROWS = 100_000
CHUNK_BYTES = 64 << 20
"""Records of about this many, or of these bytes together, are sorted and written as one."""

_KEY = ("event_id", "recipient_account_id")

Claim = Callable[[pa.Array, pa.Array, bool], Callable[[], pa.Array]]
"""(event ids, recipient account ids, last of the batch) -> what tells which rows are new; it waits
for the answer, the call itself does not."""

Advance = Callable[[int, int, int], None]
"""Told after some work: (files, their stored bytes, records)."""


@dataclass(frozen=True, slots=True)
class Job:
    """A batch to read.

    number -- its place in the run, from 0.
    access -- how to reach S3.
    """

    number: int
    objects: tuple[SourceObject, ...]
    access: Access


@dataclass(frozen=True, slots=True)
class BatchResult:
    """A batch that was read and written and waits for its commit.

    files -- ledger rows without `ingested_at`; empty when no object could be read.
    passed_over -- what archives hold beside CloudTrail -> number of their members.
    """

    number: int
    events: list[DataFile]
    files: pa.Table
    rejects: pa.Table
    unreadable: list[Unreadable]
    passed_over: Counter[str] = field(default_factory=Counter)

    def ledger_rows(self, moment: datetime) -> pa.Table:
        """The ledger rows, with the time of the commit."""
        position = FILES_SCHEMA.get_field_index("ingested_at")
        column = pa.array([moment] * self.files.num_rows, FILES_SCHEMA.field(position).type)
        return self.files.set_column(position, FILES_SCHEMA.field(position), column)


class Worker:
    """Reads batches. What it learns (unknown fields, identities) serves the next batch.

    writer -- writes the files of events.
    """

    def __init__(self, writer: EventWriter) -> None:
        self._writer = writer
        self._shape = RecordShape()
        self._identities = Identities()

    def work(self, job: Job, claim: Claim, advance: Advance) -> BatchResult:
        """Read, normalise and write a batch; only what `claim` says is new is written."""
        run = _Run(job, self._writer, claim, self._shape, self._identities)
        fitting = [item for item in job.objects if item.size <= decoders.MAX_BYTES]
        with _without_garbage_collection(), sources.reading(fitting, job.access) as read_object:
            for item in job.objects:
                records = run.take(item, read_object)
                advance(1, item.size, records)
            run.write(last=True)
        return run.result()


def _plain(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks().cast(pa.string())


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Millions of new objects and no cycles: looking for garbage would only cost time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(slots=True)
class _Run:
    """One batch on its way through the worker."""

    job: Job
    writer: EventWriter
    claim: Claim
    shape: RecordShape
    identities: Identities
    accounts: dict[str, Account] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    events: list[DataFile] = field(default_factory=list)
    chunk: Chunk = field(default_factory=Chunk)
    chunks: int = 0
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = batch_id(self.job.objects)

    def take(self, item: SourceObject, read_object: Read) -> int:
        """Read one object; the number of records found."""
        if item.size > decoders.MAX_BYTES:
            account = self.accounts[item.uri] = Account(item, "too large")
            account.reject_file(f"It is larger than {decoders.MAX_BYTES} bytes.", b"")
            return 0
        try:
            stored = read_object(item)
        except SourceError as error:
            self.unreadable.append(Unreadable(item.uri, error.message))
            return 0
        account = self.accounts[item.uri] = Account(item)
        try:
            for content in decoders.contents(stored, decoders.MAX_BYTES):
                self._take_content(account, content)
        except SourceError as error:
            if account.read:
                raise
            del self.accounts[item.uri]
            self.unreadable.append(Unreadable(item.uri, error.message))
            return 0
        account.settle()
        return account.read

    def _take_content(self, account: Account, content: decoders.Expanded) -> None:
        """Read the content of an object, or of one member of the archive that it is."""
        decoder = None if content.kind == decoders.JUNK else decoders.recognise(content.data)
        kind, fault = content.kind, content.fault
        if decoder is not None:
            kind = CLOUDTRAIL
        elif not kind:
            kind, fault = decoders.kind_of(content)
        account.open(kind, content.size, content.member)
        if decoder is not None:
            try:
                self._take_records(account, decoder, decoders.blocks(decoder, content))
            except decoders.UncutError as error:
                account.reject_file(str(error), b"")
        if fault:
            account.reject_file(fault, content.data)

    def _take_records(
        self, account: Account, decoder: decoders.Decoder, blocks: Iterator[bytes]
    ) -> None:
        for part in read(decoder, blocks, self.shape):
            account.take(part)
            self.chunk.add(account.item.uri, part)
            if self.chunk.rows >= CHUNK_ROWS or self.chunk.size >= CHUNK_BYTES:
                self.write(last=False)

    def write(self, *, last: bool) -> None:
        """Make a table of the waiting records, ask which rows are new, and write them."""
        chunk, self.chunk = self.chunk, Chunk()
        table = to_table(chunk, self.identities)
        del chunk
        ids, accounts = (_plain(table.column(name)) for name in _KEY)
        answer = self.claim(ids, accounts, last)
        order = event_order(table)
        new = answer()
        stored = pc.value_counts(table.column("source_file").filter(new))
        for uri, rows in zip(*(part.to_pylist() for part in stored.flatten()), strict=True):
            self.accounts[uri].stored += rows
        name = f"part-{self.name}-{self.chunks}"
        self.chunks += 1
        self.events.extend(self.writer.write(table, order.filter(new.take(order)), name))

    def result(self) -> BatchResult:
        """The finished batch."""
        accounts = list(self.accounts.values())
        return BatchResult(
            self.job.number,
            self.events,
            ledger_table(accounts, self.name),
            rejects_table(accounts, self.name),
            self.unreadable,
            sum((a.passed_over() for a in accounts if a.members), Counter()),
        )
