"""Output of `aws cloudtrail lookup-events`: the record is a text in `CloudTrailEvent`."""

from __future__ import annotations

from pipeline.decoders.model import Fields
from pipeline.decoders.wrapper import text, wrapper


def _unwrap(fields: Fields) -> bytes | None:
    return text(fields.get("CloudTrailEvent"))


DECODER = wrapper("LookupEvents", _unwrap, lists=("Events",))
