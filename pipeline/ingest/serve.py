"""A worker process: python -m pipeline.ingest.serve FD PARENT

Takes jobs from the socket FD until there are no more, or nobody is there. It is started as a
program of its own, not by multiprocessing, which would import the caller's main module again.
"""

from __future__ import annotations

import os
import sys
import traceback
from multiprocessing.connection import Connection

import pyarrow as pa

from pipeline.ingest.messages import KEYS, Failure, Question, Step, packed, unpacked
from pipeline.ingest.work import Claim, Worker
from pipeline.lake import EventWriter

_PROGRESS_RECORDS = 5000


def serve(connection: Connection, parent: int) -> None:
    """Receive an EventWriter, then jobs; send steps, questions and results.

    parent -- id of the process that holds the lake's lock. When it dies, the next writer waits
        for the workers at work; one that comes to work only after that does nothing.
    """
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        writer: EventWriter = connection.recv()
        with writer.at_work():
            if os.getppid() == parent:
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
    def claim(ids: pa.Array, accounts: pa.Array, last: bool) -> pa.Array:
        connection.send(Question(job, packed([ids, accounts], KEYS), last))
        (new,) = unpacked(connection.recv_bytes())
        return new

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


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
