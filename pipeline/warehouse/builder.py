"""Builds the attribution models from events, touching only what new events can change.

A build from nothing and the build of one night are the same steps: what is stored is empty
or not. Relations are named `fresh_…` (from the new events), `stored_…` (from the snapshot),
`new_…` (built now), and bare (what the models read: stored, less what changed, and new).
design.md section 3; which sessions may change: queries/increments/dirty_bases.sql.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import pyarrow as pa

from pipeline import sql
from pipeline.schema import EVENTS_SCHEMA, FIRST_SEEN_SCHEMA, NIGHTS_SCHEMA
from pipeline.warehouse import engine, learning
from pipeline.warehouse.stored import (
    DAYS,
    FIRST_SEEN,
    NO_DATE,
    PARTITIONS,
    PARTS,
    SAME_BASE,
    STALE,
    BuiltTable,
    nothing,
)

STREAM_ROWS = 50_000
"""Rows of a built table that are in memory together while it is written."""


class ModelBuilder:
    """One build. Use as a context manager, call `build` once, then read `tables`.

    Raises LakeError where DuckDB runs out of room.
    """

    def __init__(self) -> None:
        self._connection = engine.connect()
        self._queries = {query.relation: query for query in sql.models()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        refusal = engine.no_room(error)
        if refusal is not None:
            raise refusal from error

    def build(
        self,
        events: Sequence[str] | pa.Table,
        stored: Mapping[str, Sequence[str] | pa.Table] | None = None,
        *,
        day_events: Sequence[str] | pa.Table | None = None,
        nights: Sequence[str] | pa.Table = (),
        built_at: datetime | None = None,
    ) -> None:
        """Build the models.

        events -- the new events: Parquet files, or an Arrow table.
        stored -- the tables of the last build by name; nothing where there was none. A build from
            nothing may still be given FIRST_SEEN: what was known stays known.
        day_events -- all events of the days of the new ones; the new ones where not given.
        nights -- the nights that were closed: the table of that name.
        built_at -- the moment of the build (UTC), when what is new counts as learned.
        """
        before = stored or {}
        self._open("events", events, EVENTS_SCHEMA.empty_table())
        self._open(
            "day_events", events if day_events is None else day_events, EVENTS_SCHEMA.empty_table()
        )
        self._open(
            f"stored_{FIRST_SEEN}", before.get(FIRST_SEEN, ()), FIRST_SEEN_SCHEMA.empty_table()
        )
        self._open("closed_nights", nights, NIGHTS_SCHEMA.empty_table())
        engine.define(self._connection, self._queries["identified_events"])
        self._stage(before)
        self._issue()
        self._link()
        self._explain_copies()
        learning.learn(
            self._connection,
            built_at=built_at,
            is_full=not before.keys() - {FIRST_SEEN},
            kept_sessions=self._kept("sessions"),
            kept_links=self._kept("session_links"),
            kept_calls=self._kept("issued_credentials"),
        )

    def first_seen(self) -> pa.Table:
        """All that was ever seen for the first time, to take the place of the stored table."""
        return learning.first_seen(self._connection)

    def tables(self) -> Iterator[BuiltTable]:
        """What must be written for the next reader and the next build, once and in this order:
        what was handed over is forgotten.
        """
        for part in PARTS:
            yield BuiltTable(part, None, (), self._stream(f"from fresh_{part}"))
            self._connection.execute(f"drop table fresh_{part}")
        for relation, partition in PARTITIONS.items():
            yield self._built(relation, partition)
            self._connection.execute(f"drop table new_{relation}")

    def count(self, relation: str) -> int:
        """Number of rows of a relation of this build."""
        return int(self._rows(f"select count(*) as n from {relation}")["n"][0].as_py())

    def _stage(self, stored: Mapping[str, Sequence[str] | pa.Table]) -> None:
        for part in PARTS:
            engine.define(self._connection, self._queries[part], f"fresh_{part}")
            self._open(f"stored_{part}", stored.get(part, ()), f"fresh_{part}")
            self._view(part, f"from fresh_{part} union all by name from stored_{part}")
        for relation in PARTITIONS:
            rows = stored.get(relation, ())
            self._open(f"stored_{relation}", rows if len(rows) else nothing()[relation])
        self._view(
            "stored_link_candidates",
            "from stored_exact_candidates union all by name from stored_loose_candidates",
        )

    def _issue(self) -> None:
        engine.define(self._connection, self._queries["users"])
        self._increment("changed_users")
        self._increment("touched_calls")
        self._increment("horizon")
        day = self._days("select coalesce(day, date '1970-01-01') as day from horizon")[0]
        self._view(
            "issuing_events",
            "from (from fresh_issuing_events union all by name from stored_issuing_events)"
            " where call_id in (from touched_calls)",
        )
        self._model("issued_credentials")
        self._view("recent_calls", f"from issued_credentials where issue_date >= date '{day}'")
        self._view("older_calls", f"from issued_credentials where issue_date < date '{day}'")
        self._increment("known_calls")
        recent = f"session_date >= date '{day}' or session_date = date '{NO_DATE}'"
        self._view("recent_session_keys", f"from stored_session_keys where {recent}")
        self._view(
            "recent_link_candidates",
            f"from stored_link_candidates where {recent}"
            " union all by name (select s.* from stored_link_candidates as s"
            f" where not ({recent}) and s.issue_id in"
            f" (select c.issue_id from known_calls as c where c.issued_at::date < date '{day}'))",
        )

    def _link(self) -> None:
        self._increment("dirty_bases")
        dirty = (
            f"s semi join dirty_bases as d on {SAME_BASE} where s.session_date in"
            f" ({_listed(self._days('select distinct session_date as day from dirty_bases'))})"
        )
        self._view(
            "session_key_parts",
            "select s.* from (from fresh_session_key_parts"
            f" union all by name from stored_session_key_parts) as {dirty}",
        )
        self._table(
            "dirty_sessions", f"select distinct s.session_id from stored_session_ids as {dirty}"
        )
        # Bare `session_keys` are the dirty ones alone: what the models below build.
        self._build_new("session_keys")
        self._view("session_keys", "from new_session_keys")
        self._view("issued_credentials", "from known_calls")
        self._model("exact_candidates")
        self._model("loose_candidates")
        self._narrow()
        self._build_new("session_ids")
        self._table(
            "session_ids",
            f"from new_session_ids union all by name ({self._kept('session_ids')} where"
            f" s.session_date in ({_listed(self._caller_days('linking_calls'))})"
            " and (s.principal_id in (select c.caller_principal_id from linking_calls as c)"
            " or s.user_arn in (select c.caller_arn from linking_calls as c)))",
        )
        self._build_new("session_links")
        self._view("session_links", "from new_session_links")
        self._build_new("session_facts")
        self._view("session_facts", "from new_session_facts")
        self._build_new("session_origins")
        self._settle()
        self._build_new("chains")
        self._view("chains", "from new_chains")
        self._build_new("sessions")

    def _narrow(self) -> None:
        """From here on, of all calls and candidates only those count that may concern a session
        being built: the calls that it could have come from, and the candidates of their callers.
        """
        issues = "from new_exact_candidates union all by name from new_loose_candidates"
        direct = f"known_calls where issue_id in (select issue_id from ({issues}))"
        callers = _listed(self._caller_days(direct))
        self._view(
            "caller_candidates", f"from stored_link_candidates where session_date in ({callers})"
        )
        self._increment("linking_calls")
        callers = _listed(self._caller_days("linking_calls"))
        days = self._days("select distinct issued_at::date as day from linking_calls")
        self._table(
            "issued_calls",
            f"from (from new_issued_credentials union all by name"
            f" ({self._kept('issued_credentials')} where s.issue_date in ({_listed(days)})))"
            " where issue_id in (select c.issue_id from linking_calls as c)",
        )
        self._view("issued_credentials", "from issued_calls")
        self._table(
            "link_candidates",
            "from new_exact_candidates union all by name from new_loose_candidates"
            " union all by name"
            " (select s.* from stored_link_candidates as s"
            " semi join linking_calls as c on c.caller_principal_id = s.principal_id"
            "   and c.caller_creation_date is not distinct from s.creation_date"
            f" anti join {STALE['session_ids']} where s.session_date in ({callers}))",
        )

    def _settle(self) -> None:
        """Chains and origins that stay as they are, above sessions being built."""
        days = self._days(
            "select distinct s.session_date as day from session_ids as s"
            " semi join new_session_links as l on l.parent_session_id = s.session_id"
        )
        self._table(
            "settled_chains",
            "select s.* from stored_chains as s"
            " semi join new_session_links as l on l.parent_session_id = s.session_id"
            " anti join dirty_sessions as d on d.session_id = s.session_id"
            f" where s.session_date in ({_listed(days)})",
        )
        self._view(
            "session_origins",
            "from new_session_origins union all by name (select s.* from stored_session_origins"
            " as s semi join settled_chains as c on c.actor_session_id = s.session_id)",
        )

    def _explain_copies(self) -> None:
        self._increment("touched_shares")
        self._view(
            "shared_records",
            "select s.* from (from fresh_shared_records"
            " union all by name from stored_shared_records) as s"
            " where (s.user_type = 'AWSAccount' and exists (from touched_shares as t"
            "   where t.event_id = s.event_id"
            "   and t.recipient_account_id is not distinct from s.recipient_account_id))"
            " or (s.user_type <> 'AWSAccount'"
            "   and s.shared_event_id in (select t.shared_event_id from touched_shares as t))",
        )
        self._build_new("event_callers")

    def _build_new(self, relation: str) -> None:
        engine.define(self._connection, self._queries[relation], f"new_{relation}")

    def _model(self, relation: str) -> None:
        """Build a model's new rows; its bare name then means stored, less stale, and new."""
        self._build_new(relation)
        self._view(relation, self._whole(relation))

    def _caller_days(self, calls: str) -> tuple[str, ...]:
        """Days on which the sessions of some calls' callers began, or may have."""
        return self._days(
            f"select distinct unnest([caller_creation_date::date, date '{NO_DATE}',"
            f" issued_at::date, issued_at::date - 1]) as day from {calls}"
        )

    def _days(self, text: str) -> tuple[str, ...]:
        """ISO days, sorted."""
        days = self._rows(text)["day"].to_pylist()
        return tuple(sorted(str(day) for day in days if day is not None))

    def _whole(self, relation: str) -> str:
        return f"from new_{relation} union all by name ({self._kept(relation)})"

    def _kept(self, relation: str) -> str:
        return f"select s.* from stored_{relation} as s anti join {STALE[relation]}"

    def _built(self, relation: str, partition: str) -> BuiltTable:
        days = self._days(f"select distinct {partition} as day from {DAYS[relation]}")
        rows = self._stream(
            f"from new_{relation} union all by name"
            f" ({self._kept(relation)} where s.{partition} in ({_listed(days)}))"
        )
        return BuiltTable(relation, partition, days, rows)

    def _increment(self, name: str) -> None:
        engine.define(self._connection, sql.find(f"increments/{name}"))

    def _open(
        self, relation: str, source: Sequence[str] | pa.Table, like: str | pa.Table = ""
    ) -> None:
        if isinstance(source, pa.Table):
            engine.register(self._connection, relation, source)
        elif source:
            engine.view_files(self._connection, relation, source)
        elif isinstance(like, pa.Table):
            engine.register(self._connection, relation, like)
        else:
            self._connection.execute(f"create table {relation} as from {like} limit 0")

    def _table(self, relation: str, text: str) -> None:
        self._connection.execute(f"create table {relation} as {text}")

    def _view(self, relation: str, text: str) -> None:
        self._connection.execute(f"create or replace view {relation} as {text}")

    def _stream(self, text: str) -> pa.RecordBatchReader:
        return self._connection.sql(text).to_arrow_reader(STREAM_ROWS)

    def _rows(self, text: str) -> pa.Table:
        return self._connection.sql(text).to_arrow_table()


def _listed(days: Sequence[str]) -> str:
    """Days written out, so that the files of other days are not even opened."""
    return ", ".join(f"date '{day}'" for day in days) or "null"
