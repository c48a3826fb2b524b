"""Run the batches of an ingest, in this process or in worker processes.

Both ways yield the results in the order of the batches, and both ask for new keys in the order
of the records, so that of two equal records the first in listing order is always the one stored.
A worker that is done reading asks; the answer may wait until the batches before have asked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait

import pyarrow as pa

from pipeline.errors import RolecallError
from pipeline.ingest.messages import Failure, Question, Ready, Step, packed, unpacked
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
    jobs: Iterable[Job], writer: EventWriter, claim: ClaimKeys, advance: Advance
) -> Iterator[BatchResult]:
    """Run the batches one after the other in this process."""
    worker = Worker(writer)
    for job in jobs:
        yield worker.work(job, lambda ids, accounts, _: partial(claim, ids, accounts), advance)


class Crew:
    """Worker processes: none, or as many as were asked for, but no more than there are batches.

    Close it in the end.

    They are one program and its forks, a process group of their own. They see the same modules
    as this process, and no others (-P: not those of the current folder). Ctrl-C reaches this
    process alone; a worker ends when its line is closed.
    """

    def __init__(self, writer: EventWriter, workers: int) -> None:
        self._writer = writer
        self._workers = workers
        self._lines: list[Connection] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._has_worked = False

    def call(self, batches: int) -> None:
        """Start the processes for so many batches, once; they get ready while this one goes on."""
        if self._process:
            return
        pipes = [Pipe() for _ in range(min(self._workers, batches))]
        theirs = [their.fileno() for _, their in pipes]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", _SERVER, *map(str, theirs)],
            env={"GLIBC_TUNABLES": _HUGE_PAGES}
            | os.environ
            | {"PYTHONPATH": os.pathsep.join(p or os.curdir for p in sys.path)},
            stdin=subprocess.DEVNULL,
            pass_fds=theirs,
            start_new_session=True,
        )
        for our, their in pipes:
            their.close()
            self._lines.append(our)
            our.send(self._writer)

    def run(self, jobs: Iterable[Job], claim: ClaimKeys, advance: Advance) -> Iterator[BatchResult]:
        """Run the batches in the processes.

        Raises what a worker raised, and RolecallError when a worker ended without a word.
        """
        waiting = iter(jobs)
        first = list(islice(waiting, self._workers))
        self.call(len(first))
        self._has_worked = True
        yield from _conduct(chain(first, waiting), self._lines, claim, advance)

    def close(self) -> None:
        """End the processes."""
        for line in self._lines:
            line.close()
        if self._process:
            try:
                self._process.wait(_PATIENCE if self._has_worked else 0)
            except subprocess.TimeoutExpired:
                self._kill(self._process)
        self._process = None

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _conduct(
    waiting: Iterator[Job], lines: Sequence[Connection], claim: ClaimKeys, advance: Advance
) -> Iterator[BatchResult]:
    questions: dict[int, tuple[Question, Connection]] = {}
    results: dict[int, BatchResult] = {}
    handed_out = to_claim = to_yield = 0
    is_more = True
    busy = list(lines)
    while is_more or to_yield < handed_out:
        for connection in _ready(busy):
            message = _received(connection)
            match message:
                case Step(files, size, records):
                    advance(files, size, records)
                case Question():
                    questions[message.job] = (message, connection)
                case BatchResult():
                    results[message.number] = message
            if isinstance(message, (Ready, BatchResult)):
                job = next(waiting, None)
                with _spoken_to():
                    connection.send(job)
                if job is None:
                    is_more = False
                    busy.remove(connection)
                else:
                    handed_out += 1
        while to_claim in questions:
            question, asking = questions.pop(to_claim)
            answer = _answer(question, claim)
            with _spoken_to():
                asking.send_bytes(answer)
            to_claim += question.last
        while to_yield in results:
            yield results.pop(to_yield)
            to_yield += 1


def _ready(busy: Sequence[Connection]) -> list[Connection]:
    return [connection for connection in wait(busy) if isinstance(connection, Connection)]


def _received(connection: Connection) -> object:
    with _spoken_to():
        message = connection.recv()
    if isinstance(message, Failure):
        message.error.add_note(f"In a worker process:\n{message.trace}")
        raise message.error
    return message


@contextmanager
def _spoken_to() -> Iterator[None]:
    """Raise RolecallError when the worker at the other end is gone."""
    try:
        yield
    except (EOFError, ConnectionError) as error:
        text = (
            "A worker process ended without a word, perhaps for want of memory. "
            "What was committed is safe: run again, with fewer --workers."
        )
        raise RolecallError(text) from error


def _answer(question: Question, claim: ClaimKeys) -> bytes:
    return packed([claim(*unpacked(question.rows))], _NEW)
