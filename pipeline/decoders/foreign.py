"""Name what no decoder reads: an object that is not CloudTrail, or not in a known container."""

from __future__ import annotations

import msgspec

from pipeline.decoders.compression import Expanded
from pipeline.decoders.model import CUT, fields_of, is_cut, looks_like_cloudtrail

_NOTHING = (b"[]", b"{}")
_OCSF = frozenset({"class_uid", "metadata", "time"})
_SNIFFED_BYTES = 1 << 20
_TABLE_COLUMNS = (b"eventname", b"event name", b"eventsource", b"event source")
"""Columns of the CSV that the console's event history and CloudTrail Lake let one download."""


def kind_of(content: Expanded) -> tuple[str, str]:
    """Say what the content is: (kind, fault). Large content is judged by its beginning.

    kind -- a short name, the same for all objects of the kind.
    fault -- set when CloudTrail may be lost, so that it counts as rejected: the JSON is cut off,
        or it looks like CloudTrail and is broken or in a container that no decoder knows.
    """
    data = content.data.strip()
    if not data or data in _NOTHING:
        return "empty", ""
    if data[:1] in (b"{", b"["):
        return _json_kind(data, is_whole=content.large is None)
    return _text_kind(data), ""


def _text_kind(content: bytes) -> str:
    """Of what is no JSON: a table, something binary, or neither."""
    start = content[:_SNIFFED_BYTES]
    if b"\x00" in start:
        return "binary"
    header = start.partition(b"\n")[0].lower()
    if b"," in header and any(name in header for name in _TABLE_COLUMNS):
        return "CloudTrail as a table (CSV)"
    return "not JSON"


def _json_kind(content: bytes, *, is_whole: bool) -> tuple[str, str]:
    start = content[:_SNIFFED_BYTES]
    plain = start.replace(b"\\", b"")
    telling = looks_like_cloudtrail(b"{" + start) or looks_like_cloudtrail(b"{" + plain)
    try:
        msgspec.json.decode(content, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        is_beginning = is_cut(content)
        if is_beginning and is_whole:
            return "truncated JSON", CUT
        fault = "It looks like CloudTrail, but it is not valid JSON."
        if not is_beginning:
            return ("broken JSON", fault) if telling else ("not JSON", "")
    if b'"digestStartTime"' in start:
        return "CloudTrail digest", ""
    if telling:
        fault = "It holds CloudTrail in a container that rolecall does not know."
        return "CloudTrail in an unknown container", fault
    if (fields_of(content) or {}).keys() >= _OCSF:
        return "OCSF (converted, not CloudTrail's own record)", ""
    return "JSON without CloudTrail records", ""
