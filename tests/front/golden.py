"""Golden outputs: whole texts as readable files, rewritten with ROLECALL_WRITE_GOLDEN=1."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def assert_golden(name: str, text: str) -> None:
    """The text is exactly what the file `golden/name` holds."""
    path = FOLDER / name
    if os.environ.get("ROLECALL_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    assert path.read_text(encoding="utf-8") == text
