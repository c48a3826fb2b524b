"""Messages of other AWS services around what they carry: subscriptions, queues, streams.

An envelope is opened like an archive: each of its items is a content of its own. Only its shape,
as AWS documents it, makes content an envelope; what is in the items is for the decoders to say.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import msgspec

from pipeline.decoders import paths, pieces, scan
from pipeline.decoders.model import fields_of

_HEAD_BYTES = 4096
_USUAL = b'{"Records":[{"eventVersion"'  # a log of CloudTrail itself
_MARKS = re.compile(
    rb'"awslogs"|"aws:sqs"|"aws:sns"|"kinesis"|"recordId"|"Notification"|"receiptHandle"'
)

_SINGLE = re.compile(rb'\s*\{\s*("awslogs"\s*:|"Type"\s*:\s*"Notification")')

_LISTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Records": (("body",), ("Sns", "Message"), ("kinesis", "data")),
    "records": (("data",), ("kinesis", "data")),
}
"""Name of the list of items -> where an item holds what it carries."""

_SOURCES = {
    "body": b'"aws:sqs"',
    "Sns": b'"aws:sns"',
    "kinesis": b'"aws:kinesis"',
}
_ENCODED = frozenset({"data"})


@dataclass(frozen=True, slots=True)
class Batch:
    """Items in a list.

    name -- of the member that the list is; path -- where an item holds what it carries.
    """

    name: str
    path: tuple[str, ...]

    def items(self, data: bytes) -> Iterator[bytes | None]:
        """What the items carry, None for an item that cannot be decoded."""
        starts = partial(scan.lists, name=self.name)
        for document in pieces.documents(data, starts):
            for piece in pieces.in_lists(document, starts):
                texts = [] if piece.fault else list(_texts(piece.raw, self.path))
                for text in texts or [None]:
                    yield _decoded(text, self.path[-1])


def items(data: bytes) -> Iterator[bytes | None] | None:
    """What the items of an envelope carry, None for an item that cannot be decoded.

    Returns None when the content is no envelope. Cheap on content that is not: a look at its
    beginning, and at its first item where a service's mark stands there.
    """
    if not _may_be_envelope(data):
        return None
    found = batch(data)
    if found is not None:
        return found.items(data)
    return _single(data) if _start(data) is None else None


def batch(data: bytes) -> Batch | None:
    """What the items are, in the list that an envelope has at its beginning."""
    start = _start(data) if _may_be_envelope(data) else None
    if start is None:
        return None
    name, position = start
    first = next(pieces.elements(data, position), None)
    path = _path(first.raw, _LISTS[name]) if first and not first.fault else None
    return Batch(name, path) if path else None


def _may_be_envelope(data: bytes) -> bool:
    if data.startswith(_USUAL):
        return False
    head = data[:_HEAD_BYTES]
    return head.lstrip()[:1] == b"{" and bool(_MARKS.search(head))


def _start(data: bytes) -> tuple[str, int] | None:
    """The list of items: its name, and the position after its `[`."""
    starts = ((name, next(scan.lists(data[:_HEAD_BYTES], name), None)) for name in _LISTS)
    return next(((name, start) for name, start in starts if start is not None), None)


def _path(raw: bytes, places: tuple[tuple[str, ...], ...]) -> tuple[str, ...] | None:
    """Where the items hold what they carry, if they are what a service sends."""
    fields = fields_of(raw) or {}
    source = bytes(fields.get("eventSource") or fields.get("EventSource") or b"")
    for path in places:
        if not any(text is not None for text in _texts(raw, path)):
            continue
        if path == ("data",):
            return path if "recordId" in fields else None
        if source == _SOURCES[path[0]]:
            return path
    return None


def is_single(beginning: bytes) -> bool:
    """Whether content begins like an envelope of one item."""
    return bool(_SINGLE.match(beginning))


def _single(data: bytes) -> Iterator[bytes | None] | None:
    """A subscription of CloudWatch Logs, or a notification of SNS."""
    fields = fields_of(data) or {}
    path: tuple[str, ...] = ()
    if "awslogs" in fields:
        path = ("awslogs", "data")
    elif bytes(fields.get("Type") or b"") == b'"Notification"' and "TopicArn" in fields:
        path = ("Message",)
    texts = list(_texts(data, path)) if path else []
    if all(text is None for text in texts):
        return None
    return iter([_decoded(text, path[-1]) for text in texts])


def _texts(raw: bytes, path: tuple[str, ...]) -> Iterator[str | None]:
    """The text at a path, None for what is no text; several where a name is there twice."""
    for value in paths.values(raw, path):
        try:
            yield msgspec.json.decode(value, type=str)
        except (msgspec.DecodeError, UnicodeError):
            yield None


def _decoded(text: str | None, name: str) -> bytes | None:
    if text is None:
        return None
    if name not in _ENCODED:
        return text.encode(errors="surrogatepass")
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
