"""What a report says where nothing matches: what was asked is not there, and what the lake has.

No match is an answer and no error: exit code 0, an empty table, and this note. An id that is not
found (`trace`, `show`, `schema`) is a `RolecallError`: exit code 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from pipeline.arn import role_label
from pipeline.warehouse import Warehouse

LISTED = 8
"""Names of one kind that the note lists."""


def no_match_note(warehouse: Warehouse, asked: str, named: Mapping[str, str | None]) -> str:
    """`no events match role Foo; the lake has accounts …, from … until …; roles alike: …`.

    asked -- the filters in words, as in the title. named -- what was asked for, by kind (`role`,
    `actor`, `service`): names that look alike are told, or the most frequent where none do.
    """
    rows = warehouse.query("reports/there_is").rows(named=True)
    accounts = sorted(row["name"] for row in rows if row["kind"] == "account")
    if not accounts:
        return "no events match: the lake is empty; `rolecall ingest SOURCE` fills it"
    first = min(row["first_time"] for row in rows)
    last = max(row["last_time"] for row in rows)
    parts = [
        f"no events match{asked}",
        f"the lake has account{'' if len(accounts) == 1 else 's'} {_listed(accounts)}, "
        f"from {first:%Y-%m-%d %H:%M:%S} until {last:%Y-%m-%d %H:%M:%S} UTC",
    ]
    for kind, wanted in named.items():
        if wanted is None:
            continue
        short = role_label if kind == "role" else str
        names = dict.fromkeys(short(row["name"]) for row in rows if row["kind"] == kind)
        parts.append(_alike(kind, wanted, list(names)))
    return "; ".join(parts)


def _alike(kind: str, wanted: str, names: Sequence[str]) -> str:
    """The names of a kind that look like the wanted one; else the most frequent."""
    core = wanted.rpartition("/")[2].strip("*?").casefold()
    by_folded = {name.casefold(): name for name in names}
    found = [name for folded, name in by_folded.items() if core and core in folded]
    found += [by_folded[name] for name in difflib.get_close_matches(core, by_folded, n=LISTED)]
    if found:
        return f"{kind}s that look alike: {_listed(list(dict.fromkeys(found)))}"
    return f"no {kind} looks alike; {kind}s: {_listed(names) or 'none'}"


def _listed(names: Sequence[str]) -> str:
    more = f", +{len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
