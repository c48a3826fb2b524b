"""`--fail-on`: a pipeline stops where a report has findings that are urgent enough."""

from __future__ import annotations

from typing import cast

from pipeline.errors import FindingsError, UsageError
from pipeline.report import SEVERITIES, Report, Severity


def parse_severity(text: str | None) -> Severity | None:
    """The severity of `--fail-on`; None where it was not given. Raises UsageError."""
    if text is None:
        return None
    if text.lower() not in SEVERITIES:
        valid = ", ".join(SEVERITIES)
        raise UsageError(f"--fail-on {text!r} is no severity; valid: {valid}")
    return cast("Severity", text.lower())


def judge(report: Report, least: Severity | None) -> None:
    """Raise FindingsError (exit code 3) where the report has findings of `least` or above.

    Call it when the report is written: what was found must be seen before the exit code is.
    """
    found = report.findings_from(least) if least else 0
    if found:
        raise FindingsError(
            f"{found} finding{'' if found == 1 else 's'} of severity {least} or above"
        )
