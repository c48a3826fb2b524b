"""Records as log platforms hand them out, in a field of their own envelope.

Splunk exports `_raw`, alone or in `result`; Elastic keeps the original in `event.original`;
others say `event`, `details` or (OCSF, where it is kept) `raw_data`.
"""

from __future__ import annotations

from pipeline.decoders.model import Fields, fields_of
from pipeline.decoders.wrapper import text, wrapper

_PATHS = (
    ("_raw",),
    ("result", "_raw"),
    ("event", "original"),
    ("_source", "event", "original"),
    ("_source", "message"),
    ("event",),
    ("details",),
    ("raw_data",),
)


def _unwrap(fields: Fields) -> bytes | None:
    """The first of the places that holds an object."""
    for path in _PATHS:
        raw = _at(fields, path)
        if raw is not None and raw.lstrip()[:1] == b"{":
            return raw
    return None


def _at(fields: Fields, path: tuple[str, ...]) -> bytes | None:
    members: Fields | None = fields
    raw: bytes | None = None
    for name in path:
        if members is None:
            return None
        raw = text(members.get(name))
        members = fields_of(raw) if raw else None
    return raw


DECODER = wrapper("wrapped", _unwrap, lists=("results",))
