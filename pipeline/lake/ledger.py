"""Ask the ledger: which of these objects were ingested before?"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

_SCHEMA = pl.Schema({"uri": pl.String, "fingerprint": pl.String})


def known(files: list[str], prints: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the (uri, fingerprint) pairs that are in the ledger.

    files -- the Parquet files of the table `files`. They are scanned, never held as a whole.
    """
    asked = pl.LazyFrame(list(prints), schema=_SCHEMA, orient="row")
    if not files:
        return set()
    ledger = pl.scan_parquet(files, hive_partitioning=False).select(_SCHEMA.names())
    found = ledger.join(asked, on=_SCHEMA.names(), how="semi").unique()
    return set(found.collect(engine="streaming").iter_rows())
