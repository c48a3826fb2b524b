"""Who fetches what: obstore on good days, boto3 whatever obstore cannot be trusted with."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.sources import Access, Request, SourceObject, find, reading
from pipeline.sources.s3 import source
from tests.s3.proxy import Asked, Fault
from tests.s3.trail import Bucket, in_ledger, key, stored

OLD = "2026/10/01"
KEYS = [key(OLD, name) for name in ("0900Z_a", "0905Z_b", "0910Z_c")]

ONE_AFTER_ANOTHER = """#!{python}
import json, pathlib
calls = pathlib.Path({calls!r})
calls.write_text(calls.read_text() + "x" if calls.exists() else "x")
number = len(calls.read_text())
print(json.dumps({{"Version": 1, "AccessKeyId": f"KEY{{number}}", "SecretAccessKey": "x",
                  "SessionToken": f"token{{number}}", "Expiration": "{expiration}"}}))
"""


def by_obstore(wanted: str, kind: str, times: int = 1) -> Fault:
    def matches(asked: Asked) -> bool:
        return asked.is_get and asked.is_by_obstore and asked.path.endswith(wanted)

    return Fault(matches, kind, times)


def askers(bucket: Bucket, wanted: str = "") -> list[str]:
    """Who asked for objects whose key ends so, in order."""
    gets = [asked for asked in bucket.proxy.gets() if asked.path.endswith(wanted)]
    return ["obstore" if asked.is_by_obstore else "boto3" for asked in gets]


def listed(bucket: Bucket, path: str, access: Access) -> list[SourceObject]:
    found = find([bucket.uri(path)], request=Request(access))
    return [item for item in found if isinstance(item, SourceObject)]


@pytest.mark.parametrize("workers", [1, 2])
def test_on_a_good_day_every_object_is_fetched_once_by_obstore(
    workers: int, bucket: Bucket, tmp_path: Path
) -> None:
    """Signed with boto3's credentials for its region, in the state in which it was listed."""
    numbers = bucket.put(*KEYS, records=3)
    assert bucket.run(tmp_path / "lake", workers=workers).complete
    assert stored(tmp_path / "lake") == numbers
    assert askers(bucket) == ["obstore"] * 3
    for asked in bucket.proxy.gets():
        assert "Credential=testing/" in asked.headers["authorization"]
        assert "/us-east-1/s3/aws4_request" in asked.headers["authorization"]
        assert asked.headers["if-match"].strip('"')
        assert "x-amz-request-payer" not in asked.headers


@pytest.mark.parametrize("kind", ["slow-down", "error-500", "denied", "reset", "truncated"])
def test_after_a_fault_boto3_fetches_the_object(kind: str, bucket: Bucket, tmp_path: Path) -> None:
    """At once and whole, also after a fault in mid-object; its neighbours are obstore's."""
    numbers = bucket.put(*KEYS, records=200)
    bucket.proxy.faults.append(by_obstore(KEYS[1], kind))
    assert bucket.run(tmp_path / "lake").complete
    assert stored(tmp_path / "lake") == numbers
    assert askers(bucket, KEYS[1]) == ["obstore", "boto3"]
    assert askers(bucket, KEYS[0]) == askers(bucket, KEYS[2]) == ["obstore"]


@pytest.mark.parametrize("kind", ["none", "unconditional"])
def test_a_replaced_object_is_not_taken(kind: str, bucket: Bucket, tmp_path: Path) -> None:
    """Not even from a server that gives it: the ETag of what came is looked at."""
    bucket.put(KEYS[0], KEYS[2])
    bucket.put_bytes(KEYS[1], b'{"Records": [1]}')
    fault = by_obstore(KEYS[1], kind)
    fault.before = lambda: bucket.put_bytes(KEYS[1], b'{"Records": [2]}')
    bucket.proxy.faults.append(fault)
    (item,) = bucket.run(tmp_path / "lake").unreadable
    assert "replaced after it was listed" in item.reason
    assert askers(bucket, KEYS[1]) == ["obstore", "boto3"]
    assert in_ledger(tmp_path / "lake") == [KEYS[0], KEYS[2]]


def test_a_bucket_where_nothing_comes_is_left_to_boto3(bucket: Bucket) -> None:
    """It may be in another region: obstore is not asked for each object again and again."""
    bucket.put(KEYS[0])
    bucket.proxy.faults.append(by_obstore("", "denied", 15))
    access = bucket.request().access
    (item,) = listed(bucket, "", access)
    gets = source.gets(access, bucket.name)
    assert [gets.get(item) for _ in range(15)] == [None] * 15
    assert gets.get(item), "it came in the end: all is well again"
    bucket.proxy.clear()
    bucket.proxy.faults.append(by_obstore("", "denied", 99))
    assert [gets.get(item) for _ in range(20)] == [None] * 20
    assert len(bucket.proxy.gets()) == 16


