"""A lake of the samples, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.front.terminal import SAMPLES, rolecall
from tests.page.browser import Browser, find_chromium


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples' lake; read only."""
    folder = tmp_path_factory.mktemp("page") / "lake"
    rolecall("ingest", SAMPLES, "--lake", folder, "--workers", "1")
    return folder


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium; the tests are skipped where there is none."""
    program = find_chromium()
    if program is None:
        pytest.skip(
            "NO CHROMIUM: the page was not opened in a browser. Debian: apt-get install chromium; "
            "or set ROLECALL_CHROMIUM"
        )
    with Browser(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened
