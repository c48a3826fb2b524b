"""Gzip and UTF-16, told by the first bytes; expanded no further than a limit."""

from __future__ import annotations

from dataclasses import dataclass

from isal import isal_zlib

MAGIC = b"\x1f\x8b"
MAX_BYTES = 1 << 30
"""Most bytes that an object may expand to; a gzip bomb ends here."""

GZIP_CUT = "The gzip data ends too early"
"""`Expanded.fault` of gzip that is cut off."""

_GZIP_WINDOW = 31
_LEAST_STEP = 256 << 10
_MAX_LAYERS = 3
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


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
    if len(data) > limit:
        fault = f"It expands to more than {limit} bytes, the limit for one object."
        return Expanded(b"", fault, "too large")
    return Expanded(_as_utf8(data), fault, "corrupt gzip" if fault else "")


def _as_utf8(data: bytes) -> bytes:
    """Text without its byte order mark; UTF-16, as PowerShell writes it, becomes UTF-8."""
    if data.startswith(_UTF16_MARKS):
        try:
            return data.decode("utf-16", "surrogatepass").encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return data
    return data.removeprefix(_UTF8_MARK)


def _gunzip(stored: bytes, limit: int) -> tuple[bytes, str]:
    """Expand the members one after the other; at most one byte more than the limit.

    A gzip file ends with the size of its content. It is taken for a hint only, yet with an
    output buffer of the right size from the start, expanding takes half the time.
    """
    parts: list[bytes] = []
    size = 0
    rest = stored
    step = max(int.from_bytes(stored[-4:], "little") + 1, _LEAST_STEP)
    while rest.startswith(MAGIC) and size <= limit:
        member = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
        try:
            while not member.eof and size <= limit:
                part = member.decompress(rest, min(step, limit - size + 1))
                rest = member.unconsumed_tail
                size += len(part)
                parts.append(part)
                if not part and not rest and not member.eof:
                    return _joined(parts), GZIP_CUT
        except isal_zlib.error as error:  # type: ignore[misc]  # a class, whatever its stub says
            return _joined(parts), f"The gzip data is corrupt ({error})."
        rest = member.unused_data
    return _joined(parts), ""


def _joined(parts: list[bytes]) -> bytes:
    return parts[0] if len(parts) == 1 else b"".join(parts)
