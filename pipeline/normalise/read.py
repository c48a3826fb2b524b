"""Read the records of an object's content: fast where it is good, tolerant where it is not."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, MutableSequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

from pipeline.decoders import BLOCK_BYTES, CUT, Decoder, looks_like_cloudtrail
from pipeline.normalise.depth import with_headroom
from pipeline.normalise.response import blank_session_tokens
from pipeline.normalise.shape import RecordShape
from pipeline.normalise.times import usual_times
from pipeline.normalise.tolerant import Extras, UnfitError, read_one

MAX_RAW_TEXT = 64 << 10
"""Most bytes of a rejected record that are kept."""

MAX_RECORD_BYTES = BLOCK_BYTES
"""Most bytes of one record. A block is larger only when it holds a record that is."""

_TOLERANT_ROWS = 4096
_SMALL_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be stored.

    number -- position in the object from 1; 0 for the object as a whole.
    raw -- start of its bytes, as met (session tokens are taken out when it becomes a row).
    telling -- whether it may be a CloudTrail record: it looks like one, or it is cut off.
    """

    number: int
    reason: str
    raw: bytes
    telling: bool = True

    def text(self, length: int) -> str:
        """The first bytes as text, without session tokens."""
        return blank_session_tokens(self.raw[:length]).decode(errors="replace")


class Content(msgspec.Struct, gc=False):
    """Records of one object, or of a part of it, in their order.

    learned -- raw names of the fields that the records have beyond `shape.TOP_LEVEL`.
    times -- event times, one per record, in microseconds since 1970 (UTC).
    extras -- record's position in `records` -> raw name -> JSON text, for what no column
        can give back as written.
    size -- bytes that the records were decoded from.
    """

    learned: tuple[str, ...]
    records: list[Any]
    times: MutableSequence[int]
    extras: dict[int, Extras] = {}
    rejects: list[Reject] = []
    size: int = 0


def read(decoder: Decoder, blocks: Iterable[bytes], shape: RecordShape) -> Iterator[Content]:
    """Read content that `decoder` recognised, block by block; one Content for a block as a rule."""
    first = 1
    for block in blocks:
        content = read_fast(decoder, block, shape)
        if content is not None:
            first += len(content.records)
            yield content
            continue
        for part in read_tolerant(decoder, block, shape, first):
            yield part
            first += len(part.records) + len(part.rejects)


def read_fast(decoder: Decoder, block: bytes, shape: RecordShape) -> Content | None:
    """Decode a whole block in one typed call; None when any of its records is odd."""
    if len(block) > MAX_RECORD_BYTES or not _is_utf8(block):
        return None
    while True:
        record_type = shape.record_type
        try:
            records = with_headroom(decoder.decode, block, record_type)
        except msgspec.ValidationError as error:
            if not shape.learn(error):
                return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        else:
            break
    times = usual_times([record.event_time for record in records])
    if times is None:
        return None
    return Content(shape.learned, records, times, size=len(block))


def read_tolerant(
    decoder: Decoder, block: bytes, shape: RecordShape, first: int = 1
) -> Iterator[Content]:
    """Step through a block; every record is stored or rejected on its own.

    first -- the number of the block's first record in the object.
    """
    content = Content(shape.learned, [], array("q"))
    for piece in decoder.split(block):
        number = first - 1 + piece.number
        try:
            if piece.fault:
                raise UnfitError(piece.fault)
            if len(piece.raw) > MAX_RECORD_BYTES:
                limit = f"larger than {MAX_RECORD_BYTES} bytes, the limit for one record"
                raise UnfitError(f"The record is {limit}.")
            record, time, extras = read_one(piece.raw, shape.record_type)
        except UnfitError as unfit:
            raw = piece.raw[:MAX_RAW_TEXT]
            telling = piece.fault == CUT or looks_like_cloudtrail(piece.raw)
            content.rejects.append(Reject(number, str(unfit), raw, telling))
            if len(content.rejects) == _TOLERANT_ROWS:
                yield content
                content = Content(shape.learned, [], array("q"))
            continue
        if extras:
            content.extras[len(content.records)] = extras
        content.records.append(record)
        content.times.append(time)
        content.size += len(piece.raw)
        if len(content.times) == _TOLERANT_ROWS or content.size > BLOCK_BYTES:
            yield content
            content = Content(shape.learned, [], array("q"))
    yield content


def _is_utf8(block: bytes) -> bool:
    """Whether the text is sound, which msgspec does not check in raw values.

    block -- no more than `MAX_RECORD_BYTES`. Arrow looks at it where it lies.
    """
    if block.isascii():
        return True
    if len(block) < _SMALL_BYTES:
        try:
            block.decode()
        except UnicodeDecodeError:
            return False
        return True
    length = len(block).to_bytes(4, "little")
    buffers = [None, pa.py_buffer(bytes(4) + length), pa.py_buffer(block)]
    try:
        pa.Array.from_buffers(pa.string(), 1, buffers).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
