"""Gzip and UTF-16, told by the first bytes; expanded no further than a limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import deflate
from isal import isal_zlib

from pipeline.sources import Stored

MAGIC = b"\x1f\x8b"
MAX_BYTES = 1 << 30
"""Most bytes that an object may expand to; a gzip bomb ends here."""

LARGE_BYTES = 32 << 20
"""Content above this size is counted before it is held."""

GZIP_CUT = "The gzip data ends too early"
"""`Expanded.fault` of gzip that is cut off."""

_MEMBER = MAGIC + b"\x08"
_AT_ONCE_BYTES = 256 << 10
_GZIP_WINDOW = 31
_LEAST_STEP = 256 << 10
_PIECE_BYTES = 4 << 20
_COUNT_STEP = 16 << 20
_MAX_LAYERS = 3
_BEYOND = "beyond the limit"
UTF8_MARK, UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Expanded:
    """Content of an object.

    data -- the bytes as UTF-8 without a byte order mark; what could be read of broken content.
    fault -- why the rest could not be read, or "".
    kind -- a short name of the fault, or of what was passed over by its name, or "".
    member -- path inside the zip archive that the object is, or "".
    """

    data: bytes
    fault: str = ""
    kind: str = ""
    member: str = ""


def expand(stored: bytes, limit: int = MAX_BYTES) -> Expanded:
    """Expand gzip (any number of members, up to three layers); other bytes stay as they are.

    limit -- most bytes to expand to. Content that is larger yields no data and a fault.
    """
    data, fault, layers = stored, "", 0
    while data.startswith(MAGIC) and not fault and len(data) <= limit:
        if layers == _MAX_LAYERS:
            return Expanded(b"", f"It is gzipped more than {_MAX_LAYERS} times.", "too large")
        data, fault = _gunzip(data, limit)
        layers += 1
    if len(data) > limit or fault == _BEYOND:
        fault = f"It expands to more than {limit} bytes, the limit for one object."
        return Expanded(b"", fault, "too large")
    return Expanded(_as_utf8(data), fault, "corrupt gzip" if fault else "")


def _as_utf8(data: bytes) -> bytes:
    """Text without its byte order mark; UTF-16, as PowerShell writes it, becomes UTF-8."""
    if data.startswith(UTF16_MARKS):
        try:
            return data.decode("utf-16", "surrogatepass").encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return data
    return data.removeprefix(UTF8_MARK)


class GzipError(Exception):
    """The gzip data cannot be expanded any further; the text says why."""


def gunzip(stored: Stored, step: int) -> Iterator[bytes]:
    """The content of the gzip members, one after the other, in parts of no more than `step` bytes.

    Raises GzipError where the data ends too early or is corrupt.
    """
    rest, position = stored[:_PIECE_BYTES], _PIECE_BYTES  # what is not read is copied at each step
    while rest.startswith(MAGIC):
        member = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
        try:
            while not member.eof:
                part = member.decompress(rest, step)
                rest = member.unconsumed_tail
                if part:
                    yield part
                if not rest and not member.eof:
                    rest, position = (
                        stored[position : position + _PIECE_BYTES],
                        position + _PIECE_BYTES,
                    )
                    if not rest and not part:
                        raise GzipError(GZIP_CUT)
        except isal_zlib.error as error:  # type: ignore[misc]  # a class, whatever its stub says
            raise GzipError(f"The gzip data is corrupt ({error}).") from error
        rest = member.unused_data
        if len(rest) < len(MAGIC):
            rest, position = (
                rest + stored[position : position + _PIECE_BYTES],
                position + _PIECE_BYTES,
            )


def size_of(stored: bytes, limit: int) -> int:
    """Bytes that gzip data expands to, as far as it is sound; counted no further than the limit.

    Nothing is held.
    """
    size = 0
    with suppress(GzipError):
        for part in gunzip(stored, _COUNT_STEP):
            size += len(part)
            if size > limit:
                break
    return size


def hinted_size(stored: Stored) -> int:
    """The size that the end of gzip data gives its last member, a hint only."""
    return int.from_bytes(stored[-4:], "little")


def _gunzip(stored: bytes, limit: int) -> tuple[bytes, str]:
    """Expand gzip data; of what is larger than the limit, nothing, and it is not held either.

    With an output buffer of the right size from the start, expanding takes half the time.
    """
    parts: list[bytes] = []
    size, hint = 0, hinted_size(stored)
    if hint <= min(limit, _AT_ONCE_BYTES) and (data := _at_once(stored, hint)):
        return data, ""
    is_counted = hint > LARGE_BYTES
    if is_counted and size_of(stored, limit) > limit:
        return b"", _BEYOND
    try:
        for part in gunzip(stored, min(max(hint, _LEAST_STEP), limit) + 1):
            parts.append(part)
            size += len(part)
            if size > LARGE_BYTES and not is_counted:
                is_counted = True
                if size_of(stored, limit) > limit:
                    return b"", _BEYOND
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
