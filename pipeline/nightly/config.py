"""rolecall.toml: what a night reads, and where it writes.

Unknown keys, wrong types and unknown values are errors that name the file, the key, the value and
what is valid. Paths are relative to the file. The template of `rolecall init` explains each key.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import msgspec

from pipeline.errors import UsageError
from pipeline.lake import MOST_DAYS
from pipeline.report import SEVERITIES, Severity

FORMATS = ("table", "json", "ndjson", "csv", "markdown")
"""What a report can be written as; the same as `--format`."""

_PLACE = re.compile(r"^(.*?) - at `\$\.?(.*)`$")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_ACCOUNT = re.compile(r"\d{12}")
_LEADING_ZERO = re.compile(r"""(?<![\w"'.-])0\d{11}(?!\d)""")
_LINE = re.compile(r"at line (\d+)")
_ACCOUNT_KEYS = ("accounts", "known_accounts")


class Source(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where files come from; but for `path`, keys are the options of `rolecall ingest` for S3.

    since -- `from` in the file: first day of delivery (UTC).
    """

    path: str
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    org_ids: tuple[str, ...] = ()
    since: date | None = msgspec.field(name="from", default=None)
    profile: str = ""
    role_arn: str = ""
    endpoint_url: str = ""
    aws_region: str = ""
    request_payer: bool = False


class Reports(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is written, and where.

    look_back_days -- days up to the night's end that `keys`, `roles`, `people` and the page look
    at; `who` and `new` are of the night alone. catch_up_days -- how many missed nights are written
    at most. limit -- rows of what is new. page -- whether report.html is written.
    """

    folder: str = "reports"
    formats: tuple[str, ...] = ("markdown", "json", "csv")
    page: bool = True
    look_back_days: int = 90
    catch_up_days: int = 31
    limit: int = 200


class Organisation(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is known beside the logs. Files are those of the options of the same name, "" none."""

    directory: tuple[str, ...] = ()
    inventory: tuple[str, ...] = ()
    credential_report: str = ""
    break_glass_roles: tuple[str, ...] = ()
    known_accounts: tuple[str, ...] = ()


class Thresholds(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """When something is told, and when it is an alarm.

    fail_on -- severity from which findings make the exit code 3; "" never.
    proven_share_fall -- percentage points by which the proven share of a role's sessions falls.
    """

    fail_on: str = ""
    proven_share_fall: float = 20.0


class Retention(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What `compact` does at the end of a night. keep_days -- None: all events stay."""

    keep_days: int | None = None
    retention_hours: int = 168


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The whole file; paths are absolute.

    workers -- processes of an ingest; None: one a core. queries -- folder of the user's own `.sql`
    files, "" none: `rolecall query --config` knows them.
    """

    lake: str
    sources: tuple[Source, ...]
    workers: int | None = None
    queries: str = ""
    reports: Reports = Reports()
    organisation: Organisation = Organisation()
    thresholds: Thresholds = Thresholds()
    retention: Retention = Retention()

    @property
    def fail_on(self) -> Severity | None:
        """The severity from which findings are an alarm."""
        return cast("Severity", self.thresholds.fail_on) if self.thresholds.fail_on else None


def read_config(path: Path) -> Config:
    """The config in a file. Raises UsageError naming the file, key, value and what is valid."""
    where = str(path)
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        message = f"The config cannot be read: {error.strerror}. Write one with: rolecall init"
        raise UsageError(message, location=where) from error
    except ValueError as error:  # no UTF-8, or no TOML
        message = f"The config is not TOML: {error}.{_unquoted(text, str(error))}"
        raise UsageError(message, location=where) from error
    try:
        _check_keys(data, Config, "")
        config = _checked(_converted(data))
    except UsageError as error:
        raise UsageError(error.message, location=where) from error
    return _with_paths(config, path.absolute().parent)


def _check_keys(data: object, kind: Any, place: str) -> None:
    """Raise UsageError for a key that the table does not have, and for one that is missing."""
    if not isinstance(data, Mapping):
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, value in data.items():
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            valid = ", ".join(fields)
            raise UsageError(f"Unknown key {place}{key}.{hint} Valid keys: {valid}.")
        inner = fields[key].type
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            _check_keys(value, inner, f"{place}{key}.")
        elif key == "sources" and isinstance(value, Sequence):
            for number, item in enumerate(value):
                _check_keys(item, Source, f"{place}{key}[{number}].")
    missing = [name for name, field in fields.items() if field.required and name not in data]
    if missing:
        raise UsageError(f"The key {place}{missing[0]} is missing.")


def _converted(data: Mapping[str, Any]) -> Config:
    try:
        return msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        reason, place = (found[1], found[2]) if found else (str(error), "")
        value: Any = data
        steps = _STEP.findall(place)
        for name, index in steps:
            value = value[int(index)] if index else value[name]
        said = f"{place} = {value!r}: {reason[0].lower()}{reason[1:]}."
        if isinstance(value, int) and any(name in _ACCOUNT_KEYS for name, _ in steps[-2:]):
            quoted = f'"{value}"' if place.endswith("]") else f'["{value}"]'
            said = f"{place} = {value!r}: an account id is a text; quote it: {quoted}."
        raise UsageError(said) from error


def _unquoted(text: str, error: str) -> str:
    """What to do where the line of a TOML error has an account id that TOML takes for a number."""
    line = _LINE.search(error)
    found = line and _LEADING_ZERO.search(text.splitlines()[int(line[1]) - 1 : int(line[1])][0])
    return f' An account id is a text; quote it: "{found[0]}".' if found else ""


def _checked(config: Config) -> Config:
    reports = config.reports
    _one_of("reports.formats", reports.formats, FORMATS)
    _one_of("thresholds.fail_on", [config.thresholds.fail_on], ("", *SEVERITIES))
    _not_empty("lake", config.lake)
    _not_empty("reports.folder", reports.folder)
    for number, source in enumerate(config.sources):
        _not_empty(f"sources[{number}].path", source.path)
        if source.path == "-":
            raise UsageError(f"sources[{number}].path = '-': a night cannot read standard input.")
        _accounts(f"sources[{number}].accounts", source.accounts)
    _accounts("organisation.known_accounts", config.organisation.known_accounts)
    if not config.sources:
        raise UsageError("sources = []: a night needs at least one source.")
    for key, value, least, most in (
        ("reports.look_back_days", reports.look_back_days, 1, 3650),
        ("reports.catch_up_days", reports.catch_up_days, 1, 366),
        ("reports.limit", reports.limit, 1, 1_000_000),
        ("retention.keep_days", config.retention.keep_days, 1, MOST_DAYS),
        ("retention.retention_hours", config.retention.retention_hours, 0, 168),
        ("workers", config.workers, 1, 1024),
        ("thresholds.proven_share_fall", config.thresholds.proven_share_fall, 1, 100),
    ):
        if value is not None and not least <= value <= most:
            raise UsageError(f"{key} = {value!r}: valid is {least} to {most}.")
    return config


def _one_of(key: str, values: Iterable[str], valid: Sequence[str]) -> None:
    for value in values:
        if value not in valid:
            known = ", ".join(repr(item) for item in valid)
            raise UsageError(f"{key} = {value!r}: valid values are {known}.")


def _not_empty(key: str, path: str) -> None:
    """An empty path would be the folder of the config."""
    if not path.strip():
        raise UsageError(f"{key} = {path!r}: a path is needed; the folder of this file is '.'.")


def _accounts(key: str, values: Iterable[str]) -> None:
    for value in values:
        if not _ACCOUNT.fullmatch(value):
            raise UsageError(f"{key} = {value!r}: an account id has twelve digits.")


def _with_paths(config: Config, folder: Path) -> Config:
    """The config with every path absolute."""

    def absolute(path: str) -> str:
        return path if "://" in path else str(folder / Path(path).expanduser())

    def absolutes(paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(absolute(path) for path in paths)

    known = config.organisation
    return msgspec.structs.replace(
        config,
        lake=absolute(config.lake),
        queries=absolute(config.queries) if config.queries else "",
        sources=tuple(
            msgspec.structs.replace(source, path=absolute(source.path)) for source in config.sources
        ),
        reports=msgspec.structs.replace(config.reports, folder=absolute(config.reports.folder)),
        organisation=msgspec.structs.replace(
            known,
            directory=absolutes(known.directory),
            inventory=absolutes(known.inventory),
            credential_report=absolute(known.credential_report) if known.credential_report else "",
        ),
    )
