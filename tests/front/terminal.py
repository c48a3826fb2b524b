"""The command as a user runs it, in this process: exit code, stdout, stderr."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from pipeline.cli import main

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples" / "org-trail"


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    exit_code: int
    stdout: str
    stderr: str


@contextlib.contextmanager
def _command_line(arguments: tuple[str, ...], columns: int) -> Iterator[None]:
    environment = {"COLUMNS": str(columns)}
    with (
        mock.patch.object(sys, "argv", ["rolecall", *arguments]),
        mock.patch.dict("os.environ", environment),
    ):
        yield


def rolecall(*arguments: str | Path, columns: int = 100) -> Ran:
    """Run `rolecall` with these arguments; stdout is no terminal."""
    out, err = io.StringIO(), io.StringIO()
    with (
        _command_line(tuple(str(argument) for argument in arguments), columns),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Ran(code, out.getvalue(), err.getvalue())
