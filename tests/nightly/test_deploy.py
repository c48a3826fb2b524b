"""What is in deploy/ is right as far as it can be tried here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from pipeline.cli import app
from tests.conftest import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
INSTALLED = "/opt/rolecall/bin/rolecall"


def called(text: str) -> list[str]:
    """The arguments that a file calls rolecall with."""
    (found,) = re.findall(rf"{INSTALLED} (nightly [^>\n]*)", text)
    return str(found).split()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_the_units_are_valid(tmp_path: Path) -> None:
    """Systemd finds nothing to say about the service and its timer."""
    for name in ("rolecall.service", "rolecall.timer"):
        text = (DEPLOY / name).read_text().replace(INSTALLED, sys.executable)
        (tmp_path / name).write_text(text)
    ran = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


@pytest.mark.parametrize("name", ["rolecall.service", "rolecall.cron"])
def test_what_is_called_exists(name: str) -> None:
    """The command and each of its options."""
    command, *options = called((DEPLOY / name).read_text())
    found = getattr(get_command(app), "commands")[command]  # noqa: B009 (a click group)
    known = {option for parameter in found.params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known


def test_the_container_calls_what_the_service_calls() -> None:
    """Its default command is the same night."""
    text = (DEPLOY / "Containerfile").read_text()
    (command,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert json.loads(command) == [
        "/data/rolecall.toml" if part.endswith("rolecall.toml") else part
        for part in called((DEPLOY / "rolecall.service").read_text())
    ]


def test_the_policies_name_no_more_than_is_needed() -> None:
    """Reading a trail writes nothing; no statement is for everything."""
    trail = json.loads((DEPLOY / "iam-policy.json").read_text())
    actions = {action for s in trail["Statement"] for action in [s["Action"]]}
    assert actions == {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"}
    lake = json.loads((DEPLOY / "iam-policy-lake.json").read_text())
    for policy in (trail, lake):
        assert policy["Version"] == "2012-10-17"
        for statement in policy["Statement"]:
            assert statement["Resource"] != "*"
            assert "*" not in str(statement["Action"])
