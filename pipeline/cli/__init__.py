"""The command `rolecall`: parse, one use-case, say the result. See docs/architecture.md."""

from __future__ import annotations

from pipeline.cli.app import app, main

__all__ = ["app", "main"]
