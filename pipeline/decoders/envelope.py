"""Messages of other AWS services around what they carry: subscriptions, queues, streams.

An envelope is opened like an archive: each of its items is a content of its own. Only its shape,
as AWS documents it, makes content an envelope; what is in the items is for the decoders to say.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

import msgspec

from pipeline.decoders import paths, pieces, scan
from pipeline.decoders.model import fields_of

_HEAD_BYTES = 4096
_USUAL = b'{"Records":[{"eventVersion"'  # a log of CloudTrail itself
_MARKS = re.compile(
    rb'"awslogs"|"aws:sqs"|"aws:sns"|"aws:kinesis"|"recordId"|"Notification"|"receiptHandle"'
)

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


def items(data: bytes) -> Iterator[bytes | None] | None:
    """What the items of an envelope carry, None for an item that cannot be decoded.

    Returns None when the content is no envelope. Cheap on content that is not: a look at its
    beginning, and at its first item where a service's mark stands there.
    """
    if data.startswith(_USUAL):
        return None
    head = data[:_HEAD_BYTES]
    if head.lstrip()[:1] != b"{" or not _MARKS.search(head):
        return None
    for name, places in _LISTS.items():
        start = next(scan.lists(head, name), None)
        if start is not None:
            first = next(pieces.elements(data, start), None)
            path = _path(first.raw, places) if first and not first.fault else None
            return _carried(data, name, path) if path else None
    return _single(data)


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


def _carried(data: bytes, name: str, path: tuple[str, ...]) -> Iterator[bytes | None]:
    for piece in pieces.in_lists(data, scan.lists(data, name)):
        texts = [] if piece.fault else list(_texts(piece.raw, path))
        for text in texts or [None]:
            yield _decoded(text, path[-1])


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
