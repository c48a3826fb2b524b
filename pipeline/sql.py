"""Finds and parses `queries/`: every SQL statement of the project, one a file.

A file is a header of comments and ONE select. The header is a sentence, then what one row
is, then the relations that the statement reads:

    -- Sessions that put on a role, one after another.
    -- grain: one row per session
    -- reads: events, issued_credentials
    select …

`-- reads: none` reads nothing. `-- kind: view` makes a model a view (a table otherwise).
Further comments may follow. Parameters are written `$name`; a statement that people run says
what each of them means, and a hunt what it finds:

    -- $key list, required: access keys.
    -- $least integer = 3: at least so many.
    -- severity: high
    -- technique: T1078.004
    -- blind spots: what it cannot see.

design.md section 1.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Literal, cast

from pipeline.errors import QueryError

Kind = Literal["table", "view"]

ParameterKind = Literal["text", "list", "time", "integer", "account"]
"""What a parameter takes: a text; several texts; a moment in UTC; a whole number; the twelve digits
of an account."""

MODEL_FOLDERS = ("staging", "models")
"""The folders of `queries/` whose statements define a relation."""

_HERE = Path(__file__).resolve().parent
_KEY = re.compile(
    r"(grain|reads|kind|severity|technique|blind spots|\$\w+ \w+(?:, \w+| = \S+)?):\s*(.*)"
)
_DECLARED = re.compile(
    r"\$(?P<name>\w+) (?P<kind>text|list|time|integer|account)"
    r"(?:(?P<required>, required)| = (?P<default>\S+))?"
)
_RELATION = re.compile(r"[a-z_][a-z0-9_]*")
_PARAMETER = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | \$([A-Za-z_]\w*)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What the header says of a `$name`.

    default -- as written in the header; None where there is none.
    sentence -- what it means, for people.
    """

    name: str
    kind: ParameterKind
    is_required: bool
    default: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Query:
    """One statement of `queries/`.

    name -- path below `queries/` without `.sql`: `models/sessions`, `reports/who`.
    sentence -- what it says, for people; the first comment lines.
    grain -- what one row is.
    reads -- relations it reads, bare names; empty when it reads none.
    parameters -- `$name`s in the statement (not in strings or comments), sorted.
    text -- the whole file.
    path -- the file.
    kind -- what a model becomes in the warehouse: a table or a view.
    declared -- the parameters that the header explains, in its order.
    severity -- how urgent what a hunt finds is; "" where the header does not say.
    technique -- MITRE ATT&CK id, where one fits.
    blind_spots -- what a hunt cannot see.
    """

    name: str
    sentence: str
    grain: str
    reads: tuple[str, ...]
    parameters: tuple[str, ...]
    text: str
    path: Path
    kind: Kind = "table"
    declared: tuple[Parameter, ...] = ()
    severity: str = ""
    technique: str = ""
    blind_spots: str = ""

    @property
    def relation(self) -> str:
        """Name of the relation that a model defines: the last part of its name."""
        return self.name.rpartition("/")[2]


def folder() -> Path:
    """Where the queries are: inside the installed package, else in the checkout."""
    packaged = _HERE / "_queries"
    return packaged if packaged.is_dir() else _HERE.parent / "queries"


def catalogue(root: Path | None = None) -> dict[str, Query]:
    """Every query below `root` (the project's own by default), by name, sorted.

    Raises QueryError, with file and line, where a header is missing or wrong.
    """
    return dict(_own()) if root is None else _below(root)


@cache
def _own() -> Mapping[str, Query]:
    return _below(folder())


def _below(root: Path) -> dict[str, Query]:
    if not root.is_dir():
        raise QueryError("The folder of SQL queries is missing; reinstall.", location=str(root))
    paths = sorted(root.rglob("*.sql"))
    names = [path.relative_to(root).with_suffix("").as_posix() for path in paths]
    return {name: parse(name, path) for name, path in zip(names, paths, strict=True)}


def find(name: str, root: Path | None = None) -> Query:
    """The query of that name; QueryError lists the valid names, the closest first."""
    queries = catalogue(root)
    if name in queries:
        return queries[name]
    by_last_part = {query.relation: known for known, query in queries.items()}
    close = difflib.get_close_matches(name, [*queries, *by_last_part], n=3, cutoff=0.5)
    first = dict.fromkeys(by_last_part.get(match, match) for match in close)
    ordered = ", ".join(dict.fromkeys([*first, *queries])) or "none"
    raise QueryError(f"There is no query {name!r}. The queries are: {ordered}.")


