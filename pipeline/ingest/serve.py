"""Worker processes: python -m pipeline.ingest.serve FD...

One for each socket FD: it takes jobs from there until there are no more, or nobody is there. The
first loads the modules, a fifth of a second's work, and the others are forks of it. It is started
as a program of its own, not by multiprocessing, which would import the caller's main module again.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

import pyarrow as pa

from pipeline.ingest.messages import KEYS, Failure, Question, Ready, Step, packed, unpacked
from pipeline.ingest.work import Claim, Worker
from pipeline.lake import EventWriter

_PROGRESS_RECORDS = 5000


def serve(connection: Connection) -> None:
    """Receive an EventWriter, then jobs; send steps, questions and results.

    The first job is sent by a main process that still holds the lake's lock, to a worker for whose
    end the next writer waits. So one that comes to work after the main process's death has none.
    """
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        writer: EventWriter = connection.recv()
        with writer.at_work():
            connection.send(Ready())
            _work(connection, Worker(writer))
    except (EOFError, ConnectionError):
        return
    except Exception as error:  # noqa: BLE001 - handed to the main process, which raises it
        connection.send(Failure(error, traceback.format_exc()))


def _work(connection: Connection, worker: Worker) -> None:
    while (job := connection.recv()) is not None:
        steps = _Steps(connection)
        result = worker.work(job, _asking(connection, job.number), steps.advance)
        steps.flush()
        connection.send(result)


def _asking(connection: Connection, job: int) -> Claim:
    def answer() -> pa.Array:
        (new,) = unpacked(connection.recv_bytes())
        return new

    def claim(ids: pa.Array, accounts: pa.Array, last: bool) -> Callable[[], pa.Array]:
        connection.send(Question(job, packed([ids, accounts], KEYS), last))
        return answer

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
        self._connection.send(Step(self._files, self._size, self._records))
        self._files = self._size = self._records = 0


def _serve_all(descriptors: list[int]) -> None:
    """Serve the first, and each of the others in a fork, which has one end of one line only.

    No work was begun yet, so no thread holds anything that a fork would wait for; pyarrow's memory
    pools are made to be forked.
    """
    gc.freeze()  # the modules are no garbage
    own, *others = descriptors
    forks = []
    for position, descriptor in enumerate(others):
        fork = os.fork()
        if not fork:
            for other in (own, *others[position + 1 :]):
                os.close(other)
            serve(Connection(descriptor))
            return
        forks.append(fork)
        os.close(descriptor)
    serve(Connection(own))
    for fork in forks:
        os.waitpid(fork, 0)


if __name__ == "__main__":
    _serve_all([int(text) for text in sys.argv[1:]])
