"""Gzip and UTF-16, told by the first bytes; expanded no further than a limit."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import IO

import deflate
import msgspec
from isal import isal_zlib

from pipeline.decoders.model import BLOCK_BYTES
from pipeline.sources import Stored

MAGIC = b"\x1f\x8b"
MAX_BYTES = 1 << 30
"""Most bytes that an object may expand to; a gzip bomb ends here."""

LARGE_BYTES = BLOCK_BYTES
"""Content above this size is not held: it is gone through to count it, and again to read it."""

PART_BYTES = BLOCK_BYTES // 4
"""Large content comes in parts of no more."""

HEAD_BYTES = 4 << 20
"""What large content is gets told by so much of its beginning."""

GZIP_CUT = "The gzip data ends too early"
"""`Expanded.fault` of gzip that is cut off."""

_MEMBER = MAGIC + b"\x08"
_AT_ONCE_BYTES = 256 << 10
_GZIP_WINDOW = 31
_LEAST_STEP = 256 << 10
_PIECE_BYTES = 4 << 20
_MAX_LAYERS = 3
_BEYOND = "beyond the limit"
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")

Parts = Callable[[], Iterator[bytes]]
"""Goes through content from its beginning, in parts; none of them is empty."""


@dataclass(frozen=True, slots=True)
class Large:
    """Content that is too large to be held.

    size -- bytes of it; parts -- goes through it, as far as it could be read.
    """

    size: int
    parts: Parts


class Expanded(msgspec.Struct, frozen=True, gc=False):
    """Content of an object. A Struct, for one is made of every object.

    data -- the bytes as UTF-8 without a byte order mark; what could be read of broken content.
        Of large content its beginning.
    fault -- why the rest could not be read, or "".
    kind -- a short name of the fault, or of what was passed over by its name, or "".
    member -- path inside the zip archive that the object is, or "".
    large -- all of the content, where it is large.
    """

    data: bytes
    fault: str = ""
    kind: str = ""
    member: str = ""
    large: Large | None = None

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return self.large.size if self.large else len(self.data)


def expand(stored: Stored, limit: int = MAX_BYTES) -> Expanded:
    """Expand gzip (any number of members, up to three layers); other bytes stay as they are.

    limit -- most bytes to expand to. Content that is larger yields no data and a fault.
    """
    if len(stored) <= LARGE_BYTES:
        return _held(stored[:], limit)
    return _passed_through(partial(_slices, stored), limit)


def expand_parts(parts: Parts, limit: int) -> Expanded:
    """Expand what comes in parts, as `expand` does."""
    held = _beginning(parts, LARGE_BYTES + 1)
    return _held(held, limit) if len(held) <= LARGE_BYTES else _passed_through(parts, limit)


def parts_of(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, in parts."""
    return iter(partial(file.read, PART_BYTES), b"")


def _held(stored: bytes, limit: int) -> Expanded:
    """Expand in memory; what turns out to be large is gone through instead."""
    most = min(limit, LARGE_BYTES)
    data, fault, layers = stored, "", 0
    while data.startswith(MAGIC) and not fault:
        if layers == _MAX_LAYERS:
            return _too_many_layers()
        data, fault = _gunzip(data, most)
        layers += 1
    if fault == _BEYOND:
        return _passed_through(partial(_slices, stored), limit)
    if len(data) > limit:
        return _too_large(limit)
    return Expanded(_as_utf8(data), fault, "corrupt gzip" if fault else "")


def _passed_through(parts: Parts, limit: int) -> Expanded:
    """Expand and count, holding no more than the beginning."""
    head, layers = _beginning(parts, HEAD_BYTES), 0
    while head.startswith(MAGIC):
        if layers == _MAX_LAYERS:
            return _too_many_layers()
        parts = partial(_gunzipped, parts, limit)
        head = _beginning(parts, HEAD_BYTES)
        layers += 1
    parts = partial(_from_utf16 if head.startswith(_UTF16_MARKS) else _without_mark, parts)
    size, fault = 0, ""
    try:
        for part in parts():
            size += len(part)
            if size > limit:
                return _too_large(limit)
    except GzipError as error:
        fault = str(error)
    if fault == _BEYOND:
        return _too_large(limit)
    kind = "corrupt gzip" if fault else ""
    if size <= LARGE_BYTES:
        return Expanded(_beginning(parts, size), fault, kind)
    large = Large(size, partial(_as_far_as_sound, parts))
    return Expanded(_beginning(parts, HEAD_BYTES), fault, kind, large=large)


def _too_many_layers() -> Expanded:
    return Expanded(b"", f"It is gzipped more than {_MAX_LAYERS} times.", "too deep")


