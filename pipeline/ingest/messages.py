"""What the main process and a worker process tell each other."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

KEYS = pa.schema([("event_id", pa.string()), ("recipient_account_id", pa.string())])


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker waits for its first job; the lake's next writer waits for its end."""


@dataclass(frozen=True, slots=True)
class Question:
    """A worker asks which of the rows (an Arrow stream of `KEYS`) are new; see `answer`.

    job -- number of the batch; last -- nothing more will be asked for it.
    """

    job: int
    rows: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Some more files were read."""

    files: int
    size: int
    records: int


@dataclass(frozen=True, slots=True)
class Failure:
    """What a worker raised, with its trace as text."""

    error: Exception
    trace: str


def packed(columns: list[pa.Array], schema: pa.Schema) -> bytes:
    """Columns as an Arrow stream."""
    table = pa.table(columns, schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as out:
        out.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def unpacked(stream: bytes) -> list[pa.Array]:
    """The columns of an Arrow stream, each in one piece."""
    with pa.ipc.open_stream(stream) as rows:
        return [column.combine_chunks() for column in rows.read_all().columns]
