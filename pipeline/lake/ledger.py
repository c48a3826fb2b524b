"""Ask the ledger: which of these objects were ingested before?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import polars as pl

from pipeline.schema import CLOUDTRAIL

_PRINT = pl.Schema({"uri": pl.String, "fingerprint": pl.String})
_HASHED = [pl.col(name).hash() for name in _PRINT.names()]
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
    prints: Iterable[list[tuple[str, str]]],
    version: int,
    access: Mapping[str, str] | None = None,
) -> pl.Series:
    """Which of the (uri, fingerprint) pairs are in the ledger and need not be read again: a
    boolean for each, in their order.

    files -- the Parquet files of the table `files`, at least one. They are scanned, never held.
    prints -- the pairs, some at a time. Two numbers of 64 bits are kept of each.
    version -- of the decoders. An object that gave no record to an older version does not count.
    access -- how the files are reached in S3.
    """
    asked = _hashed(prints)
    ledger = _scan(files, access).filter(_is_done(version)).select(_HASHED)
    found = ledger.join(asked.lazy(), on=_PRINT.names(), how="semi").unique()
    marked = found.with_columns(is_known=True).collect(engine="streaming")
    joined = asked.join(marked, on=_PRINT.names(), how="left", maintain_order="left")
    return joined["is_known"].fill_null(value=False)


def gave_cloudtrail(
    files: list[str],
    rejects: list[str],
    prints: Iterable[list[tuple[str, str]]],
    access: Mapping[str, str] | None = None,
) -> bool:
    """Whether one of the (uri, fingerprint) pairs is CloudTrail by the ledger, or was rejected and
    may be some.

    files, rejects -- the Parquet files of the tables; of `files` at least one.
    """
    asked = _hashed(prints).lazy()
    ledger = _scan(files, access).filter(pl.col("kind") == CLOUDTRAIL).select(_HASHED)
    found = [ledger.join(asked, on=_PRINT.names(), how="semi")]
    if rejects:
        options = dict(access) if access else None
        told = pl.scan_parquet(rejects, hive_partitioning=False, storage_options=options)
        found.append(told.select(pl.col("uri").hash()).join(asked, on="uri", how="semi"))
    return any(rows.head(1).collect(engine="streaming").height for rows in found)


def outdated(files: list[str], version: int, access: Mapping[str, str] | None = None) -> list[str]:
    """URIs of the objects that an older version of the decoders got nothing from."""
    if not files:
        return []
    ledger = _scan(files, access)
    done = ledger.filter(_is_done(version))
    left = ledger.join(done, on=_PRINT.names(), how="anti").select("uri").unique().sort("uri")
    return left.collect(engine="streaming")["uri"].to_list()


def _hashed(prints: Iterable[list[tuple[str, str]]]) -> pl.DataFrame:
    parts = (pl.DataFrame(part, schema=_PRINT, orient="row") for part in chain([[]], prints))
    return pl.concat([part.select(_HASHED) for part in parts])


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
