"""Each query of staging, models and increments does what its case says."""

from __future__ import annotations

import pytest

from pipeline import sql
from pipeline.warehouse import ModelBuilder, Warehouse
from tests.attribution.cases import CASES, Case
from tests.attribution.nights import BUILT_AT, Nights
from tests.world.table import events_table

FOLDERS = ("staging/", "models/", "increments/")
INSIDE_A_BUILD = ("staging/", "increments/", "models/users")
"""What a reader of the lake does not see."""


def answer(case: Case) -> list[tuple[object, ...]]:
    """The rows that the case asks for."""
    nights = case.nights()
    if not case.query.startswith(INSIDE_A_BUILD):
        (records,) = nights
        with Warehouse.of(events_table(records)) as warehouse:
            return warehouse.sql(case.ask).rows()
    stored = Nights()
    for records in nights[:-1]:
        stored.build(records)
    with ModelBuilder() as builder:
        builder.build(events_table(nights[-1]), stored.stored, built_at=BUILT_AT)
        columns = builder._rows(case.ask).to_pydict().values()
        return list(zip(*columns, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.query}: {case.fact}")
def test_given_and_expected(case: Case) -> None:
    """The records of the case give its rows."""
    assert answer(case) == case.rows


def test_every_query_has_a_case() -> None:
    """A query without an example is not understood."""
    wanted = {name for name in sql.catalogue() if name.startswith(FOLDERS)}
    assert wanted - {case.query for case in CASES} == set()
