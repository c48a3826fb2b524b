"""What an object holds: itself, expanded, or the members of the zip archive or envelope it is."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

from pipeline.decoders import envelope
from pipeline.decoders.compression import Expanded, expand

JUNK = "macOS metadata (__MACOSX)"
"""`Expanded.kind` of members that macOS adds to every archive; they are not opened."""

_MAGIC = b"PK\x03\x04"
_ENCRYPTED = 0x1
_MAX_LAYERS = 3
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)
"""What zipfile raises on a damaged member, or on one in a way of compression that it lacks."""


def contents(stored: bytes, limit: int, layer: int = 1) -> Iterator[Expanded]:
    """The contents of an object, one after the other; usually one.

    limit -- most bytes that all of them together may expand to.
    """
    expanded = expand(stored, limit)
    carried = None if expanded.fault else envelope.items(expanded.data)
    is_zip = expanded.data.startswith(_MAGIC) and not expanded.fault
    if carried is None and not is_zip:
        yield expanded
        return
    del stored
    if layer > _MAX_LAYERS:
        fault = f"Archives and envelopes lie in each other more than {_MAX_LAYERS} deep."
        yield Expanded(b"", fault, "too deep")
        return
    if carried is not None:
        yield from _items(carried, limit, layer)
        return
    try:
        archive = zipfile.ZipFile(BytesIO(expanded.data))
    except _FAULTS as error:
        yield Expanded(b"", f"The zip archive is corrupt ({error}).", "corrupt zip")
        return
    with archive:
        left = limit
        for member in archive.infolist():
            if member.is_dir():
                continue
            for content in _member(archive, member, left, layer):
                left -= len(content.data)
                name = "/".join(filter(None, (member.filename, content.member)))
                yield replace(content, member=name)
                if content.kind == "too large":
                    return


def _items(carried: Iterator[bytes | None], limit: int, layer: int) -> Iterator[Expanded]:
    """The contents of an envelope's items; the limit is that of all of them together."""
    left = limit
    for number, item in enumerate(carried, start=1):
        name = f"item {number}"
        if item is None:
            fault = "It carries nothing that can be decoded: it is cut off, or no base64."
            yield Expanded(b"", fault, "corrupt envelope", name)
            continue
        for content in contents(item, left, layer + 1):
            left -= len(content.data)
            yield replace(content, member="/".join(filter(None, (name, content.member))))
            if content.kind == "too large":
                return


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int, layer: int
) -> Iterator[Expanded]:
    path = member.filename.split("/")
    if path[0] == "__MACOSX" or path[-1].startswith("._") or path[-1] == ".DS_Store":
        yield Expanded(b"", kind=JUNK)
    elif member.flag_bits & _ENCRYPTED:
        yield Expanded(b"", "It is encrypted.", "encrypted zip")
    else:
        try:
            with archive.open(member) as file:
                data = file.read(limit + 1)
        except _FAULTS as error:
            yield Expanded(b"", f"It is damaged in the archive ({error}).", "corrupt zip")
            return
        yield from contents(data, limit, layer + 1)
