"""A directory of people: ids of the log → names that people know, for display only.

Two kinds of files: JSON as `aws identitystore list-users` writes it, and CSV with a header that
names the columns id, name, e-mail and team in any order. A name from a directory goes to
`actor_display`, never to `actor_name`: it is what the user says, not what the log proves.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.errors import SourceError

PEOPLE_SCHEMA = pa.schema([("id", pa.string()), ("display", pa.string())])
"""Columns of the relation that people become."""

_COLUMNS = {
    "id": "id",
    "userid": "id",
    "name": "name",
    "displayname": "name",
    "email": "email",
    "mail": "email",
    "team": "team",
}
_HEADER = "id,name,e-mail,team"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of a directory.

    id -- what the log calls the person: Identity Center user id, user name, or ARN.
    """

    id: str
    name: str = ""
    email: str = ""
    team: str = ""

    def display(self) -> str:
        """`Jane Doe <jane@example.com>, Payments`, of what there is; "" where there is nothing."""
        text = self.name or self.email
        if self.name and self.email and self.name != self.email:
            text = f"{self.name} <{self.email}>"
        return ", ".join(part for part in (text, self.team) if part)


def read_directory(paths: Sequence[Path]) -> pa.Table:
    """The people of all files, by id; of two entries of one id the later counts.

    Columns `id` and `display`. Raises SourceError naming file and line where one is not a
    directory.
    """
    people = {person.id: person for path in paths for person in _read(path)}
    shown = {name: person.display() for name, person in people.items()}
    rows = [{"id": name, "display": display} for name, display in shown.items() if display]
    return pa.Table.from_pylist(rows, schema=PEOPLE_SCHEMA)


def _read(path: Path) -> Iterable[Person]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(
            f"the directory cannot be read: {error.strerror}; give a JSON or CSV file",
            location=str(path),
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError("the directory is not UTF-8 text", location=f"{path}:{line}") from error
    return _from_json(text, path) if text.lstrip()[:1] in ("{", "[") else _from_csv(text, path)


def _from_json(text: str, path: Path) -> list[Person]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(
            f"the directory is no JSON: {error.msg}", location=f"{path}:{error.lineno}"
        ) from error
    users = document.get("Users") if isinstance(document, dict) else document
    if not isinstance(users, list):
        raise SourceError(
            "the directory has no list “Users”; it is what `aws identitystore list-users` writes",
            location=f"{path}:1",
        )
    return [_from_user(user, number, path) for number, user in enumerate(users, start=1)]


def _from_user(user: object, number: int, path: Path) -> Person:
    if not isinstance(user, Mapping) or not isinstance(user.get("UserId"), str):
        raise SourceError(
            "the entry has no text “UserId”", location=f"{path}, entry {number} of Users"
        )
    parts = user.get("Name")
    names = [parts.get("GivenName"), parts.get("FamilyName")] if isinstance(parts, Mapping) else []
    full = " ".join(str(part) for part in names if part)
    return Person(
        id=user["UserId"],
        name=str(user.get("DisplayName") or full or user.get("UserName") or ""),
        email=_email(user.get("Emails")),
    )


def _email(emails: object) -> str:
    """The primary address, else the first."""
    if not isinstance(emails, list):
        return ""
    entries = [entry for entry in emails if isinstance(entry, Mapping) and entry.get("Value")]
    entries.sort(key=lambda entry: entry.get("Primary") is not True)
    return str(entries[0]["Value"]) if entries else ""


def _from_csv(text: str, path: Path) -> list[Person]:
    reader = csv.reader(io.StringIO(text), strict=True)
    people: list[Person] = []
    names: list[str | None] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _header(cells, path, reader.line_num)
                continue
            if len(cells) > len(names):
                raise SourceError(
                    f"the line has {len(cells)} cells, the header {len(names)}; "
                    "quote a cell that holds a comma",
                    location=f"{path}:{reader.line_num}",
                )
            known = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
            if not known.get("id"):
                raise SourceError("the line has no id", location=f"{path}:{reader.line_num}")
            people.append(Person(**known))
    except csv.Error as error:
        raise SourceError(
            f"the directory is no CSV: {error}", location=f"{path}:{reader.line_num}"
        ) from error
    if names is None:
        raise SourceError(
            f"the directory is empty; write a header {_HEADER} and a line for each person",
            location=f"{path}:1",
        )
    return people


def _header(cells: list[str], path: Path, line: int) -> list[str | None]:
    """What each column holds; a column that is not known is passed over."""
    plain = ("".join(letter for letter in cell.lower() if letter.isalnum()) for cell in cells)
    names = [_COLUMNS.get(name) for name in plain]
    if "id" not in names:
        raise SourceError(
            f"the header {','.join(cells)!r} has no column id; write {_HEADER}",
            location=f"{path}:{line}",
        )
    return names
