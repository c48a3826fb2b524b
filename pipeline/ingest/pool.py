"""Run the batches of an ingest, in this process or in worker processes.

Both ways yield the results in the order of the batches, and both ask for new keys in the order
of the records, so that of two equal records the first in listing order is always the one stored.
A worker that is done reading asks; the answer may wait until the batches before have asked.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import pyarrow as pa

from pipeline.errors import RolecallError
from pipeline.ingest.work import Advance, BatchResult, Job, Worker
from pipeline.lake import EventWriter

ClaimKeys = Callable[[pa.Array, pa.Array], pa.Array]
"""(event ids, recipient account ids) -> which rows are new."""

_KEYS = pa.schema([("event_id", pa.string()), ("recipient_account_id", pa.string())])
_PROGRESS_RECORDS = 5000


def run_inline(
    jobs: Sequence[Job], writer: EventWriter, claim: ClaimKeys, advance: Advance
) -> Iterator[BatchResult]:
    """Run the batches one after the other in this process."""
    worker = Worker(writer)
    for job in jobs:
        yield worker.work(job, lambda ids, accounts, _: claim(ids, accounts), advance)


def run_in_processes(
    jobs: Sequence[Job], writer: EventWriter, claim: ClaimKeys, advance: Advance, workers: int
) -> Iterator[BatchResult]:
    """Run the batches in worker processes.

    Raises what a worker raised, and RolecallError when a worker ended without a word.
    """
    context = multiprocessing.get_context("spawn")
    hands: dict[Connection, BaseProcess] = {}
    try:
        for _ in range(min(workers, len(jobs))):
            ours, theirs = context.Pipe()
            process: BaseProcess = context.Process(
                target=_serve, args=(theirs, writer), daemon=True
            )
            process.start()
            theirs.close()
            hands[ours] = process
        yield from _conduct(jobs, hands, claim, advance)
    finally:
        for connection, process in hands.items():
            connection.close()
            process.join(timeout=1)
            if process.is_alive():
                process.terminate()
                process.join()


@dataclass(frozen=True, slots=True)
class _Question:
    """A worker asks which of the rows (an IPC stream of `_KEYS`) are new."""

    job: int
    rows: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class _Step:
    files: int
    size: int
    records: int


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception
    trace: str


def _conduct(
    jobs: Sequence[Job],
    hands: dict[Connection, BaseProcess],
    claim: ClaimKeys,
    advance: Advance,
) -> Iterator[BatchResult]:
    waiting = iter(jobs)
    questions: dict[int, tuple[_Question, Connection]] = {}
    results: dict[int, BatchResult] = {}
    to_claim = to_yield = 0
    busy = list(hands)
    for connection in busy:
        connection.send(next(waiting))
    while to_yield < len(jobs):
        for connection in _ready(busy):
            match _received(connection, hands[connection]):
                case _Step(files, size, records):
                    advance(files, size, records)
                case _Question() as question:
                    questions[question.job] = (question, connection)
                case BatchResult() as result:
                    results[result.number] = result
                    job = next(waiting, None)
                    connection.send(job)
                    if job is None:
                        busy.remove(connection)
        while to_claim in questions:
            question, asking = questions.pop(to_claim)
            asking.send_bytes(_answer(question, claim))
            to_claim += question.last
        while to_yield in results:
            yield results.pop(to_yield)
            to_yield += 1


def _ready(busy: Sequence[Connection]) -> list[Connection]:
    return [connection for connection in wait(busy) if isinstance(connection, Connection)]


def _received(connection: Connection, process: BaseProcess) -> object:
    try:
        message = connection.recv()
    except (EOFError, ConnectionResetError) as error:
        process.join(timeout=5)
        text = (
            f"A worker process ended with code {process.exitcode}, perhaps for want of memory. "
            "What was committed is safe: run again, with fewer --workers."
        )
        raise RolecallError(text) from error
    if isinstance(message, _Failure):
        message.error.add_note(f"In a worker process:\n{message.trace}")
        raise message.error
    return message


def _answer(question: _Question, claim: ClaimKeys) -> bytes:
    with pa.ipc.open_stream(question.rows) as stream:
        rows = stream.read_all().combine_chunks()
    ids, accounts = (column.combine_chunks() for column in rows.columns)
    new = claim(ids, accounts)
    return _stream(pa.table([new], names=["new"]))


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _serve(connection: Connection, writer: EventWriter) -> None:
    """A worker process: take jobs until there are no more, or nobody is there."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    worker = Worker(writer)
    try:
        while (job := connection.recv()) is not None:
            steps = _Steps(connection)
            result = worker.work(job, _asking(connection, job.number), steps.advance)
            steps.flush()
            connection.send(result)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return
    except Exception as error:  # noqa: BLE001 - handed to the main process, which raises it
        connection.send(_Failure(error, traceback.format_exc()))


def _asking(connection: Connection, job: int) -> Callable[[pa.Array, pa.Array, bool], pa.Array]:
    def claim(ids: pa.Array, accounts: pa.Array, last: bool) -> pa.Array:
        connection.send(_Question(job, _stream(pa.table([ids, accounts], schema=_KEYS)), last))
        with pa.ipc.open_stream(connection.recv_bytes()) as stream:
            return stream.read_all().column("new").combine_chunks()

    return claim


class _Steps:
    """Sends progress, a few thousand records at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._files = self._size = self._records = 0

    def advance(self, files: int, size: int, records: int) -> None:
        self._files += files
        self._size += size
        self._records += records
        if self._records >= _PROGRESS_RECORDS:
            self.flush()

    def flush(self) -> None:
        self._connection.send(_Step(self._files, self._size, self._records))
        self._files = self._size = self._records = 0
