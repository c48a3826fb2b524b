"""Output of `aws cloudtrail lookup-events`: the record is a text in `CloudTrailEvent`."""

from __future__ import annotations

from pipeline.decoders.wrapper import wrapper

DECODER = wrapper("LookupEvents", ("CloudTrailEvent",), lists=("Events",))
