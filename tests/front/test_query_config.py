"""`query --config`: the lake, the queries and the roles of the nights' config."""

from __future__ import annotations

import json
from pathlib import Path

from tests.front.terminal import rolecall
from tests.front.test_query import assert_usage, own, write


def write_config(folder: Path, lake: Path, *more: str) -> Path:
    """A rolecall.toml beside a lake."""
    path = folder / "rolecall.toml"
    top = [line for line in more if not line.startswith("[")]
    tables = [line for line in more if line.startswith("[")]
    text = [f'lake = "{lake}"', 'sources = [{path = "trail"}]', *top, *tables]
    path.write_text("\n".join(text) + "\n")
    return path


def test_the_config_of_the_nights_names_the_break_glass_roles(lake: Path, tmp_path: Path) -> None:
    """break_glass_use needs no -p, and no --lake; what is typed goes before the config."""
    config = write_config(tmp_path, lake, '[organisation]\nbreak_glass_roles = ["*BreakGlass*"]')
    ask = ("query", "--config", config, "break_glass_use", "--format", "json")
    plain = rolecall(
        *("query", "break_glass_use", "-p", "role=*BreakGlass*", "--lake", lake, "--format", "json")
    )
    answer = json.loads(rolecall(*ask).stdout)
    assert answer == json.loads(plain.stdout)
    assert answer["tables"]["rows"]
    assert json.loads(rolecall(*ask, "-p", "role=DataExportRole").stdout)["parameters"]["role"] == [
        "DataExportRole"
    ]
    gone = rolecall(*ask, "--lake", tmp_path / "nowhere")
    assert gone.exit_code == 1
    assert "nowhere" in gone.stderr


def test_a_config_without_break_glass_roles_asks_for_them(lake: Path, tmp_path: Path) -> None:
    """As the command line does."""
    config = write_config(tmp_path, lake)
    assert_usage(rolecall("query", "--config", config, "break_glass_use"), "needs role")


def test_the_queries_of_the_config_join_the_catalogue(lake: Path, tmp_path: Path) -> None:
    """Also with the break-glass roles as a parameter of theirs."""
    text = own(
        "select r as role from unnest($break_glass_roles) as t (r) order by r",
        "-- $break_glass_roles list: the roles.",
    ).replace("-- reads: events", "-- reads: none")
    write(tmp_path / "queries", "mine", text)
    roles = '[organisation]\nbreak_glass_roles = ["b", "a"]'
    config = write_config(tmp_path, lake, 'queries = "queries"', roles)
    assert "mine" in rolecall("query", "--config", config).stdout
    ran = rolecall("query", "--config", config, "mine", "--format", "json")
    assert json.loads(ran.stdout)["tables"]["rows"] == [{"role": "a"}, {"role": "b"}]
