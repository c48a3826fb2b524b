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
    if content[:1] in (b"{", b"["):
        return _json_kind(content)
    if content.startswith(_ZIP):
        return "zip archive", ""
    return ("not JSON" if content else "empty"), ""


def _json_kind(content: bytes) -> tuple[str, str]:
    start = content[:_SNIFFED_BYTES]
    plain = start.replace(b"\\", b"")
    telling = looks_like_cloudtrail(b"{" + start) or looks_like_cloudtrail(b"{" + plain)
    try:
        msgspec.json.decode(content, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        if telling:
            return "broken JSON", "It looks like CloudTrail, but it is not valid JSON."
        return "not JSON", ""
    if b'"digestStartTime"' in start:
        return "CloudTrail digest", ""
    if telling:
        return "CloudTrail in an unknown container", ""
    return "JSON without CloudTrail records", ""
