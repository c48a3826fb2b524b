"""The commented config that `rolecall init` writes."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import RolecallError

TEMPLATE = Path(__file__).with_name("rolecall.toml")


def write_template(path: Path) -> None:
    """Write a commented rolecall.toml. Raises RolecallError where the file is there already."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError as error:
        message = "The file is there already, and is not overwritten. Give another name."
        raise RolecallError(message, location=str(path)) from error
    except OSError as error:
        message = f"The config cannot be written: {error.strerror}."
        raise RolecallError(message, location=str(path)) from error
