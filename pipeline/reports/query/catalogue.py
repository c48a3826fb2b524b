"""The questions of the catalogue: our hunts, reports that people can ask, the user's own files.

A report belongs to it where its header explains every parameter that it has, and at least one.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from pipeline import sql
from pipeline.errors import QueryError, UsageError
from pipeline.report import SEVERITIES
from pipeline.warehouse import check_select


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Questions by the name that people type, and the user's files that could not be read.

    questions -- name → query: `key_use`, `who`; a file in a folder of the user's `team/checks`.
    own -- the names that come from the user's folder.
    broken -- what is wrong with each of the user's files that is not in `questions`.
    """

    questions: dict[str, sql.Query]
    own: frozenset[str] = frozenset()
    broken: tuple[QueryError, ...] = ()

    def find(self, name: str) -> sql.Query:
        """The question of that name; `-` may stand for `_`, `hunts/key_use` for `key_use`.

        Raises QueryError where the user's file of that name is broken, UsageError with the valid
        names, the closest first, where there is none.
        """
        wanted = name.removesuffix(".sql").replace("-", "_")
        by_name = {known.replace("-", "_"): query for known, query in self.questions.items()}
        by_path = {query.name: query for query in self.questions.values()}
        found = by_name.get(wanted) or by_path.get(wanted)
        if found is not None:
            return found
        for error in self.broken:
            path = Path(error.location.rpartition(":")[0] or error.location)
            if path.stem.replace("-", "_") == wanted.rpartition("/")[2]:
                raise error
        close = difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.5)
        valid = ", ".join(dict.fromkeys([*close, *self.questions]))
        raise UsageError(f"there is no query {name!r}; the queries are: {valid}")


def read_catalogue(folder: Path | None = None) -> Catalogue:
    """Our own questions, and those of the user's folder of `.sql` files (subfolders too).

    A file that cannot be read, has no proper header, is not one SELECT or has the name of one of
    ours is `broken` and costs the others nothing. Raises UsageError where the folder is missing.
    """
    ours = {
        query.relation: query
        for query in sql.catalogue().values()
        if query.name.startswith("hunts/") or _can_be_asked(query)
    }
    if folder is None:
        return Catalogue(ours)
    if not folder.is_dir():
        raise UsageError(f"--queries {folder} is no folder; give a folder of .sql files")
    questions: dict[str, sql.Query] = {}
    broken: list[QueryError] = []
    for path in sorted(folder.rglob("*.sql")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        try:
            if name in ours or name.partition("/")[0] in ("hunts", "reports"):
                raise QueryError(
                    f"{name} is the name of one of rolecall's own queries; rename the file.",
                    location=str(path),
                )
            questions[name] = _read(name, path)
        except QueryError as error:
            broken.append(error)
    return Catalogue(ours | questions, frozenset(questions), tuple(broken))


def _can_be_asked(query: sql.Query) -> bool:
    explained = {parameter.name for parameter in query.declared}
    return (
        query.name.startswith("reports/") and bool(explained) and explained == {*query.parameters}
    )


def _read(name: str, path: Path) -> sql.Query:
    """A file of the user's; a parameter that it does not explain is a required text."""
    try:
        query = sql.parse(name, path)
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"cannot be read as UTF-8 text: {error}", location=str(path)) from error
    if query.severity and query.severity not in SEVERITIES:
        line = query.text[: query.text.index("severity:")].count("\n") + 1
        valid = ", ".join(SEVERITIES)
        raise QueryError(
            f"`severity` is {query.severity!r}; it can be {valid}.", location=f"{path}:{line}"
        )
    check_select(query.text, str(path))
    return query
