"""What a night told, and when it is over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.nightly.conftest import Operator


def morning_after(night: str) -> datetime:
    return datetime.fromisoformat(night).replace(tzinfo=UTC) + timedelta(days=1, hours=2)


def facts(operator: Operator, night: str) -> set[str]:
    """What a night told as new: kind and whom it is about."""
    rows = json.loads(operator.texts(night)["new.json"])["tables"]["facts"]
    return {f"{row['kind']} {row['actor_name'] or row['from_account_id']}" for row in rows}
