"""A lake in S3 is the same lake: same tables, same answers, each record once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from botocore.exceptions import ClientError

from pipeline.attribution import build
from pipeline.errors import LakeError
from pipeline.ingest import ingest
from pipeline.lake import Lake, lease, objects, parquet, place, remote
from pipeline.warehouse import Warehouse
from tests.conftest import CHECKOUT, in_soak
from tests.front.terminal import rolecall as in_process

SAMPLES = CHECKOUT / "data" / "samples" / "org-trail"
FEW = SAMPLES / "AWSLogs" / "o-r0llca11ab" / "400000000004"
"""The trail of one account: enough for what does not compare all reports."""

_NOW = re.compile(r'"20\d\d-\d\d-\d\dT[\d:]+\.\d+Z"')
"""A moment with parts of a second is one of this run's clock; the samples have none."""


def fill(location: str, *, source: Path = FEW, workers: int = 1) -> int:
    lake = Lake.create_or_open(location)
    with lake.locked():
        stored = ingest([str(source)], lake, workers=workers).records_stored
        build(lake)
    return stored


def events(location: str) -> pl.DataFrame:
    with Warehouse.open(Lake.open(location)) as warehouse:
        table = warehouse.table("events").drop_columns("source_file")
        return pl.DataFrame(table).sort("event_id", "recipient_account_id")


def rolecall(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "rolecall"), *words]
    environment = os.environ | changes
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )


def test_same_answers_as_a_local_lake(lake: str, tmp_path: Path) -> None:
    """Some reports, over S3 and over a local lake; a second run stores nothing."""
    local = str(tmp_path / "lake")
    first = fill(lake, source=SAMPLES)
    assert first == fill(local, source=SAMPLES) > 200
    assert fill(lake, source=SAMPLES) == 0
    assert events(lake).equals(events(local))
    count = ["sql", "select count(*), min(event_date) from attributed_events"]
    for command in (["who"], ["status"], ["trace", "AKIAV2IO3UACBU62UQEY"], count):
        texts = []
        for location in (lake, local):
            done = in_process(*command, "--lake", location, "--format", "json")
            assert done.exit_code == 0, done.stderr
            texts.append(_NOW.sub('"now"', done.stdout.replace(location, "LAKE")))
        assert texts[0] == texts[1]
        assert len(texts[0]) > 20