def models(root: Path | None = None) -> list[Query]:
    """The queries that define a relation, each after those that it reads.

    Raises QueryError when two define the same relation or when they read in a circle.
    """
    by_relation: dict[str, Query] = {}
    for query in catalogue(root).values():
        if query.name.partition("/")[0] not in MODEL_FOLDERS:
            continue
        other = by_relation.setdefault(query.relation, query)
        if other is not query:
            raise QueryError(
                f"{other.name} and {query.name} both define {query.relation}; rename one.",
                location=str(query.path),
            )
    graph = {
        relation: sorted(by_relation.keys() & set(query.reads))
        for relation, query in by_relation.items()
    }
    try:
        return [by_relation[relation] for relation in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        circle = cast("list[str]", error.args[1])
        raise QueryError(
            f"Models read each other in a circle: {' ← '.join(circle)}.",
            location=str(by_relation[circle[0]].path),
        ) from error


def parse(name: str, path: Path) -> Query:
    """Read one file of SQL; QueryError names the file and the line that is wrong."""
    text = path.read_text(encoding="utf-8")
    header = _header(text, path)
    grain = header.get("grain", "")
    if not grain:
        raise _wrong(path, 2, "The header has no `-- grain: one row per …`.")
    parameters = tuple(sorted({found for found in _PARAMETER.findall(text) if found}))
    return Query(
        name=name,
        sentence=header[""],
        grain=grain,
        reads=_reads(header, path),
        parameters=parameters,
        text=text,
        path=path,
        kind=_kind(header, path),
        declared=tuple(_declared(header, parameters, text, path)),
        severity=header.get("severity", ""),
        technique=header.get("technique", ""),
        blind_spots=header.get("blind spots", ""),
    )


def _header(text: str, path: Path) -> dict[str, str]:
    """The leading comments: the sentence under "", the rest under their keys.

    A value goes on in the next comment line; an empty comment, or the line after a
    `reads` that does not end in a comma, begins free comments.
    """
    header: dict[str, str] = {}
    lines = text.splitlines()
    comments = 0
    key: str | None = ""
    for line in lines:
        if not line.startswith("--"):
            break
        comments += 1
        words = line.removeprefix("--").strip()
        if keyed := _KEY.fullmatch(words):
            key = keyed[1]
            header[key] = keyed[2]
        elif not words:
            key = None
        elif key is not None:
            header[key] = f"{header.get(key, '')} {words}".strip()
        if key == "reads" and not header[key].endswith(","):
            key = None
    if not header.get(""):
        raise _wrong(path, 1, "The header must begin with `-- One sentence.`")
    if not any(line.strip() for line in lines[comments:]):
        raise _wrong(path, comments + 1, "A statement must follow the header.")
    return header


def _reads(header: dict[str, str], path: Path) -> tuple[str, ...]:
    """The relations of the `reads` line, as written."""
    line = header.get("reads", "")
    if not line:
        raise _wrong(path, 3, "The header has no `-- reads: …` (or `-- reads: none`).")
    if line == "none":
        return ()
    names = tuple(part.strip() for part in line.split(","))
    for name in names:
        if not _RELATION.fullmatch(name):
            raise _wrong(path, 3, f"`reads` lists {name!r}; it takes relation names and commas.")
    return names


def _kind(header: dict[str, str], path: Path) -> Kind:
    """Table unless the header says view."""
    kind = header.get("kind", "table")
    if kind not in {"table", "view"}:
        raise _wrong(path, 1, f"`kind` is {kind!r}; it can be table or view.")
    return cast(Kind, kind)


def _declared(
    header: dict[str, str], parameters: tuple[str, ...], text: str, path: Path
) -> Iterator[Parameter]:
    """The parameters that the header explains."""
    for key, sentence in header.items():
        if not key.startswith("$"):
            continue
        line = text[: text.index(key)].count("\n") + 1
        declared = _DECLARED.fullmatch(key.strip())
        if declared is None:
            message = (
                f"`{key}` is no parameter; write `-- $name KIND: meaning` with KIND text, list, "
                "time, integer or account, and after it `, required` or ` = default` if you like."
            )
            raise _wrong(path, line, message)
        if declared["name"] not in parameters:
            raise _wrong(path, line, f"The statement has no ${declared['name']}.")
        yield Parameter(
            name=declared["name"],
            kind=cast(ParameterKind, declared["kind"]),
            is_required=declared["required"] is not None,
            default=declared["default"],
            sentence=sentence,
        )


def _wrong(path: Path, line: int, message: str) -> QueryError:
    return QueryError(message, location=f"{path}:{line}")