def _too_large(limit: int) -> Expanded:
    fault = f"It expands to more than {limit} bytes, the limit for one object."
    return Expanded(b"", fault, "too large")


def _slices(stored: Stored) -> Iterator[bytes]:
    step = min(_PIECE_BYTES, PART_BYTES)
    return (stored[start : start + step] for start in range(0, len(stored), step))


def _beginning(parts: Parts, size: int) -> bytes:
    """At least so many bytes of the beginning, if there are, and about no more."""
    taken: list[bytes] = []
    with suppress(GzipError):
        for part in parts() if size else ():
            taken.append(part)
            size -= len(part)
            if size <= 0:
                break
    return _joined(taken)


def _as_far_as_sound(parts: Parts) -> Iterator[bytes]:
    with suppress(GzipError):
        yield from parts()


def _as_utf8(data: bytes) -> bytes:
    """Text without its byte order mark; UTF-16, as PowerShell writes it, becomes UTF-8."""
    if data.startswith(_UTF16_MARKS):
        return b"".join(_from_utf16(lambda: iter((data,))))
    return data.removeprefix(_UTF8_MARK)


def _from_utf16(parts: Parts) -> Iterator[bytes]:
    """UTF-16 as UTF-8; half a character at the end, where the text was cut off, is left out."""
    decoder = getincrementaldecoder("utf-16")("surrogatepass")
    for part in parts():
        if text := decoder.decode(part):
            yield text.encode("utf-8", "surrogatepass")


def _without_mark(parts: Parts) -> Iterator[bytes]:
    """The content without its byte order mark, which may be a gzip member of its own."""
    rest = parts()
    start = b""
    for part in rest:
        start += part
        if len(start) >= len(_UTF8_MARK):
            break
    if start := start.removeprefix(_UTF8_MARK):
        yield start
    yield from rest


class GzipError(Exception):
    """The gzip data cannot be expanded any further; the text says why."""


def _gunzipped(parts: Parts, limit: int) -> Iterator[bytes]:
    """Parts of the content of gzip data; GzipError where it expands to more than the limit."""
    size = 0
    for part in gunzip(parts(), PART_BYTES):
        size += len(part)
        if size > limit:
            raise GzipError(_BEYOND)
        yield part


def gunzip(stored: Iterator[bytes], step: int) -> Iterator[bytes]:
    """The content of the gzip members, one after the other, in parts of no more than `step` bytes.

    stored -- pieces of some megabytes, for what is not read of one is copied at each step.
    Raises GzipError where the data ends too early or is corrupt.
    """
    rest = _at_least(len(MAGIC), b"", stored)
    while rest.startswith(MAGIC):
        member = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
        try:
            while not member.eof:
                part = member.decompress(rest, step)
                rest = member.unconsumed_tail
                if part:
                    yield part
                if not rest and not part and not member.eof:
                    rest = next(stored, b"")
                    if not rest:
                        raise GzipError(GZIP_CUT)
        except isal_zlib.error as error:  # type: ignore[misc]  # a class, whatever its stub says
            raise GzipError(f"The gzip data is corrupt ({error}).") from error
        rest = _at_least(len(MAGIC), member.unused_data, stored)


def _at_least(size: int, rest: bytes, pieces: Iterator[bytes]) -> bytes:
    while len(rest) < size and (piece := next(pieces, b"")):
        rest += piece
    return rest


def _gunzip(stored: bytes, limit: int) -> tuple[bytes, str]:
    """Expand gzip data; of what is larger than the limit, nothing, and it is not held either.

    With an output buffer of the right size from the start, expanding takes half the time: the
    end of the data gives the size of its last member, a hint only.
    """
    parts: list[bytes] = []
    size, hint = 0, int.from_bytes(stored[-4:], "little")
    if hint > limit:
        return b"", _BEYOND
    if hint <= _AT_ONCE_BYTES and (data := _at_once(stored, hint)):
        return data, ""
    try:
        for part in gunzip(_slices(stored), max(hint, _LEAST_STEP) + 1):
            size += len(part)
            if size > limit:
                return b"", _BEYOND
            parts.append(part)
    except GzipError as fault:
        return _joined(parts), str(fault)
    return _joined(parts), ""


def _at_once(stored: bytes, size: int) -> bytes:
    """The content of a single sound gzip member of that size; b"" where it may be anything else.

    libdeflate takes half the time of a stream, but says nothing of a second member.
    """
    if stored.find(_MEMBER, len(_MEMBER)) > 0:
        return b""
    try:
        data = deflate.gzip_decompress(stored, size)
    except deflate.DeflateError:
        return b""
    return bytes(data) if len(data) == size else b""


def _joined(parts: list[bytes]) -> bytes:
    return parts[0] if len(parts) == 1 else b"".join(parts)
