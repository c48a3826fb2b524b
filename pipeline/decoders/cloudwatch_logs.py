"""CloudWatch Logs: the record is a text in `message`.

Subscriptions deliver `{"logEvents": […]}`, `aws logs filter-log-events` and `get-log-events`
print `{"events": […]}`.
"""

from __future__ import annotations

from pipeline.decoders.model import Fields
from pipeline.decoders.wrapper import text, wrapper


def _unwrap(fields: Fields) -> bytes | None:
    return text(fields.get("message"))


DECODER = wrapper("CloudWatch Logs", _unwrap, lists=("logEvents", "events"))
