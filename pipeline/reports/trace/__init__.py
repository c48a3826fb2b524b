"""`trace`: an access key, session, event, ARN, actor or address, up to its origin and all the
way down, and what was done under each hat.
"""

from __future__ import annotations

from pipeline.reports.trace.report import DEEPEST, ROWS, TREE_ROWS, TraceOptions, trace_report

__all__ = ["DEEPEST", "ROWS", "TREE_ROWS", "TraceOptions", "trace_report"]
