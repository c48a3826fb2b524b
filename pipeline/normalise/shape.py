"""The typed shape of a record, derived from `schema.EVENTS`, growing with what it meets."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from msgspec import Raw

from pipeline.schema import EVENTS, Column

TOP_LEVEL: tuple[Column, ...] = tuple(c for c in EVENTS if c.raw and "." not in c.raw)
"""Columns that hold a top-level field of the record."""

PLAIN_TEXT = frozenset(
    {
        "event_id",
        "request_id",
        "shared_event_id",
        "error_message",
        "request_parameters",
        "response_elements",
        "additional_event_data",
        "resources",
        "service_event_details",
        "issued_access_key_id",
        "additional_fields",
    }
)
"""Text columns whose values hardly repeat; all other text comes dictionary-encoded."""

_WRITTEN_ORDER = """
eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent
errorCode errorMessage requestParameters responseElements additionalEventData requestID eventID
readOnly resources eventType apiVersion managementEvent recipientAccountId sharedEventID
vpcEndpointId vpcEndpointAccountId serviceEventDetails eventCategory
sessionCredentialFromConsole tlsDetails
"""
"""Fields in the order in which CloudTrail writes them."""

_RANKS = {raw: rank for rank, raw in enumerate(_WRITTEN_ORDER.split())}
FIELDS: tuple[Column, ...] = tuple(
    sorted(TOP_LEVEL, key=lambda column: _RANKS.get(column.raw, len(_RANKS)))
)
"""`TOP_LEVEL` in the order of a record's fields: msgspec looks for the next name there first."""

ABSENT = Raw(b"")
"""A nested field that the record does not have."""

REQUIRED = frozenset({"event_time", "event_source", "event_name"})
"""Without these a record says neither when nor what."""

MAX_LEARNED = 64

_TYPES: dict[str, Any] = {"text": str, "timestamp": str, "boolean": bool | str, "json": Raw}
_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `[^`]*`)?", re.DOTALL)
_UNNAMEABLE = re.compile(r'[\\"\x00-\x1f]')


class RecordShape:
    """A msgspec Struct type with one field per top-level column, nested values kept raw.

    Unknown fields are refused by the type, so none is lost silently; `learn` adds the field
    that was refused, as raw JSON, and from then on such records pass at full speed.

    record_type -- the current type; its fields are `FIELDS`, then the learned ones.
    learned -- raw names of the added fields, in the order in which they were met.
    """

    def __init__(self) -> None:
        self.learned: tuple[str, ...] = ()
        self._build()

    def learn(self, error: msgspec.ValidationError) -> bool:
        """Add the unknown field that the error names; False when it names none, or too many."""
        match = _UNKNOWN.fullmatch(str(error))
        if match is None or len(self.learned) >= MAX_LEARNED:
            return False
        name = match.group(1)
        if name in self.learned or _UNNAMEABLE.search(name):
            return False
        self.learned = (*self.learned, name)
        self._build()
        return True

    def _build(self) -> None:
        fields: list[Any] = []
        rename = {column.name: column.raw for column in TOP_LEVEL}
        for column in FIELDS:
            if column.name in REQUIRED:
                fields.append((column.name, Annotated[str, msgspec.Meta(min_length=1)]))
            else:
                default = ABSENT if column.kind == "json" else None
                fields.append((column.name, _TYPES[column.kind], default))
        for number, name in enumerate(self.learned):
            fields.append((f"learned_{number}", Raw, ABSENT))
            rename[f"learned_{number}"] = name
        self.record_type: type[Any] = msgspec.defstruct(
            "Record", fields, rename=rename, kw_only=True, gc=False, forbid_unknown_fields=True
        )