def test_keys_as_people_write_them(bucket: Bucket) -> None:
    """Each is its own object, whoever fetches it; obstore does not know keys with empty parts."""
    plain = [
        "a b+c.json",
        "é/ü.json",
        "100%.json",
        "a%20b.json",
        "x=1&y=2.json",
        "q?.json",
        "~'.json",
    ]
    others = ["a//b.json", "/a.json", "./a.json", "a/../b.json"]
    for one in (*plain, "a.json", "b.json", *others):
        bucket.put_bytes(f"keys/{one}", one.encode())
    objects = listed(bucket, "keys", bucket.request().access)
    assert len(objects) == len(plain) + 2 + len(others)
    with reading(objects, bucket.request().access) as read:
        for item in objects:
            assert read(item)[:].decode() == item.uri.partition("/keys/")[2]
    assert askers(bucket).count("obstore") >= len(plain)


def test_large_objects_are_streamed_by_boto3(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are put aside are never held whole."""
    monkeypatch.setattr("pipeline.sources.aside.HELD_BYTES", 1)
    numbers = bucket.put(*KEYS)
    assert bucket.run(tmp_path / "lake").complete
    assert stored(tmp_path / "lake") == numbers
    assert askers(bucket) == ["boto3"] * 3


def test_requester_pays(bucket: Bucket) -> None:
    """Each GET says who pays."""
    bucket.put(*KEYS)
    access = Access(endpoint_url=bucket.proxy.url, region="us-east-1", requester_pays=True)
    objects = listed(bucket, "", access)
    with reading(objects, access) as read:
        assert all(len(read(item)) == item.size for item in objects)
    assert askers(bucket) == ["obstore"] * 3
    assert {asked.headers["x-amz-request-payer"] for asked in bucket.proxy.gets()} == {"requester"}


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_where_a_proxy_is_configured_boto3_fetches(
    name: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which requests go through it, and how, is boto3's to say."""
    bucket.put(KEYS[0])
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    access = bucket.request().access
    objects = listed(bucket, "", access)
    with reading(objects, access) as read:
        assert len(read(objects[0])) == objects[0].size
    assert askers(bucket) == ["boto3"]


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_where_certificates_are_configured_boto3_fetches(
    name: str, aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's would be trusted, too, by obstore. Nothing is asked: there is no such server."""
    del aws
    item = SourceObject("s3://bucket/key", 1, "x")
    for other in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(other, raising=False)
    tried = source.gets(Access(endpoint_url="https://127.0.0.1:9", region="a"), "bucket")
    monkeypatch.setenv(name, "/etc/ssl/own.pem")
    left = source.gets(Access(endpoint_url="https://127.0.0.1:9", region="b"), "bucket")
    asked: list[str] = []
    for gets in (tried, left):
        monkeypatch.setattr(gets, "_once", lambda item: asked.append(item.uri))
        assert gets.get(item) is None
    assert asked == [item.uri]


def test_what_obstore_finds_in_the_environment_does_not_count(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint is that of boto3, which takes an option before a variable."""
    bucket.put(KEYS[0])
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.setenv("AWS_REQUEST_PAYER", "true")
    access = bucket.request().access
    objects = listed(bucket, "", access)
    with reading(objects, access) as read:
        assert len(read(objects[0])) == objects[0].size
    assert askers(bucket) == ["obstore"]
    headers = bucket.proxy.gets()[0].headers
    assert "/us-east-1/s3/aws4_request" in headers["authorization"]
    assert "x-amz-request-payer" not in headers


@pytest.mark.parametrize(("minutes", "renewed"), [(5, True), (60, False)])
def test_credentials_are_renewed_by_boto3_alone(
    minutes: int,
    renewed: bool,
    bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of a profile's program: asked for once by both clients, and again when they run out,
    before which boto3 leaves ten minutes.
    """
    bucket.put(*KEYS)
    program = tmp_path / "program"
    end = datetime.now(UTC) + timedelta(minutes=minutes)
    text = ONE_AFTER_ANOTHER.format(
        python=sys.executable, calls=str(tmp_path / "calls"), expiration=end.isoformat()
    )
    program.write_text(text)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    config = tmp_path / "config"
    config.write_text(f"[profile own]\ncredential_process = {program}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    access = Access(profile="own", endpoint_url=bucket.proxy.url, region="us-east-1")
    objects = listed(bucket, "", access)
    gets = source.gets(access, bucket.name)
    used = []
    for item in objects:
        bucket.proxy.clear()
        assert gets.get(item)
        (asked,) = bucket.proxy.gets()
        number = int(asked.headers["authorization"].partition("KEY")[2].partition("/")[0])
        assert asked.headers["x-amz-security-token"] == f"token{number}"
        used.append(number)
    if renewed:
        assert used == sorted(set(used)), "a new one each time"
    else:
        assert used == [1, 1, 1]
