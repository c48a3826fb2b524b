"""Events of EventBridge (`AWS API Call via CloudTrail`, …): the record is in `detail`."""

from __future__ import annotations

from pipeline.decoders.wrapper import wrapper

DECODER = wrapper("EventBridge", ("detail",))
