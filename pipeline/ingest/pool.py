"""Run the batches of an ingest, in this process or in worker processes.

Both ways yield the results in the order of the batches, and both ask for new keys in the order
of the records, so that of two equal records the first in listing order is always the one stored.
A worker that is done reading asks; the answer may wait until the batches before have asked.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait

import pyarrow as pa

from pipeline.errors import RolecallError
from pipeline.ingest.messages import Failure, Question, Step, packed, unpacked
from pipeline.ingest.work import Advance, BatchResult, Job, Worker
from pipeline.lake import EventWriter

ClaimKeys = Callable[[pa.Array, pa.Array], pa.Array]
"""(event ids, recipient account ids) -> which rows are new."""

_NEW = pa.schema([("new", pa.bool_())])
_SERVER = "pipeline.ingest.serve"
_HUGE_PAGES = (
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:"
    "glibc.malloc.trim_threshold=268435456"
)
"""glibc: huge pages, and memory that was freed is kept for the next object. A tenth of a worker's
time would else go into pages that the system takes back and gives again. Others ignore it."""

_PATIENCE = 1  # seconds for a worker that has nothing left to do


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
    hands: dict[Connection, subprocess.Popen[bytes]] = {}
    try:
        for _ in range(min(workers, len(jobs))):
            connection, process = _started()
            hands[connection] = process
            connection.send(writer)
        yield from _conduct(jobs, hands, claim, advance)
    finally:
        for connection, process in hands.items():
            connection.close()
            _end(process)


def _started() -> tuple[Connection, subprocess.Popen[bytes]]:
    """A worker process and our end of the line to it.

    It sees the same modules as this process, and no others (-P: not those of the current
    folder). Ctrl-C reaches this process alone; a worker ends when the line is closed.
    """
    ours, theirs = Pipe()
    with theirs:
        descriptor = theirs.fileno()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", _SERVER, str(descriptor), str(os.getpid())],
            env={"GLIBC_TUNABLES": _HUGE_PAGES}
            | os.environ
            | {"PYTHONPATH": os.pathsep.join(p or os.curdir for p in sys.path)},
            stdin=subprocess.DEVNULL,
            pass_fds=[descriptor],
            start_new_session=True,
        )
    return ours, process


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _conduct(
    jobs: Sequence[Job],
    hands: dict[Connection, subprocess.Popen[bytes]],
    claim: ClaimKeys,
    advance: Advance,
) -> Iterator[BatchResult]:
    waiting = iter(jobs)
    questions: dict[int, tuple[Question, Connection]] = {}
    results: dict[int, BatchResult] = {}
    to_claim = to_yield = 0
    busy = list(hands)
    for connection in busy:
        connection.send(next(waiting))
    while to_yield < len(jobs):
        for connection in _ready(busy):
            match _received(connection, hands[connection]):
                case Step(files, size, records):
                    advance(files, size, records)
                case Question() as question:
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


def _received(connection: Connection, process: subprocess.Popen[bytes]) -> object:
    try:
        message = connection.recv()
    except (EOFError, ConnectionError) as error:
        text = (
            f"A worker process ended with code {process.wait(_PATIENCE)}, perhaps for want of "
            "memory. What was committed is safe: run again, with fewer --workers."
        )
        raise RolecallError(text) from error
    if isinstance(message, Failure):
        message.error.add_note(f"In a worker process:\n{message.trace}")
        raise message.error
    return message


def _answer(question: Question, claim: ClaimKeys) -> bytes:
    return packed([claim(*unpacked(question.rows))], _NEW)
