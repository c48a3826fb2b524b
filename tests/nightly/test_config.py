"""rolecall.toml: what is wrong in it is said with file, key, value and what is valid."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.nightly import FORMATS, TEMPLATE, read_config
from pipeline.render import RENDERERS
from tests.front.terminal import rolecall

GOOD = 'lake = "lake"\nsources = [{path = "trail"}]\n'


def refused(tmp_path: Path, text: str) -> str:
    """What is said of a config."""
    path = tmp_path / "rolecall.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_config(path)
    assert caught.value.location == str(path)
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "lkae = 1\n", "Unknown key lkae. Did you mean lake? Valid keys: lake, sources,"),
        (GOOD + "[reports]\nformat = []\n", "Unknown key reports.format. Did you mean formats?"),
        (
            'lake = "l"\nsources = [{path = "a"}, {path = "b", region = "x"}]\n',
            "Unknown key sources[1].region. Did you mean regions?",
        ),
        ('sources = [{path = "a"}]\n', "The key lake is missing."),
        ('lake = "l"\nsources = [{regions = []}]\n', "The key sources[0].path is missing."),
        ('lake = "l"\nsources = []\n', "sources = []: a night needs at least one source."),
        ("lake = 3\nsources = []\n", "lake = 3: expected `str`, got `int`."),
        (
            GOOD + '[reports]\nformats = ["json", "pdf"]\n',
            "reports.formats = 'pdf': valid values are 'table', 'json', 'ndjson', 'csv', ",
        ),
        (
            GOOD + '[thresholds]\nfail_on = "urgent"\n',
            "thresholds.fail_on = 'urgent': valid values are '', 'critical', 'high',",
        ),
        (GOOD + "[retention]\nkeep_days = 0\n", "retention.keep_days = 0: valid is 1 to 36500."),
        (GOOD + '[organisation]\ndirectory = "a"\n', "organisation.directory = 'a': expected"),
        (
            GOOD + '[organisation]\nknown_accounts = ["123"]\n',
            "organisation.known_accounts = '123': an account id has twelve digits.",
        ),
        (
            GOOD + "[organisation]\nknown_accounts = [111111111111]\n",
            "organisation.known_accounts[0] = 111111111111: an account id is a text; quote it: "
            '"111111111111".',
        ),
        (
            'lake = "l"\nsources = [{path = "a", accounts = [222222222222]}]\n',
            "sources[0].accounts[0] = 222222222222: an account id is a text; quote it: "
            '"222222222222".',
        ),
        (
            GOOD + "[organisation]\nknown_accounts = 222222222222\n",
            "organisation.known_accounts = 222222222222: an account id is a text; quote it: "
            '["222222222222"].',
        ),
        (
            GOOD + '[organisation]\nknown_accounts = ["111111111111",\n  012345678901]\n',
            "The config is not TOML: Unclosed array (at line 5, column 4). "
            'An account id is a text; quote it: "012345678901".',
        ),
        ('lake = "l"\nsources = [{path = "-"}]\n', "sources[0].path = '-': a night cannot read"),
        (
            'lake = "l"\nsources = [{path = "s3://b", from = "soon"}]\n',
            "sources[0].from = 'soon': invalid",
        ),
        ('lake = ""\nsources = [{path = "a"}]\n', "lake = '': a path is needed"),
        ('lake = "l"\nsources = [{path = " "}]\n', "sources[0].path = ' ': a path is needed"),
        (GOOD + '[reports]\nfolder = ""\n', "reports.folder = '': a path is needed"),
        ("lake =\n", "The config is not TOML: Invalid value (at line 1, column 7)."),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With its place in the file."""
    assert refused(tmp_path, text).startswith(said)


def test_a_missing_config_says_how_to_get_one(tmp_path: Path) -> None:
    """Exit code 2, one line of the log."""
    ran = rolecall("nightly", "--config", tmp_path / "no.toml")
    assert ran.exit_code == 2
    assert (
        "The config cannot be read: No such file or directory. Write one with: rolecall init"
        in (ran.stderr)
    )


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """Not to where the job was started; buckets stay as they are."""
    path = tmp_path / "rolecall.toml"
    path.write_text('lake = "lake"\nsources = [{path = "trail"}, {path = "s3://bucket/x"}]\n')
    config = read_config(path)
    assert config.lake == str(tmp_path / "lake")
    assert [source.path for source in config.sources] == [str(tmp_path / "trail"), "s3://bucket/x"]
    assert config.reports.folder == str(tmp_path / "reports")


def test_the_formats_are_those_of_the_commands() -> None:
    """A new renderer is a format of the config too."""
    assert {renderer.name for renderer in RENDERERS} == set(FORMATS)


@pytest.mark.parametrize(
    ("text", "said", "file"),
    [
        (
            '[organisation]\ninventory = ["no.json"]',
            "organisation.inventory: the inventory",
            "no.json",
        ),
        (
            '[organisation]\ncredential_report = "no.csv"',
            "organisation.credential_report: the credential report cannot be read",
            "no.csv",
        ),
        (
            '[organisation]\ndirectory = ["rolecall.toml"]',
            "organisation.directory: the header",
            "rolecall.toml:1",
        ),
        ('queries = "none"', "queries: there is no such folder", "none"),
        ('queries = "."', "queries: ", "bad.sql:"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_at_once(
    tmp_path: Path, text: str, said: str, file: str
) -> None:
    """Exit code 2 with key and file, before a lake is made."""
    (tmp_path / "bad.sql").write_text("select 1")
    (tmp_path / "trail").mkdir()
    path = tmp_path / "rolecall.toml"
    path.write_text(f"{GOOD}{text}\n")
    ran = rolecall("nightly", "--config", path)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert f"({tmp_path / file}" in ran.stderr
    assert not (tmp_path / "lake").exists()
    assert not (tmp_path / "reports").exists()


def test_what_init_writes_is_valid_and_says_the_defaults(tmp_path: Path) -> None:
    """As it is, and with every example taken in."""
    path = tmp_path / "mine.toml"
    assert rolecall("init", path).exit_code == 0
    written = read_config(path)
    plain = tmp_path / "plain.toml"
    plain.write_text('lake = "lake"\nsources = [{path = "trail"}]\n')
    assert written == read_config(plain)
    lines = [
        line.removeprefix("# ")
        if line.startswith("# ") and (" = " in line or line.startswith("# [["))
        else line
        for line in TEMPLATE.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join(lines))
    everything = read_config(path)
    assert [source.path for source in everything.sources][1] == "s3://YOUR-TRAIL-BUCKET"
    assert everything.retention.keep_days == 400
    assert everything.queries == str(tmp_path / "queries")


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """Exit code 1, and the file is as it was."""
    path = tmp_path / "rolecall.toml"
    path.write_text("mine")
    ran = rolecall("init", path)
    assert ran.exit_code == 1
    assert "is not overwritten" in ran.stderr
    assert path.read_text() == "mine"
