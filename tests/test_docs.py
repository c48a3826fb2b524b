"""The documentation says what is there, and what it shows happens.

Shell blocks marked ```console in README.md are run, one after another, in a directory that holds
nothing but `data/samples`. `$ rolecall …` is a command; `# exit 4` at its end is the exit code it
should have (0 without). The lines below it must appear in its output in that order; a line
`…` stands for any others. Examples that cannot run here belong into a ```sh block.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.main import get_command

from pipeline import schema, sql
from pipeline.cli import app
from pipeline.model_columns import MODELS, Model
from pipeline.warehouse import Warehouse
from tools.reference import PAGES

CHECKOUT = Path(__file__).resolve().parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
DOCS = README + "".join(
    page.read_text(encoding="utf-8") for page in sorted((CHECKOUT / "docs").glob("*.md"))
)
COMMANDS = sorted(getattr(get_command(app), "commands"))  # noqa: B009 (a click group)


@dataclass(frozen=True)
class Shown:
    """A command of the README with what is shown below it."""

    command: str
    exit_code: int
    output: tuple[str, ...]


def shown_commands(markdown: str) -> list[Shown]:
    """The `$ rolecall …` commands of all ```console blocks."""
    shown: list[Shown] = []
    for block in re.findall(r"^```console\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.splitlines()
            exit_code = re.search(r"# exit (\d+)", command)
            if command.startswith("rolecall "):
                shown.append(Shown(command, int(exit_code[1]) if exit_code else 0, tuple(output)))
    return shown


def missing(expected: tuple[str, ...], output: str) -> list[str]:
    """The expected lines that do not appear in the output, in their order."""
    lines = iter([line.strip() for line in output.splitlines()])
    wanted = [line.strip() for line in expected if line.strip() not in {"", "…"}]
    return [line for line in wanted if line not in lines]


@pytest.mark.parametrize("name", PAGES)
def test_derived_pages_are_up_to_date(name: str) -> None:
    """docs/columns.md and docs/queries.md are what `make docs` would write."""
    assert (CHECKOUT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), "make docs"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    """Whoever reads the README meets every command."""
    assert f"rolecall {command}" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """A command has a sentence of help, and each of its options has too."""
    found = getattr(get_command(app), "commands")[command]  # noqa: B009
    assert found.help
    unexplained = [p.name for p in found.params if not getattr(p, "help", None)]
    assert unexplained == []


def test_every_query_is_in_the_docs() -> None:
    """Every catalogued query is named."""
    assert [name for name in sql.catalogue() if f"### {name}\n" not in DOCS] == []


def test_every_column_is_in_the_docs() -> None:
    """Every column of the record tables is named."""
    columns = (*schema.EVENTS, *schema.FILES, *schema.REJECTS)
    assert [column.name for column in columns if f"`{column.name}`" not in DOCS] == []


@pytest.fixture(scope="module")
def empty() -> Iterator[Warehouse]:
    """A warehouse without any event."""
    with Warehouse.of(schema.EVENTS_SCHEMA.empty_table()) as warehouse:
        yield warehouse


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_columns_of_a_model_are_those_that_it_has(model: Model, empty: Warehouse) -> None:
    """In its order, each of its kind, after those of the table that it extends."""
    names = [column.name for column in model.columns]
    extended = [column.name for column in schema.EVENTS] if model.extends else []
    found = empty.sql(f"select * from {model.name} limit 0").schema
    assert list(found) == [*extended, *names]
    kinds = {"Boolean": "boolean", "Datetime": "timestamp", "Date": "date", "Int64": "integer"}
    for column in model.columns:
        kind = str(found[column.name].base_type())
        assert kinds.get(kind, "text") == column.kind.replace("json", "text"), column.name


def test_links_between_pages_lead_somewhere() -> None:
    """A relative link in the README or in docs/ points to a file that exists."""
    for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_what_the_readme_shows_happens(tmp_path: Path) -> None:
    """Every command of the README's console blocks does and prints what is shown."""
    shutil.copytree(CHECKOUT / "data" / "samples", tmp_path / "data" / "samples")
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
    }
    shown = shown_commands(README)
    assert shown, "the README shows no command"
    for step in shown:
        ran = subprocess.run(
            step.command,
            shell=True,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # as on a terminal: notes stand where they are said
            text=True,
            check=False,
            timeout=60,
        )
        said = f"$ {step.command}\n{ran.stdout}"
        assert ran.returncode == step.exit_code, said
        assert missing(step.output, ran.stdout) == [], said


def test_shown_commands_are_read_from_console_blocks() -> None:
    """Commands with their exit codes and output; other blocks and other commands are not run."""
    markdown = (
        "```sh\nrolecall ingest s3://x\n```\n\n```console\n$ rolecall a  # exit 4\none\n…\nlast\n"
        "$ make demo\nhello\n$ rolecall b\n```\n"
    )
    assert shown_commands(markdown) == [
        Shown("rolecall a  # exit 4", 4, ("one", "…", "last")),
        Shown("rolecall b", 0, ()),
    ]


def test_missing_lines_are_found() -> None:
    """Order counts, space at the ends and elided lines do not."""
    assert missing((" a", "…", "c"), "a\nb\nc\n") == []
    assert missing(("c", "a"), "a\nb\nc\n") == ["a"]
