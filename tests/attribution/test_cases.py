"""Each query of staging, models and increments does what its case says."""

from __future__ import annotations

from functools import cache

import pytest

from pipeline import sql
from pipeline.warehouse import ModelBuilder, Warehouse
from tests.attribution.cases import CASES, Case
from tests.attribution.cases.case import Given, played
from tests.attribution.nights import BUILT_AT, Nights
from tests.world.table import events_table

FOLDERS = ("staging/", "models/", "increments/")
INSIDE_A_BUILD = ("staging/", "increments/", "models/users")
"""What a reader of the lake does not see."""


@cache
def warehouse(given: Given) -> Warehouse:
    """What a reader sees of the records of one night; cases ask, and change nothing."""
    (records,) = played(given)
    return Warehouse.of(events_table(records))


@cache
def builder(given: Given) -> ModelBuilder:
    """The build of the last night, with all that a build sees."""
    *before, last = played(given)
    stored = Nights()
    for records in before:
        stored.build(records)
    built = ModelBuilder()
    built.build(events_table(last), stored.stored, built_at=BUILT_AT)
    return built


def answer(case: Case) -> list[tuple[object, ...]]:
    """The rows that the case asks for."""
    if not case.query.startswith(INSIDE_A_BUILD):
        return warehouse(case.given).sql(case.ask).rows()
    columns = builder(case.given)._rows(case.ask).to_pydict().values()
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.query}: {case.fact}")
def test_given_and_expected(case: Case) -> None:
    """The records of the case give its rows."""
    assert answer(case) == case.rows


def test_every_query_has_a_case() -> None:
    """A query without an example is not understood."""
    wanted = {name for name in sql.catalogue() if name.startswith(FOLDERS)}
    assert wanted - {case.query for case in CASES} == set()
