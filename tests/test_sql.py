"""`pipeline.sql` reads a folder of SQL files with headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import sql
from pipeline.errors import QueryError

HEADER = "-- Counts events.\n-- grain: one row per account\n-- reads: events\n"


def write(root: Path, name: str, text: str) -> Path:
    path = root / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def model(root: Path, name: str, reads: str) -> None:
    write(root, name, f"-- A model.\n-- grain: one row per x\n-- reads: {reads}\nselect 1 as x\n")


def test_a_query_is_its_header_and_its_text(tmp_path: Path) -> None:
    """Sentence, grain, reads and parameters come out of the file; the text stays whole."""
    text = HEADER + "select account from events where ($since is null or t >= $since) and b = $a\n"
    path = write(tmp_path, "reports/count", text)
    assert sql.catalogue(tmp_path) == {
        "reports/count": sql.Query(
            name="reports/count",
            sentence="Counts events.",
            grain="one row per account",
            reads=("events",),
            parameters=("a", "since"),
            text=text,
            path=path,
            kind="table",
        )
    }


def test_long_headers_go_on_in_the_next_line(tmp_path: Path) -> None:
    """Sentence, grain and reads may be wrapped; what follows reads is free comment."""
    write(
        tmp_path,
        "models/a",
        "-- One thing\n-- and another.\n-- grain: one row per\n-- session\n"
        "-- reads: events,\n--   sessions\n-- semantics.md section 3.2: the ladder.\nselect 1\n",
    )
    query = sql.catalogue(tmp_path)["models/a"]
    assert query.sentence == "One thing and another."
    assert query.grain == "one row per session"
    assert query.reads == ("events", "sessions")


def test_a_query_may_read_nothing_and_be_a_view(tmp_path: Path) -> None:
    """`reads: none` is an empty list, `kind: view` is kept, a model is named by its last part."""
    write(
        tmp_path,
        "models/numbers",
        "-- N.\n-- grain: one row per n\n-- kind: view\n-- reads: none\nselect 1 as n\n",
    )
    query = sql.find("models/numbers", tmp_path)
    assert (query.reads, query.kind, query.relation) == ((), "view", "numbers")


def test_dollars_in_strings_and_comments_are_not_parameters(tmp_path: Path) -> None:
    """Only `$name` in the statement itself is a parameter."""
    statement = """select '$no', 'it''s $no', "$no" /* $no
        $no */ from events -- $no
        where a = $yes"""
    write(tmp_path, "reports/a", HEADER + statement)
    assert sql.find("reports/a", tmp_path).parameters == ("yes",)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("select 1", 1, "must begin with `-- One sentence.`"),
        ("-- grain: one row per x\n-- reads: none\nselect 1", 1, "must begin with"),
        ("-- S.\n-- reads: none\nselect 1", 2, "no `-- grain: one row per …`"),
        ("-- S.\n-- grain: one row per x\nselect 1", 3, "no `-- reads: …`"),
        ("-- S.\n-- grain: one row per x\n-- reads: a b\nselect 1", 3, "`reads` lists 'a b'"),
        ("-- S.\n-- grain: x\n-- kind: macro\n-- reads: a\nselect 1", 1, "`kind` is 'macro'"),
        ("-- S.\n-- grain: one row per x\n-- reads: a\n\n", 4, "A statement must follow"),
    ],
)
def test_a_wrong_header_is_told_with_file_and_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    """What is missing is said, and where."""
    path = write(tmp_path, "reports/a", text)
    with pytest.raises(QueryError) as caught:
        sql.catalogue(tmp_path)
    assert message in caught.value.message
    assert caught.value.location == f"{path}:{line}"


def test_an_unknown_name_lists_the_names_closest_first(tmp_path: Path) -> None:
    """A slip of the pen finds the query that was meant first, then all others."""
    for name in ("models/sessions", "reports/keys", "reports/who"):
        write(tmp_path, name, HEADER + "select 1")
    with pytest.raises(QueryError) as caught:
        sql.find("whoo", tmp_path)
    assert str(caught.value) == (
        "There is no query 'whoo'. The queries are: reports/who, models/sessions, reports/keys."
    )


def test_models_come_after_what_they_read(tmp_path: Path) -> None:
    """Staging and models are ordered by reads; tables of the lake and reports do not count."""
    model(tmp_path, "models/chains", "session_links, sessions")
    model(tmp_path, "models/session_links", "sessions, issues")
    model(tmp_path, "models/sessions", "events")
    model(tmp_path, "staging/issues", "events")
    model(tmp_path, "reports/who", "chains")
    order = [query.relation for query in sql.models(tmp_path)]
    assert sorted(order) == ["chains", "issues", "session_links", "sessions"]
    assert order[2:] == ["session_links", "chains"]


def test_models_in_a_circle_are_refused(tmp_path: Path) -> None:
    """Two models that read each other have no order; the error names the circle."""
    model(tmp_path, "models/a", "b")
    model(tmp_path, "models/b", "a")
    with pytest.raises(QueryError, match=r"in a circle: (a ← b ← a|b ← a ← b)"):
        sql.models(tmp_path)


def test_one_relation_has_one_definition(tmp_path: Path) -> None:
    """The same last part in two folders is refused."""
    model(tmp_path, "models/a", "events")
    model(tmp_path, "staging/a", "events")
    with pytest.raises(QueryError, match="models/a and staging/a both define a"):
        sql.models(tmp_path)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A broken installation is an error with the place, not an empty catalogue."""
    with pytest.raises(QueryError, match="queries is missing"):
        sql.catalogue(tmp_path / "nowhere")


def test_the_projects_own_queries_are_found() -> None:
    """Without a root, the catalogue is that of the project."""
    assert sql.folder().is_dir()
    assert sql.models() == [q for q in sql.models(sql.folder()) if q.name in sql.catalogue()]
