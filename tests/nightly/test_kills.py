"""A night that is killed at any moment ends, when it is run again, as one that was not."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.nightly.conftest import NIGHTS, Operator, engaged

KILLS = int(os.environ.get("ROLECALL_SOAK_KILLS", "6")) // 2
PATIENCE = 180


def outcome(operator: Operator) -> dict[str, dict[str, str]]:
    """All reports, without what says when and where the run was."""
    found = {}
    for night in NIGHTS[:2]:
        texts = operator.texts(night)
        status = json.loads(texts["status.json"])
        for row in status["tables"]["files"]:
            row["last_ingested_at"] = None
        texts = {name: text for name, text in texts.items() if not name.startswith("status.")}
        texts["status"] = json.dumps(status)
        found[night] = {
            name: re.sub(re.escape(str(operator.home)), "HOME", text)
            for name, text in texts.items()
        }
    return found


def test_a_killed_night_ends_as_an_undisturbed_one(
    tmp_path: Path, days: Mapping[str, Mapping[str, bytes]]
) -> None:
    """SIGKILL at random moments of the second night, then one run to its end. A reader never sees
    a folder with half of the reports.
    """
    calm = engaged(tmp_path / "calm", days)
    killed = engaged(tmp_path / "killed", days)
    for operator in (calm, killed):
        operator.deliver(NIGHTS[0])
        operator.run(night=NIGHTS[0])
        operator.deliver(NIGHTS[1])
    began = time.monotonic()
    with calm.start("--night", NIGHTS[1]) as process:
        assert process.wait(PATIENCE) == 4
    seconds = time.monotonic() - began
    expected = outcome(calm)
    dice = Random(os.environ.get("ROLECALL_SOAK_SEED", "1"))
    for _ in range(KILLS):
        with killed.start("--night", NIGHTS[1]) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(dice.uniform(0.2 * seconds, seconds))
            process.send_signal(signal.SIGKILL)
        for folder in (path for path in killed.reports.iterdir() if path.name in NIGHTS):
            names = {path.name for path in folder.iterdir()} - {"run.json"}
            assert names == set(expected[NIGHTS[0]]) - {"status"} | {
                f"status.{suffix}" for suffix in ("csv", "json", "md")
            }
    with killed.start("--night", NIGHTS[1]) as process:
        assert process.wait(PATIENCE) in (0, 4)
    assert outcome(killed) == expected
    assert not [path.name for path in killed.reports.iterdir() if path.name.startswith(".")]
