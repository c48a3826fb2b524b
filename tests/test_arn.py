"""What an ARN says."""

from __future__ import annotations

import pytest

from pipeline.arn import Arn, role_label


def test_an_arn_has_its_parts() -> None:
    """The resource keeps its path and any further colons."""
    arn = Arn.parse("arn:aws-cn:sts::111122223333:assumed-role/Analyst/alice")
    assert arn == Arn("aws-cn", "sts", "", "111122223333", "assumed-role/Analyst/alice")
    assert arn.name == "alice"


@pytest.mark.parametrize("text", ["", "alice", "arn:aws:iam", "arn:aws:iam::1:", "urn:a:b:c:d:e"])
def test_what_is_no_arn_is_none(text: str) -> None:
    """Nothing is guessed out of a text that only resembles an ARN."""
    assert Arn.parse(text) is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("arn:aws:iam::111122223333:role/security/BreakGlass", "BreakGlass"),
        ("arn:aws:iam::111122223333:root", "root of 111122223333"),
        ("arn:aws:sts::111122223333:assumed-role/Analyst", "Analyst"),
        ("no ARN", "no ARN"),
    ],
)
def test_a_role_is_called_by_its_name(text: str, label: str) -> None:
    """The path goes, an account's root is told apart by its account."""
    assert role_label(text) == label
