"""A real S3 server on loopback, and a proxy before it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.request import getproxies_environment

import boto3
import pytest

from pipeline.sources.s3 import faults, source
from tests.s3.proxy import Proxy
from tests.s3.server import serving
from tests.s3.trail import Bucket

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of moto's S3 server."""
    moto = serving()
    yield f"http://127.0.0.1:{moto.port}"
    moto.shutdown()
    moto.server_close()


@pytest.fixture(scope="session")
def admin(server: str) -> S3Client:
    """A client that puts objects, past the proxy."""
    return boto3.client(
        "s3",
        endpoint_url=server,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Dummy credentials, no AWS configuration or proxy of the machine, and short pauses."""
    nowhere = str(tmp_path_factory.getbasetemp() / "no-aws-configuration")
    monkeypatch.setenv("AWS_CONFIG_FILE", nowhere)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
    for scheme in getproxies_environment():
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(faults, "FIRST_PAUSE", 0.01)
    source.connection.cache_clear()
    source.gets.cache_clear()


@pytest.fixture
def proxy(server: str, aws: None) -> Iterator[Proxy]:
    """A proxy before the server."""
    del aws
    proxy = Proxy(server)
    running = proxy.start()
    yield proxy
    running.shutdown()
    running.server_close()


@pytest.fixture
def bucket(admin: S3Client, proxy: Proxy) -> Bucket:
    """A new bucket, reached through the proxy."""
    name = f"trail-{next(_NUMBERS)}"
    admin.create_bucket(Bucket=name)
    return Bucket(admin, name, proxy)
