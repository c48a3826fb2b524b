"""Each hunt's hits and misses: small worlds, what is asked, and the rows that come out."""

from __future__ import annotations

from tests.front.hunts import credentials, entering, roles
from tests.front.hunts.case import Case

CASES: tuple[Case, ...] = (*credentials.CASES, *entering.CASES, *roles.CASES)

__all__ = ["CASES", "Case"]
