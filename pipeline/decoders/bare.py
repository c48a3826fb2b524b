"""One record as a JSON object, or several that follow each other, over any number of lines."""

from __future__ import annotations

from pipeline.decoders.model import Fields
from pipeline.decoders.wrapper import wrapper


def _unwrap(_: Fields) -> bytes | None:
    """An item without anything around it."""
    return None


DECODER = wrapper("object", _unwrap, broken=True)
