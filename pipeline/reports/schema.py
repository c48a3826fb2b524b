"""`schema`: every table and column, with its meaning."""

from __future__ import annotations

import difflib

import polars as pl

from pipeline import sql
from pipeline.errors import RolecallError
from pipeline.report import Column, Report, Table
from pipeline.schema import EVENTS, FILES, FIRST_SEEN, NIGHTS, REJECTS
from pipeline.schema import Column as LakeColumn

RECORD_TABLES: dict[str, tuple[LakeColumn, ...]] = {
    "events": EVENTS,
    "files": FILES,
    "rejects": REJECTS,
    "first_seen": FIRST_SEEN,
    "nights": NIGHTS,
}
"""The tables that ingest, builds and nights write, and their columns."""

ATTRIBUTION: tuple[LakeColumn, ...] = (
    LakeColumn("session_id", "", "text", "The session; null for events made with no session."),
    LakeColumn(
        "actor_kind",
        "",
        "text",
        "iam-user, root, identity-center-user, saml-user, web-identity, workload, aws-service, "
        "external-account or unresolved.",
    ),
    LakeColumn("actor_account", "", "text", "Account of the actor."),
    LakeColumn(
        "actor_name",
        "",
        "text",
        "User name, root, Identity Center user id, SAML or OIDC subject, instance id, function "
        "name, x.amazonaws.com or account id; null when unresolved.",
    ),
    LakeColumn("actor_arn", "", "text", "ARN of the actor where there is one."),
    LakeColumn("actor_display", "", "text", "What a person would like to read."),
    LakeColumn("chain", "", "text", "List of role ARNs put on, first assumed first."),
    LakeColumn("hops", "", "integer", "Length of the chain."),
    LakeColumn(
        "evidence", "", "text", "direct, proven, matched, ambiguous, claimed or none: how sure."
    ),
    LakeColumn("evidence_events", "", "text", "List of the event ids that prove the links."),
    LakeColumn("claimed_actor", "", "text", "A name that the caller chose; never proof."),
    LakeColumn("claim_source", "", "text", "Where the claim is: session-name, source-identity …"),
    LakeColumn(
        "long_term_credential",
        "",
        "boolean",
        "True when the chain begins at a long-term key or a password.",
    ),
)
"""What the view `attributed_events` adds to `events` (design section 3)."""

COLUMNS = (
    Column("column", "column"),
    Column("type", "type"),
    Column("raw", "in the record"),
    Column("sentence", "meaning"),
)
RELATIONS = (
    Column("table", "table"),
    Column("grain", "one row is"),
    Column("sentence", "meaning"),
)


def schema_report(table: str | None = None) -> Report:
    """Every table with its columns, or the one called `table`.

    Raises RolecallError for a name that is no table, naming the tables.
    """
    listed = {name: _columns(name, columns) for name, columns in RECORD_TABLES.items()}
    listed["attributed_events"] = _columns(
        "attributed_events", ATTRIBUTION, heading="attributed_events: all of events, and"
    )
    if table is None:
        return Report("schema", "Tables and columns", (*listed.values(), _models()))
    if table not in listed:
        close = difflib.get_close_matches(table, listed, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise RolecallError(f"no table {table!r}; tables: {', '.join(listed)}{hint}")
    return Report("schema", "", (listed[table],), parameters={"table": table})


def _columns(name: str, columns: tuple[LakeColumn, ...], heading: str = "") -> Table:
    frame = pl.DataFrame(
        {
            "column": [column.name for column in columns],
            "type": [column.kind for column in columns],
            "raw": [column.raw or None for column in columns],
            "sentence": [column.sentence for column in columns],
        },
        schema={name: pl.String() for name in ("column", "type", "raw", "sentence")},
    )
    return Table(name, heading or name, COLUMNS, frame)


def _models() -> Table:
    models = sql.models()
    frame = pl.DataFrame(
        {
            "table": [query.relation for query in models],
            "grain": [query.grain.removeprefix("one row per ") for query in models],
            "sentence": [query.sentence for query in models],
        }
    )
    return Table("models", "models: built from the tables after each ingest", RELATIONS, frame)
