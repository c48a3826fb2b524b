"""A directory: files that people have, and clear errors for those that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.directory import read_directory
from pipeline.errors import SourceError
from pipeline.warehouse import Warehouse
from tests.world.scenarios import SCENARIOS
from tests.world.table import events_table

USERS = {
    "Users": [
        {
            "UserId": "9067-1",
            "UserName": "jane",
            "DisplayName": "Jane Doe",
            "Name": {"GivenName": "Jane", "FamilyName": "Doe"},
            "Emails": [
                {"Value": "old@example.com", "Primary": False},
                {"Value": "jane@example.com", "Primary": True},
            ],
        },
        {"UserId": "9067-2", "UserName": "bob", "Name": {"GivenName": "Bob", "FamilyName": "Ray"}},
        {"UserId": "9067-3", "UserName": "carol"},
    ]
}


def read(tmp_path: Path, *texts: str) -> dict[str, str]:
    paths = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.txt"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    table = read_directory(paths)
    return dict(zip(table["id"].to_pylist(), table["display"].to_pylist(), strict=True))


def test_list_users_of_identity_center(tmp_path: Path) -> None:
    """Display name and primary address; else the name's parts; else the user name."""
    assert read(tmp_path, json.dumps(USERS)) == {
        "9067-1": "Jane Doe <jane@example.com>",
        "9067-2": "Bob Ray",
        "9067-3": "carol",
    }


@pytest.mark.parametrize(
    "header", ["id,name,e-mail,team", "ID, Name ,Email,Team", "\ufeffid,name,e_mail,team"]
)
def test_csv_with_a_tolerant_header(tmp_path: Path, header: str) -> None:
    """Case, blanks, hyphens and a byte order mark do not matter."""
    text = f'{header}\njane,Jane Doe,jane@example.com,Payments\n\nbob,"Ray, Bob",,\n'
    assert read(tmp_path, text) == {
        "jane": "Jane Doe <jane@example.com>, Payments",
        "bob": "Ray, Bob",
    }


def test_csv_in_any_order_with_columns_that_mean_nothing(tmp_path: Path) -> None:
    """A column that is not known is passed over; a person with nothing to show is none."""
    text = "phone,team,id,email\n1,,x,x@example.com\n2,,y,\n3,Ops,z,\n"
    assert read(tmp_path, text) == {"x": "x@example.com", "z": "Ops"}


def test_several_files_and_the_later_counts(tmp_path: Path) -> None:
    """JSON and CSV together."""
    found = read(tmp_path, json.dumps(USERS), "id,name\n9067-3,Carol King\n")
    assert found["9067-3"] == "Carol King"
    assert found["9067-2"] == "Bob Ray"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,team\nJane,Ops\n", r"no column id.*0\.txt:1"),
        ("id,name\n,Jane\n", r"no id.*0\.txt:2"),
        ("id,name\njane,Doe,Jane\n", r"3 cells, the header 2.*0\.txt:2"),
        ('id,name\njane,"Doe\n', r"no CSV.*0\.txt:2"),
        ("", r"empty.*0\.txt:1"),
        ('{"Users": [\n{]}', r"no JSON.*0\.txt:2"),
        ('{"Groups": []}', r"no list “Users”.*0\.txt:1"),
        ('{"Users": [{"UserId": "a"}, {"UserName": "b"}]}', r"UserId.*entry 2"),
    ],
)
def test_what_is_no_directory_is_told_with_file_and_line(
    tmp_path: Path, text: str, message: str
) -> None:
    """Where it is, and what should be there."""
    with pytest.raises(SourceError, match=message):
        read(tmp_path, text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, or no text."""
    with pytest.raises(SourceError, match="cannot be read"):
        read_directory([tmp_path / "none.csv"])
    (tmp_path / "latin.csv").write_bytes(b"id,name\nx,J\xe9r\xf4me\n")
    with pytest.raises(SourceError, match=r"not UTF-8 text.*latin\.csv:2"):
        read_directory([tmp_path / "latin.csv"])


def test_a_name_is_for_display_and_never_for_the_unresolved(tmp_path: Path) -> None:
    """`actor_display` changes, `actor_name` does not; a claim is not looked up."""
    path = tmp_path / "people.csv"
    path.write_text("id,name\nalice,Alice Smith\n", encoding="utf-8")
    for name in ("assume-role/chained", "assume-role/by-user/lost"):
        world = next(s for s in SCENARIOS if s.name == name).world()
        with Warehouse.of(events_table(world.records())) as warehouse:
            warehouse.name_people(read_directory([path]))
            for relation in ("attributed_events", "sessions", "chains"):
                rows = warehouse.table(relation).to_pylist()
                assert {(row["actor_name"], row["actor_display"]) for row in rows} <= {
                    ("alice", "Alice Smith"),
                    (None, None),
                }
                is_known = name == "assume-role/chained"
                assert any(row["actor_display"] for row in rows) == is_known
