"""The catalogue as a report, and the answer to one of its questions as a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

import polars as pl
from polars.exceptions import PolarsError

from pipeline import sql
from pipeline.errors import QueryError, UsageError
from pipeline.report import Column, Report, Severity, Table
from pipeline.reports.empty import no_match_note
from pipeline.reports.query.catalogue import Catalogue
from pipeline.reports.query.dressing import answer_table
from pipeline.warehouse import Warehouse

CATALOGUE = (
    Column("group", "", place="group", data=False),
    Column("name", "name"),
    Column("sentence", "answers"),
    Column("severity", "severity", "severity"),
    Column("shown_parameters", "asks for", "list", place="detail", data=False),
    Column("technique", "ATT&CK", place="none"),
    Column("grain", "grain", place="none"),
    Column("blind_spots", "blind spots", place="none"),
    Column("parameters", "parameters", "json", place="none"),
    Column("origin", "from", place="none"),
)
ACCOUNTS_LISTED = 8
"""Accounts that the note of an empty answer names."""
_GROUPS = ("Incident questions", "Reports", "Your own queries")


def parameters_of(query: sql.Query) -> tuple[sql.Parameter, ...]:
    """What a query can be given; what its header does not explain is a required text."""
    explained = {parameter.name for parameter in query.declared}
    others = [name for name in query.parameters if name not in explained]
    return (*query.declared, *(sql.Parameter(name, "text", True, None, "") for name in others))


def catalogue_report(catalogue: Catalogue) -> Report:
    """Every question with its sentence, what it must be given, severity and grain.

    Each broken file of the user's is a note.
    """
    rows = [
        _listed(name, query, name in catalogue.own) for name, query in catalogue.questions.items()
    ]
    rows.sort(key=lambda row: (_GROUPS.index(str(row["group"])), str(row["name"])))
    schema = {c.name: pl.String() for c in CATALOGUE} | {
        "shown_parameters": pl.List(pl.String()),
        "parameters": pl.List(
            pl.Struct(
                dict.fromkeys(("name", "kind", "default", "sentence"), pl.String())
                | {"is_required": pl.Boolean()}
            )
        ),
    }
    frame = pl.DataFrame(rows, schema=schema)
    return Report(
        name="queries",
        title="Questions ready to be asked: rolecall query NAME -p PARAMETER=VALUE",
        tables=(Table("queries", "", CATALOGUE, frame),),
        notes=tuple(f"not in the catalogue: {error}" for error in catalogue.broken),
    )


def query_report(
    warehouse: Warehouse,
    query: sql.Query,
    values: Mapping[str, object] | None = None,
    *,
    limit: int | None = None,
) -> Report:
    """The answer to a question, with what it cannot see as a note.

    values -- name → text, list of texts, aware datetime or int, as the parameter takes.
    limit -- at most so many rows are shown; findings counts them all.
    Raises UsageError, with the valid ones, for a parameter that is unknown, missing or of another
    kind; QueryError, with file and line, where the statement fails.
    """
    given = check_values(query, {k: v for k, v in (values or {}).items() if v is not None})
    try:
        frame = warehouse.ask(query.text, str(query.path), given)
    except PolarsError as error:
        raise QueryError(
            f"a column of the result has a type that cannot be shown ({error}); "
            "cast it, for example: (last_seen - first_seen)::varchar",
            location=str(query.path),
        ) from error
    severity = cast("Severity", query.severity)
    is_finding = query.severity not in ("", "info")
    return Report(
        name="query",
        title=f"{query.sentence.rstrip('.')}{_asked(given)}",
        tables=(answer_table(frame, limit),),
        notes=tuple(_notes(warehouse, query, given, is_empty=frame.is_empty())),
        parameters={
            "query": query.name,
            **dict.fromkeys(query.parameters),
            **given,
            "limit": limit,
        },
        findings=frame.height if is_finding else 0,
        severities={severity: frame.height} if query.severity else {},
    )


def _notes(
    warehouse: Warehouse, query: sql.Query, given: Mapping[str, object], *, is_empty: bool
) -> Iterator[str]:
    """What the lake has where nothing was found, and what the query cannot see."""
    roles = given.get("role")
    if is_empty and roles:
        role = str(roles[0] if isinstance(roles, list) else roles)
        yield no_match_note(warehouse, _asked(given), {"role": role})
    elif is_empty:
        yield _looked_through(warehouse)
    if query.blind_spots:
        yield f"blind spots of {query.relation}: {query.blind_spots}"


def _looked_through(warehouse: Warehouse) -> str:
    """What the lake has, so that nothing found can be told from nothing there."""
    rows = list(warehouse.query("reports/coverage").iter_rows(named=True))
    if not rows:
        return "the lake is empty; `rolecall ingest SOURCE` fills it"
    accounts = sorted({row["account"] for row in rows if row["account"]})
    first = min(row["first_time"] for row in rows)
    last = max(row["last_time"] for row in rows)
    return (
        f"looked through {sum(row['events'] for row in rows):,} events of account"
        f"{'' if len(accounts) == 1 else 's'} {', '.join(accounts[:ACCOUNTS_LISTED])}"
        f"{f', +{len(accounts) - ACCOUNTS_LISTED} more' * (len(accounts) > ACCOUNTS_LISTED)}, "
        f"from {first:%Y-%m-%d %H:%M:%S} until {last:%Y-%m-%d %H:%M:%S} UTC"
    )


def _listed(name: str, query: sql.Query, is_own: bool) -> dict[str, object]:
    group = _GROUPS[2] if is_own else _GROUPS[not query.name.startswith("hunts/")]
    parameters = parameters_of(query)
    return {
        "group": group,
        "name": name,
        "sentence": query.sentence,
        "severity": query.severity or None,
        "shown_parameters": [
            parameter.name + ("" if parameter.is_required else "?") for parameter in parameters
        ],
        "technique": query.technique or None,
        "grain": query.grain,
        "blind_spots": query.blind_spots or None,
        "parameters": [
            {
                "name": parameter.name,
                "kind": parameter.kind,
                "is_required": parameter.is_required,
                "default": parameter.default,
                "sentence": parameter.sentence or None,
            }
            for parameter in parameters
        ],
        "origin": str(query.path) if is_own else f"queries/{query.name}.sql",
    }


def check_values(query: sql.Query, given: Mapping[str, object]) -> dict[str, object]:
    """The values with defaults filled in; see `query_report` for what is raised.

    No lake is needed, so that a wrong command line is told first.
    """
    parameters = {parameter.name: parameter for parameter in parameters_of(query)}
    for name in given:
        if name not in parameters:
            raise UsageError(f"{query.relation} has no parameter {name!r}; {takes(query)}")
    missing = [p.name for p in parameters.values() if p.is_required and p.name not in given]
    if missing:
        raise UsageError(f"{query.relation} needs {', '.join(missing)}; {takes(query)}")
    filled = dict(given) | {
        name: int(parameter.default) if parameter.kind == "integer" else parameter.default
        for name, parameter in parameters.items()
        if parameter.default is not None and name not in given
    }
    for name, value in filled.items():
        if not _fits(value, parameters[name].kind):
            raise UsageError(f"{name} takes a {parameters[name].kind}; {takes(query)}")
    since, until = filled.get("since"), filled.get("until")
    if isinstance(since, datetime) and isinstance(until, datetime) and since >= until:
        raise UsageError("since is not before until; the window ends just before until")
    return filled


def takes(query: sql.Query) -> str:
    """What a query takes, for a message: `it takes: key (list, required): access keys; …`."""
    parts = []
    for parameter in parameters_of(query):
        more = ", required" if parameter.is_required else ""
        more += f", {parameter.default} if not given" if parameter.default else ""
        sentence = f": {parameter.sentence.rstrip('.')}" if parameter.sentence else ""
        parts.append(f"{parameter.name} ({parameter.kind}{more}){sentence}")
    return f"it takes: {'; '.join(parts)}" if parts else "it takes no parameters"


def _fits(value: object, kind: sql.ParameterKind) -> bool:
    if kind == "list":
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    expected = {"text": str, "account": str, "time": datetime, "integer": int}[kind]
    return isinstance(value, expected)


def _asked(given: Mapping[str, object]) -> str:
    return "".join(f" · {name} {_said(value)}" for name, value in given.items())


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return (
        ", ".join(cast("Sequence[str]", value)) if isinstance(value, list | tuple) else str(value)
    )
