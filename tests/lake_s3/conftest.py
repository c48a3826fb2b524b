"""A real S3 server, in a process of its own, and a lake in it.

delta-rs holds Python's lock while it waits for an answer, so a server that is a thread of the
tests' own process would never answer it.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.lake import objects
from tests.conftest import CHECKOUT
from tests.s3.conftest import admin, aws, proxy

__all__ = ["admin", "aws", "proxy"]

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of moto's S3 server."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.s3.server"]
    with subprocess.Popen(
        command,
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


@pytest.fixture
def lake(admin, server: str, aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:  # type: ignore[no-untyped-def]
    """The location of a lake that is not there yet, in a new bucket."""
    del aws
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    objects.session.cache_clear()
    bucket = f"lake-{next(_NUMBERS)}"
    admin.create_bucket(Bucket=bucket)
    return f"s3://{bucket}/team/lake"
