"""A lake that holds the samples, made once by the command itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.front.terminal import SAMPLES, Ran, rolecall


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The samples' lake, and what `rolecall ingest` said."""
    lake = tmp_path_factory.mktemp("samples") / "lake"
    return lake, rolecall("ingest", SAMPLES, "--lake", lake, "--workers", "1")


@pytest.fixture(scope="session")
def lake(ingested: tuple[Path, Ran]) -> Path:
    """The samples' lake; read only."""
    return ingested[0]
