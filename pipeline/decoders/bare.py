"""One record as a JSON object, or several that follow each other, over any number of lines."""

from __future__ import annotations

from pipeline.decoders.wrapper import wrapper

DECODER = wrapper("object", broken=True)
