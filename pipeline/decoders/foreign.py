"""Name what no decoder reads: an object that is not CloudTrail, or not in a known container."""

from __future__ import annotations

import msgspec

from pipeline.decoders.model import looks_like_cloudtrail

_ZIP = b"PK\x03\x04"
_SNIFFED_BYTES = 1 << 20


def kind_of(data: bytes) -> tuple[str, str]:
    """Say what the content is: (kind, fault).

    kind -- a short name, the same for all objects of the kind.
    fault -- set when it looks like CloudTrail but is broken, so that it counts as rejected.
    """
    content = data.strip()
    if not content:
        return "empty", ""
    if content.startswith(_ZIP):
        return "zip archive", ""
    if content[:1] not in b"{[":
        return "not JSON", ""
    telling = looks_like_cloudtrail(b"{" + content[:_SNIFFED_BYTES])
    try:
        value = msgspec.json.decode(content, type=msgspec.Raw)
        fields = msgspec.json.decode(value) if len(content) <= _SNIFFED_BYTES else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if telling:
            return "broken JSON", "It looks like CloudTrail, but it is not valid JSON."
        return "not JSON", ""
    if isinstance(fields, dict) and "digestStartTime" in fields:
        return "CloudTrail digest", ""
    if telling:
        return "CloudTrail in an unknown container", ""
    return "JSON without CloudTrail records", ""
