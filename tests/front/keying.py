"""The keys report of small worlds, read as facts; lines of IAM's credential report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.credential_report import CredentialReport, read_credential_report
from pipeline.render import Page, render
from pipeline.report import Report
from pipeline.reports.keys import KeysFilter, keys_report
from pipeline.reports.window import Window
from pipeline.warehouse import Warehouse
from tests.front.tracing import warehouse_of
from tests.world.world import World

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
NO_KEY = "false,N/A,N/A,N/A,N/A"


@dataclass(frozen=True)
class Keys:
    """A keys report as data, and as people see it."""

    report: Report
    document: dict[str, Any]

    def rows(self, table: str = "credentials") -> list[dict[str, Any]]:
        """The rows of one of its tables; [] where it has none of that name."""
        found: list[dict[str, Any]] = self.document["tables"].get(table, [])
        return found

    def one(self, table: str = "credentials") -> dict[str, Any]:
        """The only row of a table."""
        (row,) = self.rows(table)
        return row

    def of(self, access_key_id: str | None) -> dict[str, Any]:
        """The row of an access key."""
        (row,) = [row for row in self.rows() if row["access_key_id"] == access_key_id]
        return row

    def text(self, width: int = 100) -> str:
        """What people read."""
        return render(self.report, "table", Page(width=width))


def keys(where: World | Warehouse, **options: Any) -> Keys:
    """The report of a world; `since` and `until` make the window."""
    window = Window(options.pop("since", None), options.pop("until", None))
    warehouse = warehouse_of(where) if isinstance(where, World) else where
    report = keys_report(warehouse, KeysFilter(window=window, **options))
    return Keys(report, json.loads(render(report, "json")))


def key_cells(
    changed: str, used: str = "N/A", region: str = "us-east-1", service: str = "s3"
) -> str:
    """The five cells of an active access key; a time alone is of 2026-11-20."""
    moment = f"2026-11-20T{used}+00:00" if used != "N/A" else used
    changed = changed if "T" in changed else f"2026-11-20T{changed}+00:00"
    place = f"{region},{service}" if used != "N/A" else "N/A,N/A"
    return f"true,{changed},{moment},{place}"


def user_line(
    name: str,
    *key_lines: str,
    account: str = "200000000002",
    password: str = "false,N/A,N/A,N/A",
    mfa: str = "true",
) -> str:
    """A user's line: enabled, last used, last changed and next rotation of the password; keys."""
    arn = f"arn:aws:iam::{account}:" + ("root" if name == "<root_account>" else f"user/{name}")
    first, second = (*key_lines, NO_KEY, NO_KEY)[:2]
    made = "2020-01-01T00:00:00+00:00"
    return f"{name},{arn},{made},{password},{mfa},{first},{second},false,N/A,false,N/A"


def credential_report(folder: Path, *lines: str, newline: str = "\n") -> CredentialReport:
    """The report of these lines, read from a file."""
    path = folder / "credential-report.csv"
    path.write_bytes((newline.join([HEADER, *lines]) + newline).encode())
    return read_credential_report(path)
