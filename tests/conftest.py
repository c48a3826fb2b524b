"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: no deadline for an example.
settings.register_profile("rolecall", parent=settings(), deadline=None)
settings.load_profile("rolecall")

# A golden that differs shows how.
pytest.register_assert_rewrite("tests.front.golden")

CHECKOUT = Path(__file__).resolve().parents[1]

in_soak = pytest.mark.skipif(
    not os.environ.keys() & {"ROLECALL_SOAK_KILLS", "ROLECALL_TEST_EXAMPLES"},
    reason="takes long: only in make soak",
)
"""For the longer tests; of each kind one is part of `make test`."""


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real CloudTrail records beside the checkout; skips where it is absent."""
    folder = CHECKOUT.parent / "shared" / "data" / "real"
    if not folder.is_dir():
        pytest.skip(f"real CloudTrail records are not here: {folder}")
    return folder
