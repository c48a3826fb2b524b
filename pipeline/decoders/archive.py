"""What an object holds: itself, expanded, or the members of the zip archive that it is."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

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
    if not expanded.data.startswith(_MAGIC) or expanded.fault:
        yield expanded
        return
    del stored
    if layer > _MAX_LAYERS:
        yield Expanded(b"", f"Archives lie in each other more than {_MAX_LAYERS} deep.", "zip")
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
