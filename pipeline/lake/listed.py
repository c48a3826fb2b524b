"""What of a bucket was listed to its end and need not be listed again: table `listed_days`."""

from __future__ import annotations

from itertools import groupby

import polars as pl

from pipeline.lake.place import Place, storage_options
from pipeline.lake.tables import files_of, opened, replace
from pipeline.sources import ListedDays
from pipeline.sources.listed import Listed

_TABLE = "listed_days"
_SCHEMA = pl.Schema({"folder": pl.String, "first_day": pl.Date, "last_day": pl.Date})


def read_listed(place: Place) -> Listed:
    """Region folder -> its days, as the lake at a place remembers them."""
    table = opened(place / _TABLE)
    if table is None:
        return {}
    stored = pl.read_parquet(
        files_of(table), hive_partitioning=False, storage_options=storage_options(place)
    )
    rows = stored.sort("folder", "first_day")
    spans = [ListedDays(*row) for row in rows.select(_SCHEMA.names()).iter_rows()]
    return {f: tuple(found) for f, found in groupby(spans, key=lambda span: span.folder)}


def write_listed(place: Place, listed: Listed) -> None:
    """Remember it instead of what was known; the lake must be locked."""
    rows = [(s.folder, s.first, s.last) for spans in listed.values() for s in spans]
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    replace(place / _TABLE, frame.to_arrow())
