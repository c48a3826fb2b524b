"""Ask the ledger: which of these objects were ingested before?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from pipeline.schema import CLOUDTRAIL

_PRINT = pl.Schema({"uri": pl.String, "fingerprint": pl.String})
_SCHEMA = pl.Schema(
    {
        "uri": pl.String,
        "fingerprint": pl.String,
        "kind": pl.String,
        "records_read": pl.Int64,
        "records_rejected": pl.Int64,
        "decoder_version": pl.Int64,
    }
)
_YIELDED = (pl.col("kind") == CLOUDTRAIL) & (
    (pl.col("records_rejected") < pl.col("records_read")) | (pl.col("records_read") == 0)
)


def known(
    files: list[str],
    prints: Iterable[tuple[str, str]],
    version: int,
    access: Mapping[str, str] | None = None,
) -> set[tuple[str, str]]:
    """Those of the (uri, fingerprint) pairs that are in the ledger and need not be read again.

    files -- the Parquet files of the table `files`. They are scanned, never held as a whole.
    version -- of the decoders. An object that gave no record to an older version does not count.
    access -- how the files are reached in S3.
    """
    asked = pl.LazyFrame(list(prints), schema=_PRINT, orient="row")
    if not files:
        return set()
    ledger = _scan(files, access).filter(_is_done(version)).select(_PRINT.names())
    found = ledger.join(asked, on=_PRINT.names(), how="semi").unique()
    return set(found.collect(engine="streaming").iter_rows())


def outdated(files: list[str], version: int, access: Mapping[str, str] | None = None) -> list[str]:
    """URIs of the objects that an older version of the decoders got nothing from."""
    if not files:
        return []
    ledger = _scan(files, access)
    done = ledger.filter(_is_done(version))
    left = ledger.join(done, on=_PRINT.names(), how="anti").select("uri").unique().sort("uri")
    return left.collect(engine="streaming")["uri"].to_list()


def _scan(files: list[str], access: Mapping[str, str] | None) -> pl.LazyFrame:
    """The ledger; files of an older rolecall have no version."""
    return pl.scan_parquet(
        files,
        schema=_SCHEMA,
        missing_columns="insert",
        extra_columns="ignore",
        hive_partitioning=False,
        storage_options=dict(access) if access else None,
    )


def _is_done(version: int) -> pl.Expr:
    return _YIELDED | (pl.col("decoder_version").fill_null(0) >= version)
