"""Findings and `--fail-on`."""

from __future__ import annotations

import pytest

from pipeline.cli.judging import judge, parse_severity
from pipeline.errors import FindingsError, UsageError
from pipeline.report import Report, Severity


@pytest.mark.parametrize(
    ("least", "expected"), [("critical", 0), ("high", 2), ("medium", 2), ("low", 5), ("info", 5)]
)
def test_findings_count_from_a_severity_up(least: Severity, expected: int) -> None:
    """Two high and three low ones."""
    report = Report("x", "", (), severities={"high": 2, "low": 3})
    assert report.findings_from(least) == expected


def test_fail_on_stops_with_its_exit_code() -> None:
    """3 where something is found, nothing where it is not or was not asked for."""
    report = Report("x", "", (), severities={"high": 2})
    judge(report, None)
    judge(report, "critical")
    with pytest.raises(FindingsError, match="2 findings of severity high or above") as error:
        judge(report, parse_severity("HIGH"))
    assert error.value.exit_code == 3


def test_an_unknown_severity_names_the_valid_ones() -> None:
    """A wrong word on the command line."""
    with pytest.raises(UsageError, match="critical, high, medium, low, info"):
        parse_severity("urgent")
