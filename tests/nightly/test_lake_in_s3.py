"""Nights of a lake in S3 tell what those of a local lake tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.nightly.conftest import NIGHTS, engaged


@pytest.mark.usefixtures("two_reports")
def test_nights_of_a_lake_in_s3(
    lake: str, tmp_path: Path, days: Mapping[str, Mapping[str, bytes]]
) -> None:
    """Two nights: what is new is the same, and is told in the same night."""
    local = engaged(tmp_path / "local", days)
    remote = engaged(tmp_path / "remote", days)
    remote.config.write_text(remote.config.read_text().replace('"lake"', f'"{lake}"'))
    for night in NIGHTS[:2]:
        told = []
        for operator in (local, remote):
            operator.deliver(night)
            assert operator.run(night=night) in (0, 4)
            told.append(json.loads(operator.texts(night)["new.json"]))
        assert told[0] == told[1]
        assert told[0]["tables"]["facts"]
