"""Formats: the same report for eyes, programs, spreadsheets and tickets; nothing in it acts."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pipeline.errors import UsageError
from pipeline.render import RENDERERS, Page, render
from pipeline.render.delimited import guard_formula
from pipeline.render.layout import fit, wrap
from pipeline.render.markdown import escape
from pipeline.render.values import for_people, printable
from pipeline.report import Column, Report, Table, table_of
from pipeline.reports.who import WhoFilter, who_report
from tests.front.facts import REPORTING, alice, claiming_alice, incident, nobody, warehouse_of
from tests.front.golden import assert_golden

FORMATS = [renderer.name for renderer in RENDERERS]
HOSTILE = "=cmd|'/c calc'!A1 \x1b[2J\x1b]0;owned\x07 [red]x[/red] \u202ecod\u200b <b>|`_*\r\nnext"


def who() -> Report:
    with warehouse_of(*incident()) as warehouse:
        return who_report(warehouse, WhoFilter(all_actors=True))


def hostile() -> Report:
    """A report in which every text that an attacker chooses is hostile."""
    rows = [
        claiming_alice("09:00:00", "s3:GetObject", REPORTING, claimed_actor=HOSTILE),
        alice(
            "09:00:00",
            "s3:GetObject",
            f"arn:aws:iam::1:role/{HOSTILE}",
            actor_name=HOSTILE,
            actor_display=HOSTILE,
            source_ip_address=HOSTILE,
            user_principal_id=f"AROA:{HOSTILE}",
        ),
    ]
    with warehouse_of(*rows) as warehouse:
        return who_report(warehouse)


def one_cell(value: object, name: str = "v") -> Report:
    return Report("x", "", (table_of("rows", pl.DataFrame({name: [value]})),))


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_of_who(width: int) -> None:
    """What people see, at three widths."""
    assert_golden(f"who-{width}.txt", render(who(), "table", Page(width)))


@pytest.mark.parametrize("name", ["json", "ndjson", "csv", "markdown"])
def test_who_in_every_format(name: str) -> None:
    """What programs, spreadsheets and tickets get."""
    assert_golden(f"who.{name}", render(who(), name))


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    """Whatever the terminal, nothing is wrapped by it."""
    for report in (who(), hostile()):
        lines = render(report, "table", Page(width)).splitlines()
        assert max(cell_len(line) for line in lines) <= width


def test_proof_and_claim_differ_without_colour() -> None:
    """Each grade has its own sign and its own word."""
    grades = ("direct", "proven", "matched", "ambiguous", "claimed", "none")
    shown = [for_people(grade, "evidence") for grade in grades]
    assert shown == ["✓ direct", "✓ proven", "≈ matched", "? ambiguous", "“ claimed", "– none"]


def test_colour_only_where_the_page_has_it() -> None:
    """Escape sequences are the page's choice, and the text is the same without them."""
    plain = render(who(), "table", Page(120, colour=False))
    coloured = render(who(), "table", Page(120, colour=True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert "\x1b[32m✓ proven" in coloured
    assert "\x1b[1;33m“ claimed" in coloured


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_names_do_not_act(name: str) -> None:
    """No control, bidirectional or zero-width character leaves any renderer."""
    text = render(hostile(), name)
    unsafe = {c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
    assert unsafe == set()


def test_hostile_names_in_a_terminal() -> None:
    """Rich markup is shown as the letters it is; a line break does not start a line."""
    text = render(hostile(), "table", Page(300, colour=True))
    assert "[red]x[/red]" in text
    assert "\x1b[2J" not in text
    assert not any(line.lstrip().startswith("next") for line in text.splitlines())


def test_hostile_names_in_json_are_exact() -> None:
    """A program gets the very text of the record."""
    rows = json.loads(render(hostile(), "json"))["tables"]["actors"]
    assert [row["actor_name"] for row in rows] == [HOSTILE, None]
    assert rows[1]["claimed_actor"] == HOSTILE


def test_hostile_names_in_csv_start_no_formula() -> None:
    """The cell begins with an apostrophe, and a row stays a row."""
    rows = list(csv.DictReader(io.StringIO(render(hostile(), "csv"))))
    assert len(rows) == 2
    assert rows[0]["actor_name"].startswith("'=cmd|")
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row.values()
    )


def test_hostile_names_in_markdown_are_text() -> None:
    """Pipes, line breaks, HTML and emphasis are escaped: the table keeps its shape."""
    lines = [line for line in render(hostile(), "markdown").splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert "<b>" not in "".join(lines)


def test_a_name_cannot_forge_a_chain() -> None:
    """An arrow inside a name is not an arrow of the chain."""
    assert for_people(["mallory → AdminRole", "R"], "chain") == "mallory \ufffd AdminRole → R"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("a=1", "a=1"),
    ],
)
def test_formula_starts_are_guarded(text: str, expected: str) -> None:
    """What a spreadsheet would calculate gets an apostrophe; other text is left as it is."""
    assert guard_formula(text) == expected


def test_numbers_in_csv_stay_numbers() -> None:
    """A negative count is no formula."""
    assert render(one_cell(-5), "csv") == "v\n-5\n"


@given(st.text())
def test_printable_text_is_one_safe_line(text: str) -> None:
    """Whatever comes in, nothing that acts or breaks the line comes out, and nothing vanishes."""
    safe = printable(text)
    assert len(safe) == len(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in safe)


@given(st.text(st.characters(codec="utf-8")), st.integers(1, 50))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    """Only spaces may differ between the text and its lines (a wide letter needs two cells)."""
    text = printable(text)
    width = max(width, 2)
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=8),
    st.integers(1, 200),
)
def test_column_widths_fit_or_it_is_said(columns: list[tuple[int, int]], available: int) -> None:
    """The widths fill no more than there is, and no column goes below its least width."""
    natural = [n for n, _ in columns]
    least = [min(n, m) for n, m in columns]
    widths = fit(natural, least, available)
    if widths is None:
        assert sum(least) > available
    else:
        assert sum(widths) <= available
        assert all(m <= w <= n for m, w, n in zip(least, widths, natural, strict=True))


