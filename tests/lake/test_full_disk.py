"""A full disk is a clear error, and costs nothing that was stored."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from pipeline.errors import LakeError
from pipeline.lake import Lake
from pipeline.lake.parquet import write_table
from pipeline.schema import FILES_SCHEMA
from pipeline.warehouse import Warehouse
from tests.conftest import CHECKOUT
from tests.ingest.records import record, records_file, table, write

SIZES = [20, 44, 80, 130, 190, 260, 340, 430, 530, 640, 760]
LARGE = 60_000
"""KiB. A disk is full while the first batch is written, while models are, …; never."""
if "ROLECALL_SOAK_KILLS" not in os.environ:
    SIZES = SIZES[::2]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    for number in range(12):
        items = [record(n) for n in range(number * 30, number * 30 + 33)]
        if number == 2:
            items.append(record(0, eventTime=...))
        write(folder / f"{number:02}.json", records_file(*items))
    return folder


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt -o size=64k"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="needs `unshare -rm` and the right to mount a tmpfs")
def test_a_disk_that_is_full_at_any_moment(source: Path, tmp_path: Path) -> None:
    """The error names the lake and the cause; the next run ends as if nothing had been."""
    disk, out = tmp_path / "disk", tmp_path / "out"
    disk.mkdir()
    out.mkdir()
    command = ["unshare", "-rm", sys.executable, "-m", "tests.lake.full_disk"]
    places = [str(disk), str(source), str(out), *map(str, [*SIZES, LARGE])]
    subprocess.run([*command, *places], cwd=CHECKOUT, check=True)
    assert (out / f"{SIZES[0]}.txt").read_text()
    assert not (out / f"{LARGE}.txt").read_text()
    for kib in SIZES:
        said = (out / f"{kib}.txt").read_text()
        assert not said or re.match(r"The lake cannot be (made|written): .*[Nn]o space", said)
        for name in ("events", "files", "rejects"):
            assert_frame_equal(table(out / str(kib), name), table(out / str(LARGE), name))
        with Warehouse.open(Lake.open(str(out / str(kib)))) as warehouse:
            assert warehouse.table("events").num_rows == 363


def test_a_file_that_cannot_grow_leaves_nothing(tmp_path: Path) -> None:
    """A Parquet file that does not fit is an error that says why, and half of it is not left."""
    rows = FILES_SCHEMA.empty_table()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        with pytest.raises(LakeError, match=r"cannot be written: .*File too large"):
            write_table(tmp_path / "files", "part.parquet", rows)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((tmp_path / "files").iterdir()) == []
