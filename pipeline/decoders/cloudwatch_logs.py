"""CloudWatch Logs: the record is a text in `message`.

Subscriptions deliver `{"logEvents": […]}`, `aws logs filter-log-events` and `get-log-events`
print `{"events": […]}`.
"""

from __future__ import annotations

from pipeline.decoders.wrapper import wrapper

DECODER = wrapper("CloudWatch Logs", ("message",), lists=("logEvents", "events"))
