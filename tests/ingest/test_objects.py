"""Listed objects are packed: what goes in comes out, in its order and in little memory."""

from __future__ import annotations

import io
import random
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import Objects, SourceObject, objects
from pipeline.sources.standard_input import read_all
from tests.ingest.records import record, records_file, run, table, write

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
ITEMS = st.builds(SourceObject, TEXT, st.integers(0, 1 << 40), TEXT, st.none() | st.binary())


@settings(deadline=None)
@given(items=st.lists(ITEMS, max_size=20), part=st.integers(1, 7))
def test_what_goes_in_comes_out(items: list[SourceObject], part: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "_PART", part)
        packed = Objects(items)
    for _ in range(2):
        assert list(packed) == items
        assert [item for some in packed.parts() for item in some] == items
    assert (len(packed), packed.size) == (len(items), sum(item.size for item in items))


def listed(count: int) -> Iterator[SourceObject]:
    """As S3 names them."""
    dice = random.Random(1)
    for number in range(count):
        name = f"111122223333_CloudTrail_eu-west-1_20261120T{number % 24:02}00Z"
        key = f"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/20/{name}_{dice.random()}.json.gz"
        yield SourceObject(f"s3://trail/{key}", 1000, f"{dice.getrandbits(128):032x}")


def test_a_million_would_take_less_than_a_hundred_mebibytes() -> None:
    tracemalloc.start()
    try:
        packed = Objects(listed(20_000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(packed) == 20_000
    assert held / 20_000 < 100


def test_batches_of_a_packed_listing_are_those_of_a_run_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of the listing are no batches: the same events, ledger and batch ids."""
    for number in range(25):
        write(tmp_path / "in" / f"{number:02}.json", records_file(record(number), record(7)))
    monkeypatch.setattr("pipeline.ingest.plan.BATCH_OBJECTS", 4)
    run(tmp_path / "whole", tmp_path / "in")
    monkeypatch.setattr(objects, "_PART", 3)
    for workers in (1, 2):
        monkeypatch.setattr("pipeline.ingest.plan._SMALL_BYTES", -1)
        lake = tmp_path / f"packed-{workers}"
        run(lake, tmp_path / "in", workers=workers)
        for name in ("events", "files"):
            assert table(lake, name).equals(table(tmp_path / "whole", name)), name
        write(tmp_path / "in" / "03b.json", records_file(record(100)))
        assert run(lake, tmp_path / "in", workers=workers).files_new == 1
        (tmp_path / "in" / "03b.json").unlink()


def test_standard_input_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held once: it cannot be read twice."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text")))
    item = read_all()
    monkeypatch.setattr(objects, "_PART", 1)
    (found,) = Objects([item])
    assert found is item
