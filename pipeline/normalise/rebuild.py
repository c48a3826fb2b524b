"""From a row of `events` back to the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.normalise.shape import TOP_LEVEL
from pipeline.normalise.times import usual_text
from pipeline.normalise.tolerant import RECORD, RESERVED

ABSENT_FIELDS = "rolecall:absent"
"""Key of `additional_fields`: names of usual fields that the record does not have at all."""

NULL_WHEN_EMPTY = frozenset({"requestParameters", "responseElements"})
"""Fields that CloudTrail always writes: NULL in their column means an explicit null."""

DERIVED_ID = "sha256-"
_DIGEST_LENGTH = 32


def rebuild_record(row: Mapping[str, object]) -> dict[str, Any]:
    """The original record of a row of `events`, equal as JSON, without session tokens."""
    text = row.get("additional_fields")
    extras: dict[str, Any] = json.loads(text) if isinstance(text, str) else {}
    if RECORD in extras:
        record: dict[str, Any] = json.loads(extras[RECORD])
        return record
    absent = extras.pop(ABSENT_FIELDS, [])
    rebuilt: dict[str, Any] = {}
    for column in TOP_LEVEL:
        value = row.get(column.name)
        if value is None:
            if column.raw in NULL_WHEN_EMPTY and column.raw not in absent:
                rebuilt[column.raw] = None
        elif isinstance(value, datetime):
            rebuilt[column.raw] = usual_text(value)
        elif column.kind == "json":
            rebuilt[column.raw] = json.loads(str(value))
        elif not (column.name == "event_id" and str(value).startswith(DERIVED_ID)):
            rebuilt[column.raw] = value
    for name, value in extras.items():
        rebuilt[name.removeprefix(RESERVED)] = value
    return rebuilt


def derived_event_id(row: Mapping[str, object]) -> str:
    """An id from the content, for a record without one: equal content, equal id."""
    content = json.dumps(rebuild_record(row), sort_keys=True, separators=(",", ":"))
    return DERIVED_ID + hashlib.sha256(content.encode()).hexdigest()[:_DIGEST_LENGTH]
