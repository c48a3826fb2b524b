"""Every check of `queries/checks/` is quiet where all is well, and sees its fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline import sql
from pipeline.attribution import build
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.warehouse import Warehouse
from pipeline.warehouse.stored import PARTITIONS
from tests.attribution.nights import warehouse_of
from tests.conftest import CHECKOUT
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import assume_role
from tests.world.world import World

CHECKS = sorted(name for name in sql.catalogue() if name.startswith("checks/"))
EVERY_CHECK = pytest.mark.parametrize("check", CHECKS)
Row = dict[str, Any]


def lake_of(source: Path, folder: Path) -> Iterator[Warehouse]:
    """A lake of the records below a folder."""
    lake = Lake.create_or_open(str(folder / "lake"))
    ingest([str(source)], lake, workers=1)
    build(lake)
    with Warehouse.open(lake) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A lake of the bundled samples."""
    yield from lake_of(CHECKOUT / "data" / "samples", tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def invictus(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A lake of a real account under attack."""
    yield from lake_of(real_data / "invictus", tmp_path_factory.mktemp("invictus"))


@EVERY_CHECK
def test_the_samples_are_sound(check: str, samples: Warehouse) -> None:
    """No check finds anything on the bundled samples."""
    assert samples.query(check).to_dicts() == []


@EVERY_CHECK
def test_real_records_are_sound(check: str, invictus: Warehouse) -> None:
    """No check finds anything on the records of a real account."""
    assert invictus.query(check).to_dicts() == []


# --- a fault for each check ------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound() -> Iterator[Warehouse]:
    """Alice puts on Analyst, and in it BreakGlass of another account; all checks are quiet."""
    cast = Cast(World("checks"))
    look = assume_role(cast.alice, cast.analyst, "alice", source_identity="alice")
    hat = assume_role(look, cast.break_glass, "alice")
    use(look)
    use(hat)
    with warehouse_of(cast.world.records()) as warehouse:
        yield warehouse


@pytest.fixture
def two_hops(sound: Warehouse) -> Iterator[Warehouse]:
    """The same, to plant a fault into: afterwards the models are as they were."""
    before = {relation: sound.table(relation) for relation in PARTITIONS}
    yield sound
    for relation, rows in before.items():
        sound.register(relation, rows)


def changed(
    warehouse: Warehouse, relation: str, change: Callable[[Row], Row | None], *, only: str = ""
) -> None:
    """Replace each row of a model (or those whose session's role ends in `only`) by what
    `change` makes of it; None takes it away.
    """
    table = warehouse.table(relation)
    wanted = warehouse.sql("select session_id, role_arn from session_facts").to_dicts()
    those = {row["session_id"] for row in wanted if row["role_arn"].endswith(only)}
    rows = [
        new
        for row in table.to_pylist()
        if (new := change(dict(row)) if row.get("session_id", "") in those else row) is not None
    ]
    warehouse.register(relation, pa.Table.from_pylist(rows, table.schema))


def with_(**values: Any) -> Callable[[Row], Row]:
    """A change that sets columns."""
    return lambda row: row | values


def doubled(warehouse: Warehouse, relation: str) -> None:
    """Every row of a model twice."""
    table = warehouse.table(relation)
    warehouse.register(relation, pa.concat_tables([table, table]))


def younger_parent(w: Warehouse) -> None:
    def later(row: Row) -> Row:
        created = row["session_creation_date"] + timedelta(hours=1)
        return row | {"session_creation_date": created}

    changed(w, "sessions", later, only="Analyst")


def expired_long_ago(w: Warehouse) -> None:
    table = w.table("issued_credentials")
    rows = [r | {"expires_at": r["issued_at"] - timedelta(days=1)} for r in table.to_pylist()]
    w.register("issued_credentials", pa.Table.from_pylist(rows, table.schema))


def ring(w: Warehouse) -> None:
    changed(w, "chains", with_(origin="ring"), only="Analyst")


def lost_chain(w: Warehouse) -> None:
    changed(w, "chains", lambda _: None, only="Analyst")


FAULTS: dict[str, Callable[[Warehouse], None]] = {
    "checks/broken_chains": lambda w: changed(
        w, "chains", with_(chain=["arn:aws:iam::1:role/Other"]), only="BreakGlass"
    ),
    "checks/fan_out": lambda w: doubled(w, "chains"),
    "checks/name_without_proof": lambda w: changed(w, "chains", with_(evidence="ambiguous")),
    "checks/not_one_chain": lost_chain,
    "checks/older_than_parent": younger_parent,
    "checks/own_ancestor": ring,
    "checks/proof_not_in_lake": lambda w: changed(w, "chains", with_(evidence_events=["gone"])),
    "checks/role_of_another_call": lambda w: changed(
        w, "session_links", with_(role_arn="arn:aws:iam::1:role/Other")
    ),
    "checks/source_identity_changes": lambda w: changed(
        w, "session_facts", with_(source_identity="mallory"), only="BreakGlass"
    ),
    "checks/two_roles_of_one_id": lambda w: changed(
        w, "session_facts", with_(principal_id="AROAX:alice")
    ),
    "checks/use_outside_validity": expired_long_ago,
}
"""What each check must find: the fault planted into the models of `two_hops`."""


def test_every_check_has_a_fault() -> None:
    """A check that is never seen to find anything may be blind."""
    assert sorted(FAULTS) == CHECKS


@EVERY_CHECK
def test_a_check_sees_its_fault(check: str, two_hops: Warehouse) -> None:
    """Quiet before the fault is planted, not quiet after."""
    assert two_hops.query(check).to_dicts() == []
    FAULTS[check](two_hops)
    assert two_hops.query(check).to_dicts() != []
