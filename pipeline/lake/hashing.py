"""The key of an event as one number.

A key is (`event_id`, `recipient_account_id`), null-safe, as a 64-bit hash. Among a billion
stored events, a new one is taken for a repeat by chance with a probability of 5e-11.
"""

from __future__ import annotations

import hashlib

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

HASH_VERSION = 1
"""Another version of the function gives other keys; an index of the old ones is then rebuilt."""

_UUID_LENGTH = 36
_WORDS = _UUID_LENGTH // 4
_FACTORS = (
    0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5,
    0x85EBCA77C2B2AE63, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB,
    0x8EBC6AF09C88C6E3,
)  # fmt: skip
_MIX = 0xFF51AFD7ED558CCD


def hash_keys(event_ids: pa.Array, account_ids: pa.Array) -> pl.Series:
    """64-bit keys of events; the same on every machine and in every version of HASH_VERSION.

    event_ids -- strings without nulls; account_ids -- strings, nulls allowed.
    """
    accounts = (
        account_ids
        if pa.types.is_dictionary(account_ids.type)
        else (account_ids.dictionary_encode())
    )
    by_account = [_digest(account) for account in accounts.dictionary.to_pylist()]
    no_account = len(by_account)
    by_account.append(0)
    numbers = pl.Series(accounts.indices.fill_null(no_account))
    salts = pl.Series(by_account, dtype=pl.UInt64).gather(numbers)
    return _mixed(_hash_ids(event_ids) ^ salts)


def _hash_ids(ids: pa.Array) -> pl.Series:
    """UUIDs are hashed as nine words each, all at once; other ids one by one."""
    lengths = pl.Series(pc.binary_length(ids))
    if (lengths != _UUID_LENGTH).any():
        is_uuid = lengths == _UUID_LENGTH
        texts = pl.Series(ids)
        uuids, others = texts.filter(is_uuid), texts.filter(~is_uuid)
        hashed = pl.Series([_digest(text) for text in others], dtype=pl.UInt64)
        order = pl.concat([is_uuid.arg_true(), (~is_uuid).arg_true()])
        both = pl.concat([_hash_ids(uuids.to_arrow().cast(pa.string())), hashed])
        return both.gather(order.arg_sort())
    if not len(ids):
        return pl.Series([], dtype=pl.UInt64)
    plain = pa.concat_arrays([ids.cast(pa.string())])
    offsets, data = plain.buffers()[1:]
    first = int.from_bytes(offsets[plain.offset * 4 : plain.offset * 4 + 4].to_pybytes(), "little")
    words = pl.Series(
        pa.Array.from_buffers(
            pa.uint32(), len(ids) * _WORDS, [None, data.slice(first, len(ids) * _UUID_LENGTH)]
        )
    ).cast(pl.UInt64)
    total = pl.Series([0], dtype=pl.UInt64).extend_constant(0, len(ids) - 1)
    for position, factor in enumerate(_FACTORS):
        total += words.gather_every(_WORDS, position) * pl.Series([factor], dtype=pl.UInt64)
    return _mixed(total)


def _mixed(values: pl.Series) -> pl.Series:
    """Spread the bits (murmur's finaliser), so that near values lie far apart."""
    high = pl.Series([1 << 33], dtype=pl.UInt64)
    values = values ^ (values // high)
    values = values * pl.Series([_MIX], dtype=pl.UInt64)
    return values ^ (values // high)


def _digest(text: str | None) -> int:
    if text is None:
        return 0
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
