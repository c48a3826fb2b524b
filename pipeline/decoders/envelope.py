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

from pipeline.decoders import pieces, scan
from pipeline.decoders.model import Fields, fields_of

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
    for name, paths in _LISTS.items():
        start = scan.member(head, name.encode())
        if start is not None and data[start : start + 1] == b"[":
            first = next(pieces.elements(data, start + 1), None)
            path = _path(first.raw, paths) if first and not first.fault else None
            return _carried(data, start + 1, path) if path else None
    return _single(data)


def _path(raw: bytes, paths: tuple[tuple[str, ...], ...]) -> tuple[str, ...] | None:
    """Where the items hold what they carry, if they are what a service sends."""
    fields = fields_of(raw) or {}
    source = bytes(fields.get("eventSource") or fields.get("EventSource") or b"")
    for path in paths:
        if _at(fields, path) is None:
            continue
        if path == ("data",):
            return path if "recordId" in fields else None
        if source == _SOURCES[path[0]]:
            return path
    return None


def _carried(data: bytes, start: int, path: tuple[str, ...]) -> Iterator[bytes | None]:
    for piece in pieces.elements(data, start):
        fields = None if piece.fault else fields_of(piece.raw)
        yield _decoded(_at(fields, path), path[-1]) if fields else None


def _single(data: bytes) -> Iterator[bytes | None] | None:
    """A subscription of CloudWatch Logs, or a notification of SNS."""
    fields = fields_of(data) or {}
    if "awslogs" in fields and (text := _at(fields, ("awslogs", "data"))) is not None:
        return iter([_decoded(text, "data")])
    if bytes(fields.get("Type") or b"") == b'"Notification"' and "TopicArn" in fields:
        text = _at(fields, ("Message",))
        return None if text is None else iter([_decoded(text, "Message")])
    return None


def _at(fields: Fields, path: tuple[str, ...]) -> str | None:
    """The text at a path; None when there is none."""
    inner: Fields | None = fields
    for name in path[:-1]:
        inner = fields_of(bytes(inner[name])) if inner and name in inner else None
    raw = bytes(inner[path[-1]]) if inner and path[-1] in inner else b""
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeError):
        return None


def _decoded(text: str | None, name: str) -> bytes | None:
    if text is None:
        return None
    if name not in _ENCODED:
        return text.encode(errors="surrogatepass")
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