def test_without_its_index_nothing_is_stored_twice(
    lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same files under another path, from a machine without the cache of keys."""
    stored = fill(lake)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other-machine"))
    copy = tmp_path / "copy"
    for file in FEW.rglob("*.gz"):
        (copy / file.name).parent.mkdir(exist_ok=True)
        (copy / file.name).write_bytes(file.read_bytes())
    target = Lake.create_or_open(lake)
    with target.locked():
        summary = ingest([str(copy)], target, workers=1)
        build(target)
    assert summary.records_read > stored
    assert summary.records_stored == 0


def test_worker_processes(lake: str) -> None:
    """The way of large inputs."""
    assert fill(lake, workers=2) == len(events(lake))


def test_second_writer_waits_and_the_lease_goes_on(
    lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease that is renewed is not taken over, however long the holder works."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.6)
    monkeypatch.setattr(lease, "WAIT_SECONDS", 2.0)
    first = Lake.create_or_open(lake)
    with (
        first.locked(),
        pytest.raises(LakeError, match="Another rolecall is writing"),
        Lake.open(lake).locked(),
    ):
        pytest.fail("two writers")
    with Lake.open(lake).locked():
        pass


def test_two_writers_store_each_record_once(lake: str) -> None:
    """Two at once: one waits for the other."""
    Lake.create_or_open(lake)
    stored: list[int] = []
    runs = [threading.Thread(target=lambda: stored.append(fill(lake))) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(stored) == [0, len(events(lake))]


@pytest.mark.parametrize(
    ("step", "times"),
    [
        pytest.param("events written", 1, marks=in_soak),
        ("table committed", 1),
        pytest.param("table committed", 2, marks=in_soak),
    ],
)
def test_killed_run_is_followed(
    lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, times: int
) -> None:
    """SIGKILL of a real process leaves its lease; the next run waits it out and goes on."""
    command = [sys.executable, "-m", "tests.ingest.crash", lake, str(FEW), step, str(times)]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.6)
    fill(lake)
    local = str(tmp_path / "lake")
    fill(local)
    assert events(lake).equals(events(local))
    for table in ("files", "rejects"):
        ours, theirs = (_count(location, table) for location in (lake, local))
        assert ours == theirs > 0


def test_run_that_was_taken_over_writes_nothing(lake: str) -> None:
    """The lock object is looked at right before each write, models too."""
    target = Lake.create_or_open(lake)
    with target.locked():
        ingest([str(FEW)], target, workers=1)
        assert isinstance(target.place, place.S3Folder)
        (target.place / "ingest.lock").put(b"of another")
        with pytest.raises(LakeError, match="no longer holds the lake"):
            build(target)
    assert Lake.open(lake).models().snapshot.code == ""


def test_run_that_lost_the_lease_writes_nothing(lake: str) -> None:
    """Who was taken over stops before the next write."""
    target = Lake.create_or_open(lake)
    with target.locked():
        assert isinstance(target.place, place.S3Folder)
        target.place.writer.lost = "another run took it over"
        with pytest.raises(LakeError, match="no longer holds the lake"):
            ingest([str(FEW)], target, workers=1)
        target.place.writer.lost = ""


def test_look_up_by_key_reads_one_row_group(
    lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file sorted by key only the row groups that can hold the key are fetched."""
    monkeypatch.setitem(parquet._FORMAT, "row_group_size", 500)
    fill(lake, source=_many_keys(tmp_path / "trail.json"))
    fetched = _count_bytes(monkeypatch)
    text = "select max(request_parameters) from events"
    read: list[int] = []
    for where in ("", " where user_access_key_id = 'AKIA0000000000000042'"):
        with Warehouse.open(Lake.open(lake)) as warehouse:
            warehouse._connection.execute("set enable_external_file_cache = false")
            fetched.clear()
            assert warehouse.sql(text + where).height == 1
            read.append(sum(fetched))
    whole, one_key = read
    assert 0 < one_key < whole / 4


@pytest.mark.parametrize("command", [["status"], ["ingest", str(FEW)]])
def test_missing_bucket(lake: str, command: list[str]) -> None:
    """It is named, at once."""
    del lake
    done = rolecall(*command, "--lake", "s3://nowhere/lake")
    assert done.returncode == 1
    assert "There is no such bucket" in done.stderr
    assert "s3://nowhere/lake" in done.stderr


def test_no_credentials(lake: str) -> None:
    """Said, with what to do; nobody asks the instance for half a minute."""
    done = rolecall("status", "--lake", lake, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert done.returncode == 1
    assert "credentials" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken"])
def test_refused(lake: str, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """What the server refuses is said with the permissions that are needed."""
    refusal = ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")
    monkeypatch.setattr(objects, "client", lambda: _Refusing(refusal))
    with pytest.raises(LakeError) as caught:
        Lake.open(lake)
    assert lake.rpartition("/")[0] in str(caught.value)
    assert ("s3:PutObject" if code == "AccessDenied" else "ExpiredToken") in str(caught.value)


class _Refusing:
    def __init__(self, error: ClientError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def refuse(**_: Any) -> None:
            raise self._error

        return refuse


def _count(location: str, table: str) -> int:
    with Warehouse.open(Lake.open(location)) as warehouse:
        return len(pl.DataFrame(warehouse.table(table)))


def _many_keys(path: Path) -> Path:
    """Events of a hundred keys in turns, each with a request that does not compress well."""
    random = Random(1)
    records = [
        {
            "eventVersion": "1.08",
            "eventID": f"00000000-0000-4000-8000-{n:012}",
            "eventTime": "2026-11-20T10:00:00Z",
            "eventSource": "ec2.amazonaws.com",
            "eventName": "DescribeInstances",
            "awsRegion": "eu-west-1",
            "recipientAccountId": "111111111111",
            "userIdentity": {
                "type": "IAMUser",
                "principalId": "AIDA",
                "arn": "arn:aws:iam::111111111111:user/a",
                "accountId": "111111111111",
                "accessKeyId": f"AKIA{n % 100:016}",
            },
            "requestParameters": {"token": random.randbytes(100).hex()},
        }
        for n in range(10_000)
    ]
    path.write_text(json.dumps({"Records": records}), encoding="utf-8")
    return path


def _count_bytes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    fetched: list[int] = []
    read = remote.RangeFile.read

    def counted(self: remote.RangeFile, size: int | None = -1) -> bytes:
        content = read(self, size)
        fetched.append(len(content))
        return content

    monkeypatch.setattr(remote.RangeFile, "read", counted)
    return fetched
