"""Gzip, told by its first bytes, expanded no further than a limit."""

from __future__ import annotations

from dataclasses import dataclass

from isal import isal_zlib

MAGIC = b"\x1f\x8b"
MAX_BYTES = 1 << 30
"""Most bytes that an object may expand to; a gzip bomb ends here."""

_GZIP_WINDOW = 31


@dataclass(frozen=True, slots=True)
class Expanded:
    """Content of an object.

    data -- the bytes, without a UTF-8 byte order mark; what could be read of broken content.
    fault -- why the rest could not be read, or "".
    kind -- a short name of the fault, or "".
    """

    data: bytes
    fault: str = ""
    kind: str = ""


def expand(stored: bytes, limit: int = MAX_BYTES) -> Expanded:
    """Expand gzip (any number of members); other bytes are returned as they are.

    limit -- most bytes to expand to. Content that is larger yields no data and a fault.
    """
    data, fault = _gunzip(stored, limit) if stored.startswith(MAGIC) else (stored, "")
    if len(data) > limit:
        fault = f"It expands to more than {limit} bytes, the limit for one object."
        return Expanded(b"", fault, "too large")
    kind = "corrupt gzip" if fault else ""
    return Expanded(data.removeprefix(b"\xef\xbb\xbf"), fault, kind)


def _gunzip(stored: bytes, limit: int) -> tuple[bytes, str]:
    """Expand the members one after the other; at most one byte more than the limit."""
    parts: list[bytes] = []
    size = 0
    rest = stored
    while rest.startswith(MAGIC) and size <= limit:
        member = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
        try:
            while not member.eof and size <= limit:
                part = member.decompress(rest, limit - size + 1)
                rest = member.unconsumed_tail
                size += len(part)
                parts.append(part)
                if not part and not rest and not member.eof:
                    return _joined(parts), "The gzip data ends too early."
        except isal_zlib.error as error:  # type: ignore[misc]  # a class, whatever its stub says
            return _joined(parts), f"The gzip data is corrupt ({error})."
        rest = member.unused_data
    return _joined(parts), ""


def _joined(parts: list[bytes]) -> bytes:
    return parts[0] if len(parts) == 1 else b"".join(parts)
