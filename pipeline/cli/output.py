"""Where text goes: data to stdout or a file, notes and progress to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import typer

from pipeline.errors import RolecallError
from pipeline.render import Page, find_renderer
from pipeline.render.values import printable
from pipeline.report import Report

LEAST_WIDTH = 40


def page() -> Page:
    """The page that stdout is: its width, and colours where it is a terminal that wants them."""
    columns = shutil.get_terminal_size(fallback=(Page().width, 24)).columns
    wants_colour = (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    return Page(width=max(columns, LEAST_WIDTH), colour=wants_colour)


def say(message: str) -> None:
    """Tell a person something beside the data: one line on stderr."""
    typer.echo(printable(message), err=True)


def emit(report: Report, format_name: str, output: str | None) -> None:
    """Write the report to stdout, or to the file `output` (whole or not at all).

    Raises UsageError for an unknown format, RolecallError where the file cannot be written.
    """
    renderer = find_renderer(format_name)
    if output is None:
        typer.echo(renderer.render(report, page()), nl=False)
    else:
        _write(Path(output), renderer.render(report, Page()))
    if not renderer.carries_notes or output is not None:
        for note in report.notes:
            say(f"note: {note}")
    if output is not None:
        say(f"wrote {output}")


def write_text(text: str, output: str | None) -> None:
    """Write text to stdout, or to the file `output`, whole or not at all."""
    if output is None:
        typer.echo(text, nl=False)
    else:
        _write(Path(output), text)
        say(f"wrote {output}")


def _write(path: Path, text: str) -> None:
    """Write beside the file and rename, so that no reader sees half of it.

    What is not a regular file (`/dev/null`, a pipe) is written to as it is.
    """
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        aside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            aside.write_text(text, encoding="utf-8", newline="")
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise RolecallError(
            f"cannot write the output: {error.strerror}; choose another --output",
            location=str(path),
        ) from error
