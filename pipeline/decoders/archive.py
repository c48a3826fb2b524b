"""What an object holds: itself, expanded, or the members of the zip archive or envelope it is."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from itertools import chain

from msgspec import structs

from pipeline.decoders import envelope
from pipeline.decoders.compression import LARGE_BYTES, Expanded, expand, expand_parts, parts_of
from pipeline.decoders.window import UncutError, texts
from pipeline.sources import Stored, as_file, put_aside

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


def contents(stored: Stored, limit: int) -> Iterator[Expanded]:
    """The contents of an object, one after the other; usually one.

    limit -- most bytes that all of them together may expand to.
    Raises SourceError when there is no room to put a large archive inside another aside.
    """
    expanded = expand(stored, limit)
    archive = stored if stored[: len(_MAGIC)] == _MAGIC else None
    yield from _opened(expanded, limit, layer=1, archive=archive)


def _opened(
    expanded: Expanded, limit: int, layer: int, archive: Stored | None = None
) -> Iterator[Expanded]:
    """What the content is, or holds.

    archive -- the content where it can be read at any place, if it is a zip archive as stored.
    """
    if expanded.large and envelope.is_single(expanded.data):
        fault = f"An envelope of one item is opened up to {LARGE_BYTES:,} bytes."
        yield Expanded(b"", fault, "large envelope")
        return
    carried = None if expanded.fault else _carried(expanded)
    is_zip = expanded.data.startswith(_MAGIC) and not expanded.fault
    if carried is None and not is_zip:
        yield expanded
        return
    if layer > _MAX_LAYERS:
        fault = f"Archives and envelopes lie in each other more than {_MAX_LAYERS} deep."
        yield Expanded(b"", fault, "too deep")
        return
    if carried is not None:
        try:
            yield from _items(carried, limit, layer)
        except UncutError as error:
            yield Expanded(b"", str(error), "large envelope")
        return
    if archive is None:
        large = expanded.large
        archive = put_aside(large.parts(), "") if large else expanded.data
    yield from _unzipped(archive, limit, layer)


def _carried(expanded: Expanded) -> Iterator[bytes | None] | None:
    """What the items of an envelope carry; None when the content is none."""
    if expanded.large is None:
        return envelope.items(expanded.data)
    batch = envelope.batch(expanded.data)
    if batch is None:
        return None
    blocks = texts(expanded.large.parts(), (batch.name,))
    return chain.from_iterable(map(batch.items, blocks))


def _unzipped(stored: Stored, limit: int, layer: int) -> Iterator[Expanded]:
    try:
        archive = zipfile.ZipFile(as_file(stored))
    except _FAULTS as error:
        yield Expanded(b"", f"The zip archive is corrupt ({error}).", "corrupt zip")
        return
    with archive:
        left = limit
        for member in archive.infolist():
            if member.is_dir():
                continue
            for content in _member(archive, member, left, layer):
                left -= content.size
                name = "/".join(filter(None, (member.filename, content.member)))
                yield structs.replace(content, member=name)
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
        for content in _opened(expand(item, left), left, layer + 1):
            left -= content.size
            yield structs.replace(content, member="/".join(filter(None, (name, content.member))))
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
            expanded = expand_parts(partial(_parts, archive, member), limit)
        except _FAULTS as error:
            yield Expanded(b"", f"It is damaged in the archive ({error}).", "corrupt zip")
            return
        yield from _opened(expanded, limit, layer + 1)


def _parts(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as file:
        yield from parts_of(file)
