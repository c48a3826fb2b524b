"""The one error root. Whatever a user can cause and mend is a `RolecallError`.

A programming error is never one of these: it keeps its traceback.
"""

from __future__ import annotations


class RolecallError(Exception):
    """Something the user can act on: what was wrong, where, and what to do next.

    message -- one sentence (or two) for a person, with the next step.
    location -- where it happened: a path, uri, `file:record`, query name; may be empty.
    exit_code -- the process exit code (design.md section 4): 1 failed, 2 usage,
        3 findings, 4 done but something was rejected or could not be read.
    """

    exit_code = 1

    def __init__(self, message: str, *, location: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.location = location

    def __str__(self) -> str:
        return f"{self.message} ({self.location})" if self.location else self.message


class UsageError(RolecallError):
    """The command line asks for something that does not exist or does not fit."""

    exit_code = 2


class SourceError(RolecallError):
    """A source (path, object) is missing or cannot be read."""


class LakeError(RolecallError):
    """The lake is missing, is not a lake, or was written by another version."""


class QueryError(RolecallError):
    """A SQL statement (the user's or the catalogue's) cannot be found, parsed or run."""


class FindingsError(RolecallError):
    """There are findings at or above what `--fail-on` names. The report was written."""

    exit_code = 3
