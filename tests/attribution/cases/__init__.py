"""Given and expected, one small case for each query that says who acted: the files are read
like examples. Only the columns that matter are asked for.
"""

from __future__ import annotations

from tests.attribution.cases import increments, models, staging
from tests.attribution.cases.case import Case

CASES: tuple[Case, ...] = (*staging.CASES, *models.CASES, *increments.CASES)

__all__ = ["CASES", "Case"]
