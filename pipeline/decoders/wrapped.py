"""Records as log platforms hand them out, in a field of their own envelope.

Splunk exports `_raw`, alone or in `result`; Elastic keeps the original in `event.original`;
others say `event`, `details` or (OCSF, where it is kept) `raw_data`.
"""

from __future__ import annotations

from pipeline.decoders.wrapper import wrapper

_PLACES = (
    ("_raw",),
    ("result", "_raw"),
    ("event", "original"),
    ("_source", "event", "original"),
    ("_source", "message"),
    ("event",),
    ("details",),
    ("raw_data",),
)

DECODER = wrapper("wrapped", *_PLACES, lists=("results",))
