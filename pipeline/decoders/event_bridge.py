"""Events of EventBridge (`AWS API Call via CloudTrail`, …): the record is in `detail`."""

from __future__ import annotations

from pipeline.decoders.model import Fields
from pipeline.decoders.wrapper import text, wrapper


def _unwrap(fields: Fields) -> bytes | None:
    return text(fields.get("detail"))


DECODER = wrapper("EventBridge", _unwrap)
