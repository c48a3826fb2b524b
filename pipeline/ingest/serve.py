"""A worker process: python -m pipeline.ingest.serve FD

Takes jobs from the socket FD until there are no more, or nobody is there. It is started as a
program of its own, not by multiprocessing, which would import the caller's main module again.
"""

from __future__ import annotations

import sys
import traceback
from multiprocessing.connection import Connection

import pyarrow as pa

from pipeline.ingest.messages import KEYS, Failure, Question, Step, packed, unpacked
from pipeline.ingest.work import Claim, Worker

_PROGRESS_RECORDS = 5000


def serve(connection: Connection) -> None:
    """Receive an EventWriter, then jobs; send steps, questions and results."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        worker = Worker(connection.recv())
        while (job := connection.recv()) is not None:
            steps = _Steps(connection)
            result = worker.work(job, _asking(connection, job.number), steps.advance)
            steps.flush()
            connection.send(result)
    except (EOFError, ConnectionError):
        return
    except Exception as error:  # noqa: BLE001 - handed to the main process, which raises it
        connection.send(Failure(error, traceback.format_exc()))


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
    serve(Connection(int(sys.argv[1])))
