"""Names from a directory, put over the models' `actor_display` for the life of a connection."""

from __future__ import annotations

import duckdb
import pyarrow as pa

_NAMED = ("chains", "sessions", "attributed_events", "credential_changes", "credential_uses")
"""The relations with an actor."""


def name_people(connection: duckdb.DuckDBPyConnection, people: pa.Table) -> None:
    """Show actors by the names of `people` (columns id and display).

    An id is an actor's ARN or, for actors who are people or workloads, its name. `actor_name`
    stays what the log says; nobody who is unresolved, and no account or service, gets a name.
    """
    connection.register("people", people)
    for relation in _NAMED:
        connection.execute(f"alter view {relation} rename to unnamed_{relation}")
        connection.execute(
            f"create or replace view {relation} as"
            " select u.* replace (coalesce(a.display, n.display, u.actor_display)"
            " as actor_display)"
            f" from unnamed_{relation} as u"
            " left join people as a on u.actor_arn = a.id"
            " left join people as n on u.actor_name = n.id"
            " and u.actor_kind not in ('unresolved', 'external-account', 'aws-service')"
        )
