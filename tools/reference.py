"""Writes the pages of docs/ that can be derived: docs/columns.md and docs/queries.md.

They come from `pipeline.schema` and from the headers of `queries/`. Run by `make docs`; a test
holds the pages against what they are derived from.
"""

from __future__ import annotations

from pathlib import Path

from pipeline import schema, sql
from pipeline.model_columns import MODELS, Model

DOCS = Path(__file__).resolve().parents[1] / "docs"

TYPES: dict[schema.Kind, str] = {
    "text": "text",
    "json": "JSON text",
    "boolean": "boolean",
    "timestamp": "timestamp, UTC",
    "date": "date, UTC",
    "integer": "integer",
}

TABLES = (
    ("events", "One row per CloudTrail event, once.", schema.EVENTS),
    ("files", "One row per source object that was ingested.", schema.FILES),
    ("rejects", "One row per record or file that could not be stored.", schema.REJECTS),
    (
        "first_seen",
        "One row per fact that was ever seen for the first time, and one more each time that it is "
        "shown again after a night took it back.",
        schema.FIRST_SEEN,
    ),
    ("nights", "One row per night that `rolecall nightly` reported.", schema.NIGHTS),
)

FOLDERS = {
    "hunts": "Questions of an incident, asked by `rolecall query NAME`; with what each cannot see.",
    "reports": "What commands answer with. Those that explain their parameters can be asked by\n"
    "`rolecall query NAME` too.",
    "staging": "Relations close to the records.",
    "models": "Relations that say who acted: built after each ingest, open to `rolecall sql`.",
    "increments": "What a night of new events can change, so that only that is built again.",
    "checks": "Invariants: each returns the rows that break one, so nothing is good.",
}


def columns_page() -> str:
    """docs/columns.md: every column of the record tables and of the models that people ask."""
    return "\n".join(
        [
            "# Columns\n",
            "Every column of the lake's record tables, of what builds and nights remember, and of\n"
            "the models that are asked most; `queries/` has the others.\n"
            "Any may be null. JSON text is exactly as CloudTrail wrote it. `rolecall schema`\n"
            "prints the same. Written by `make docs` from `pipeline/schema.py` and\n"
            "`pipeline/model_columns.py`: change it there.\n",
            *(_table(*table) for table in TABLES),
            *map(_model, MODELS),
        ]
    )


def queries_page() -> str:
    """docs/queries.md: every statement of `queries/`, from its header."""
    queries = sql.catalogue().values()
    sections = (
        f"## {folder}\n\n{sentence}\n\n" + "\n".join(map(_query, members))
        for folder, sentence in FOLDERS.items()
        if (members := [query for query in queries if query.name.startswith(f"{folder}/")])
    )
    return "\n".join(
        [
            "# Queries\n",
            "Every SQL statement of rolecall is a file of `queries/`, shipped with it. Written by\n"
            "`make docs` from the headers of the files: change it there.\n",
            *sections,
        ]
    )


PAGES = {"columns.md": columns_page, "queries.md": queries_page}
"""The derived pages, by file name in docs/."""


def _table(name: str, sentence: str, columns: tuple[schema.Column, ...]) -> str:
    rows = "\n".join(
        f"| `{column.name}` | {TYPES[column.kind]} | {_code(column.raw)} | {column.sentence} |"
        for column in columns
    )
    head = "| column | type | CloudTrail field | meaning |\n|---|---|---|---|"
    return f"## {name}\n\n{sentence}\n\n{head}\n{rows}\n"


def _model(model: Model) -> str:
    """A model: its columns have no field of CloudTrail's."""
    query = sql.find(f"models/{model.name}")
    more = f" All columns of `{model.extends}`, and:" if model.extends else ""
    rows = "\n".join(
        f"| `{column.name}` | {TYPES[column.kind]} | {column.sentence} |"
        for column in model.columns
    )
    head = "| column | type | meaning |\n|---|---|---|"
    return f"## {model.name}\n\n{query.grain.capitalize()}.{more}\n\n{head}\n{rows}\n"


def _query(query: sql.Query) -> str:
    lines = [f"### {query.name}\n", f"{query.sentence}\n", f"- {query.grain}"]
    if query.reads:
        lines.append(f"- reads {', '.join(map(_code, query.reads))}")
    lines += [_parameter(parameter) for parameter in query.declared]
    explained = {parameter.name for parameter in query.declared}
    others = [name for name in query.parameters if name not in explained]
    if others:
        lines.append(f"- parameters {', '.join(map(_code, others))}")
    if query.severity:
        lines.append(f"- severity {query.severity}, technique {query.technique}")
    if query.blind_spots:
        lines.append(f"- blind spots: {query.blind_spots}")
    return "\n".join(lines) + "\n"


def _parameter(parameter: sql.Parameter) -> str:
    more = ", required" if parameter.is_required else ""
    more += f", {parameter.default} if not given" if parameter.default else ""
    return f"- parameter {_code(parameter.name)} ({parameter.kind}{more}): {parameter.sentence}"


def _code(word: str) -> str:
    return f"`{word}`" if word else "–"


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
        print(f"wrote docs/{name}")
