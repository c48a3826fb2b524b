"""Which nights are due, and what belongs to them.

A night is the UTC day that it reports. It is closed once, in the lake, before its reports are
written: what the lake had learned until then belongs to it, what comes later to the next one. So
a fact is told as new in exactly one night, and a night that is written again says the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence, Set
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa

from pipeline.lake import Lake
from pipeline.nightly.folder import RUN
from pipeline.schema import NIGHTS_SCHEMA
from pipeline.warehouse.stored import NIGHTS as TABLE

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def written_nights(folder: Path) -> list[date]:
    """The nights whose folders are there, in order."""
    names = (path.name for path in folder.iterdir() if path.is_dir())
    return sorted(date.fromisoformat(name) for name in names if _DAY.fullmatch(name))


def whole_nights(folder: Path, read: Set[str] = frozenset()) -> set[date]:
    """The written nights of which nothing is to be mended, by their run.json.

    A night is not whole without one: it was written by a run that never came to its end; nor where
    a report failed, nor where a source was missing that is among those `read` now.
    """
    written = written_nights(folder)
    return {night for night in written if _is_whole(folder / str(night), night, read)}


def _is_whole(folder: Path, night: date, read: Set[str]) -> bool:
    try:
        run = json.loads((folder / RUN).read_text(encoding="utf-8"))
        reports = run["nights"][str(night)]["reports"]
        unread = {source["path"] for source in run["sources"] if source["error"] is not None}
        is_made = bool(reports) and all(report["error"] is None for report in reports)
        return is_made and not unread & read
    except (OSError, ValueError, KeyError, TypeError):
        return False


def due_nights(
    last: date, written: Iterable[date], whole: Iterable[date], closed: Iterable[date]
) -> list[date]:
    """The nights to write: all since the first one that is written and are not whole, and the last
    one in any case.

    last -- the newest that may be written, the day that ended before now.
    closed -- nights that the lake has closed: where no folder is left, the first of them begins.
    """
    before = [night for night in written if night < last]
    first = min(before or [night for night in closed if night <= last], default=last)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    done = set(whole) - {last}
    return [night for night in days if night not in done]


def closed_nights(lake: Lake) -> pl.DataFrame:
    """The table `nights` (NIGHTS_SCHEMA), by night."""
    rows = lake.models().rows(TABLE)
    return pl.DataFrame(NIGHTS_SCHEMA.empty_table()) if rows is None else rows.sort("night")


def up_to(lake: Lake, due: Sequence[date]) -> list[date]:
    """The nights to close before some are written: also those between them and the last closed.

    A night that is skipped would else never be closed, and what is new in it be told in two.
    """
    newest = closed_nights(lake)["night"].max()
    if not due or not isinstance(newest, date) or newest >= due[-1]:
        return list(due)
    first = newest + timedelta(days=1)
    return [first + timedelta(days=number) for number in range((due[-1] - first).days + 1)]


def close(lake: Lake, nights: Iterable[date], now: datetime) -> None:
    """Close nights that come after all closed ones; others stay as they are.

    The lake must be locked by the caller and its events built.
    """
    before = closed_nights(lake)
    newest = before["night"].max()
    new = [night for night in nights if newest is None or night > newest]  # type: ignore[operator]
    if not new:
        return
    rows = pa.table({"night": new, "closed_at": [now] * len(new)}, schema=NIGHTS_SCHEMA)
    kept = before.to_arrow().cast(NIGHTS_SCHEMA)
    tables = lake.models()
    tables.overwrite(TABLE, pa.concat_tables([kept, rows]))
    tables.commit(tables.snapshot.code)
