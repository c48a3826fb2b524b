"""A lake that holds the samples, made once by the command itself; a world to trace in."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.warehouse import Warehouse
from tests.front.terminal import SAMPLES, Ran, rolecall
from tests.front.tracing import warehouse_of
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import assume_role, deny_assume_role
from tests.world.world import World


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The samples' lake, and what `rolecall ingest` said."""
    lake = tmp_path_factory.mktemp("samples") / "lake"
    return lake, rolecall("ingest", SAMPLES, "--lake", lake, "--workers", "1")


@pytest.fixture(scope="session")
def lake(ingested: tuple[Path, Ran]) -> Path:
    """The samples' lake; read only."""
    return ingested[0]


@pytest.fixture(scope="module")
def three_levels() -> tuple[Warehouse, Credential, Credential, Credential]:
    """Alice on Analyst, from it on BreakGlass in another account, from it on a foreign role."""
    world = World("three levels")
    cast = Cast(world)
    first = assume_role(cast.alice, cast.analyst, "alice")
    use(first)
    second = assume_role(first, cast.break_glass, "alice")
    use(second)
    assume_role(second, cast.role(cast.elsewhere, "Away"), "alice")
    deny_assume_role(second, cast.role(cast.production, "Payments"))
    return warehouse_of(world), cast.alice, first, second