@given(st.text(st.characters(codec="utf-8")))
def test_escaped_markdown_has_no_free_markup(text: str) -> None:
    """After removing the escapes no sign of Markdown or HTML is left."""
    left = re.sub(r"\\[\\`*_\[\]|~#!]|&(amp|lt|gt|#47|#64);", "", escape(text))
    assert not re.search(r"[\\`*_\[\]|~#!<>@]", left)


def test_json_has_a_version_and_the_question() -> None:
    """What a program needs to read it for years."""
    with warehouse_of(*incident()) as warehouse:
        report = who_report(warehouse, WhoFilter(role="Security*"))
    document = json.loads(render(report, "json"))
    assert list(document) == [
        "version",
        "report",
        "title",
        "parameters",
        "tables",
        "notes",
        "findings",
        "severities",
    ]
    assert (document["version"], document["report"]) == (1, "who")
    assert document["parameters"]["role"] == "Security*"


def test_ndjson_is_one_object_a_row() -> None:
    """The rows are those of the JSON document, with the table's name only where it is needed."""
    rows = [json.loads(line) for line in render(who(), "ndjson").splitlines()]
    assert rows == json.loads(render(who(), "json"))["tables"]["actors"]
    two = Report("x", "", (table_of("a", pl.DataFrame({"v": [1]})), table_of("b", pl.DataFrame())))
    assert render(two, "ndjson") == '{"table": "a", "v": 1}\n'


def test_a_csv_of_several_tables_names_the_table() -> None:
    """One header, one table: the union of the columns."""
    tables = (
        table_of("a", pl.DataFrame({"x": [1], "y": ["p"]})),
        table_of("b", pl.DataFrame({"y": ["q"], "z": [True]})),
    )
    text = render(Report("x", "", tables), "csv")
    assert text == "table,x,y,z\na,1,p,\nb,,q,true\n"


def test_a_table_that_does_not_fit_becomes_lines() -> None:
    """Forty columns on eighty cells: each row as a list of names and values."""
    wide = pl.DataFrame({f"column_{n}": [f"value {n}"] for n in range(40)})
    text = render(Report("sql", "", (table_of("rows", wide),)), "table", Page(80))
    assert text.splitlines()[:3] == ["row 1", "  column_0   value 0", "  column_1   value 1"]


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_report_is_said_or_empty(name: str) -> None:
    """No rows is an answer: people read it, programs get an empty list."""
    with warehouse_of(nobody("09:00:00", "s3:A")) as warehouse:
        text = render(who_report(warehouse, WhoFilter(actor="x")), name)
    if name in ("table", "markdown"):
        assert "no events match" in text
    elif name == "json":
        assert json.loads(text)["tables"] == {"actors": [], "moved_credentials": []}
    else:
        assert text.count("\n") == (1 if name == "csv" else 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (b"\x01\xff", "01ff"),
        ([1, None], [1, None]),
        ({"a": {"b": 1}}, {"a": {"b": 1}}),
        (None, None),
    ],
)
def test_any_value_of_the_users_sql_is_json(value: object, expected: object) -> None:
    """A user's own columns hold anything; JSON says it as well as it can."""
    assert json.loads(render(one_cell(value), "ndjson")) == {"v": expected}


def test_an_unknown_format_names_the_valid_ones() -> None:
    """The message says what to type instead."""
    with pytest.raises(UsageError, match="table, json, ndjson, csv, markdown"):
        render(who(), "yaml")


def test_a_detail_without_a_value_is_left_out() -> None:
    """Empty lines tell a tired person nothing."""
    table = Table(
        "t",
        "",
        (Column("a", "a"), Column("b", "b", place="detail")),
        pl.DataFrame({"a": ["x", "y"], "b": [None, "z"]}),
    )
    assert render(Report("r", "", (table,)), "table") == "a\nx\ny\n    b  z\n"
