"""The lake as a folder of tables, and its index of keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import LakeError
from pipeline.lake import Lake, keys
from pipeline.lake import folder as lake_folder
from pipeline.lake.hashing import hash_keys
from pipeline.lake.keys import KeyIndex
from pipeline.schema import EVENTS_SCHEMA, LAKE_VERSION
from tests.ingest.records import record, records_file, run, write

IDS = st.lists(
    st.tuples(
        st.uuids(version=4).map(str) | st.text(max_size=4),
        st.none() | st.sampled_from(["1", "2", ""]),
    ),
    max_size=30,
)


def hashes(rows: list[tuple[str, str | None]]) -> list[int]:
    ids, accounts = ([row[i] for row in rows] for i in (0, 1))
    return hash_keys(pa.array(ids, pa.string()), pa.array(accounts, pa.string())).to_list()


@given(IDS)
def test_keys_differ_exactly_where_the_pairs_differ(rows: list[tuple[str, str | None]]) -> None:
    """One pair, one key, wherever it stands; null accounts are equal to each other."""
    assert hashes(rows) == [hashes([row])[0] for row in rows]
    assert len(set(hashes(rows))) == len(set(rows))


def test_keys_do_not_change_between_versions() -> None:
    """The keys lie on disk: if this fails, HASH_VERSION must rise."""
    uuid = "0a1b2c3d-0000-4000-8000-00000000000f"
    assert hashes([(uuid, "1"), (uuid, None), ("x", None)]) == [
        2769150867601992166,
        1880925303682306706,
        5526134550999078962,
    ]


def claim(index: KeyIndex, *ids: str) -> list[bool]:
    accounts = pa.array([None] * len(ids), pa.string())
    return [bool(new) for new in index.claim(pa.array(ids, pa.string()), accounts).to_pylist()]


def test_a_key_is_claimed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claimed key stays claimed, in memory, in files, merged, and in the next process."""
    monkeypatch.setattr(keys, "_SPILL_KEYS", 20)
    index = KeyIndex(tmp_path / "keys", [])
    names = [f"id-{n}" for n in range(200)]
    for start in range(0, 200, 4):
        assert claim(index, *names[start : start + 4], names[start]) == [True] * 4 + [False]
    assert claim(index, *names) == [False] * 200
    index.save([])
    again = KeyIndex(tmp_path / "keys", [])
    assert claim(again, *names, "new") == [False] * 200 + [True]
    again.save([])
    assert claim(KeyIndex(tmp_path / "keys", []), "new", "newer") == [False, True]


@pytest.mark.parametrize("damage", ["remove", "empty", "garbage", "segment"])
def test_the_index_is_only_a_cache(tmp_path: Path, damage: str) -> None:
    """Without its index a lake still knows what it holds."""
    source = write(tmp_path / "in" / "1.json", records_file(record(1), record(2)))
    run(tmp_path / "lake", source)
    folder = tmp_path / "lake" / "keys"
    manifest = folder / "manifest.json"
    if damage == "remove":
        manifest.unlink()
    elif damage == "segment":
        next(folder.glob("*.arrow")).unlink()
    else:
        manifest.write_text("" if damage == "empty" else "[1]")
    write(source, records_file(record(2), record(3), record(1)))
    summary = run(tmp_path / "lake", source)
    assert (summary.records_stored, summary.records_duplicate) == (1, 2)


def test_opening_what_is_not_a_lake(tmp_path: Path) -> None:
    """Missing, a file, a full folder, a newer lake: each has its own clear message."""
    with pytest.raises(LakeError, match="There is no lake here"):
        Lake.open(str(tmp_path / "missing"))
    write(tmp_path / "full" / "file.txt", b"x")
    with pytest.raises(LakeError, match="not a lake of rolecall"):
        Lake.open(str(tmp_path / "full"))
    with pytest.raises(LakeError, match="neither a lake nor an empty folder"):
        Lake.create_or_open(str(tmp_path / "full"))
    with pytest.raises(LakeError, match="is a file"):
        Lake.create_or_open(str(tmp_path / "full" / "file.txt"))
    newer = {"format": "rolecall-lake", "version": LAKE_VERSION + 1}
    write(tmp_path / "newer" / "rolecall.json", json.dumps(newer).encode())
    for opening in (Lake.open, Lake.create_or_open):
        with pytest.raises(LakeError, match="newer rolecall"):
            opening(str(tmp_path / "newer"))
    with pytest.raises(LakeError, match="a folder or s3"):
        Lake.open("gs://bucket/lake")
    with pytest.raises(LakeError, match="% code"):
        Lake.create_or_open(str(tmp_path / "my%20lake"))


def test_an_empty_folder_becomes_a_lake(tmp_path: Path) -> None:
    """So does a missing one, also after a crash before the marker was complete."""
    (tmp_path / "rolecall.json.tmp").write_text("{")
    lake = Lake.create_or_open(str(tmp_path))
    assert Lake.open(str(tmp_path)).location == lake.location == tmp_path.as_posix()
    assert lake.parquet_files("events") == []


def test_a_second_writer_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that waits in vain gets a clear error; the lock goes with its process."""
    monkeypatch.setattr(lake_folder, "LOCK_WAIT_SECONDS", 0.3)
    lake = Lake.create_or_open(str(tmp_path / "lake"))
    code = (
        "import sys; from pipeline.lake import Lake\n"
        "with Lake.open(sys.argv[1]).writer(): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, lake.location],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(LakeError, match=f"Another rolecall is writing.*process {holder.pid}"),
            lake.writer(),
        ):
            pass
        holder.kill()
    with lake.writer():
        pass


def test_duckdb_reads_the_events(tmp_path: Path) -> None:
    """With hive partitioning, events have their date, and the columns of the schema."""
    source = write(tmp_path / "in.json", records_file(record(1), record(2)))
    run(tmp_path / "la ké #x", source)
    files = Lake.open(str(tmp_path / "la ké #x")).parquet_files("events")
    query = "select * from read_parquet($files, hive_partitioning = true)"
    relation = duckdb.sql(query, params={"files": files})
    assert relation is not None
    assert sorted(relation.columns) == sorted(EVENTS_SCHEMA.names)
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert (types["event_date"], types["event_time"]) == ("DATE", "TIMESTAMP WITH TIME ZONE")
    assert types["user_arn"] == "VARCHAR"
