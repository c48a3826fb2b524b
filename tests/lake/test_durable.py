"""What a power loss may leave, and in which order things are forced to the disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipeline.attribution import build
from pipeline.lake import Lake
from pipeline.lake.durable import entries, entry
from pipeline.warehouse import Warehouse
from tests.ingest.records import record, records_file, run, table, write


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of two nights and a lake of them, built after each."""
    folder = tmp_path_factory.mktemp("nights")
    for night in (1, 2):
        items = [record(night), record(night, eventTime=...)]
        run(folder / "lake", write(folder / f"{night}.json", records_file(*items)))
        build(Lake.open(str(folder / "lake")))
    return folder


@pytest.fixture
def lake(nights: Path, tmp_path: Path) -> Path:
    """The lake of two nights."""
    return shutil.copytree(nights / "lake", tmp_path / "lake")


@pytest.mark.parametrize("damage", ["empty", "cut"])
@pytest.mark.parametrize("name", ["files", "snapshot", "chains"])
def test_a_commit_that_a_power_loss_cut_short(
    name: str, damage: str, lake: Path, nights: Path
) -> None:
    """The next run takes it away and does it again."""
    before = {name: table(lake, name) for name in ("events", "files", "rejects")}
    newest = entry(lake / name, entries(lake / name)[0])
    newest.write_bytes(b"" if damage == "empty" else newest.read_bytes()[:-5])
    if name == "chains":  # relied on by no snapshot: of a build that did not end
        older = entry(lake / "snapshot", entries(lake / "snapshot")[0])
        older.unlink()
    assert run(lake, nights / "2.json").files_new == 0
    build(Lake.open(str(lake)))
    for table_name, frame in before.items():
        assert table(lake, table_name).equals(frame)
    with Warehouse.open(Lake.open(str(lake))) as warehouse:
        assert warehouse.table("events").num_rows == 2
        assert warehouse.table("files").num_rows == 2


def test_a_checkpoint_that_a_power_loss_cut_short(lake: Path) -> None:
    """It is only a summary of the log, and goes."""
    log = lake / "events" / "_delta_log"
    (log / f"{2:020}.checkpoint.parquet").write_bytes(b"PAR1 half")
    (log / "_last_checkpoint").write_text('{"version":2,"size":')
    run(lake, write(lake.parent / "3.json", records_file(record(3))))
    assert len(table(lake, "events")) == 3
    assert not (log / "_last_checkpoint").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc to name what is synced")
def test_data_reaches_the_disk_before_what_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parquet files, then the commit of events, then that of rejects, then that of the ledger."""
    synced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append(path.relative_to(tmp_path / "lake").as_posix())
        fsync(descriptor)

    Lake.create_or_open(str(tmp_path / "lake"))
    monkeypatch.setattr(os, "fsync", watched)
    items = [record(1), record(2, eventTime=...)]
    run(tmp_path / "lake", write(tmp_path / "1.json", records_file(*items)))
    parquet = [synced.index(name) for name in synced if name.endswith(".parquet")]
    days = synced.index("events/event_date=2026-11-20")
    commits = [
        synced.index(f"{name}/_delta_log/{1:020}.json") for name in ("events", "rejects", "files")
    ]
    assert len(parquet) == 3
    assert max(*parquet, days) < commits[0] < commits[1] < commits[2]
