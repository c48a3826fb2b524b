"""How CloudTrail lays out its keys in a bucket (semantics.md section 8.1).

    [prefix/]AWSLogs/[o-…/]account/CloudTrail/region/yyyy/mm/dd/file.json.gz

The prefix is anything: none, a custom one, or the organisation's id (Control Tower). A delegated
administrator, GovCloud and China have the same layout. Pure: keys in, places out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

ROOT = "AWSLogs"

LOG_KINDS = ("CloudTrail", "CloudTrail-NetworkActivity")
"""Folders below an account that hold CloudTrail events."""

_ORGANISATION = re.compile(r"o-[a-z0-9]{10,32}")
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d+")
_DATES = re.compile(r"(\d{4})(?:/(\d{2})(?:/(\d{2}))?)?")
_DAY = re.compile(r"(\d{4})/(\d{2})/(\d{2})/.")
_REGION_AND_DAY = re.compile(
    rf"(.*/{ROOT}/(?:o-[a-z0-9]+/)?\d{{12}}/[^/]+/[^/]+/)(\d{{4}}/\d{{2}}/\d{{2}}/.+)", re.DOTALL
)
_ACCOUNT_AND_REGION = re.compile(rf"/{ROOT}/(?:o-[a-z0-9]+/)?(\d{{12}})/[^/]+/([^/]+)/")
_FOREIGN_NAME = re.compile(
    r"(?:^|/)\d{12}_(CloudTrail-Digest|CloudTrail-Insight|CloudTrail-Aggregated|Config"
    r"|elasticloadbalancing|vpcflowlogs|vpcdnsquerylogs|GuardDuty|WAFLogs)_"
)
_FOREIGN_FOLDER = re.compile(
    rf"(?:^|/){ROOT}/(?:o-[a-z0-9]{{10,32}}/)?\d{{12}}/(?!(?:{'|'.join(LOG_KINDS)})/)([^/]+)/"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of the layout, as deep as its fields say.

    path -- the folder's key prefix; ends with `/`.
    dates -- `2026`, `2026/11` or `2026/11/20` below the region, where one was asked for; it is
        not part of `path`.
    """

    path: str
    organisation: str = ""
    account: str = ""
    kind: str = ""
    region: str = ""
    dates: str = ""

    @property
    def is_region(self) -> bool:
        """Whether day folders are what comes next."""
        return bool(self.region)

    def below(self, name: str) -> Place | None:
        """The place of a folder in this one; None where the layout has no such folder."""
        inner = replace(self, path=f"{self.path}{name}/")
        if not self.account:
            if not self.organisation and _ORGANISATION.fullmatch(name):
                return replace(inner, organisation=name)
            return replace(inner, account=name) if _ACCOUNT.fullmatch(name) else None
        if not self.kind:
            return replace(inner, kind=name) if name in LOG_KINDS else None
        if not self.region and _REGION.fullmatch(name):
            return replace(inner, region=name)
        return None


def place_of(path: str) -> Place | None:
    """The place that a folder (`…/AWSLogs/…/`) is; None where it does not follow the layout."""
    head, found, rest = f"/{path}".rpartition(f"/{ROOT}/")
    if not found:
        return None
    place = Place(f"{head}{found}"[1:])
    names = [name for name in rest.split("/") if name]
    while names:
        if place.is_region:
            dates = "/".join(names)
            return replace(place, dates=dates) if _DATES.fullmatch(dates) else None
        inner = place.below(names.pop(0))
        if inner is None:
            return None
        place = inner
    return place


def is_organisation(name: str) -> bool:
    """Whether a folder's name is an organisation's id."""
    return _ORGANISATION.fullmatch(name) is not None


def day_of(key_in_region: str) -> date | None:
    """The day of `yyyy/mm/dd/file`; None for another key."""
    match = _DAY.match(key_in_region)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def foreign_kind(key: str) -> str | None:
    """What a key says that it is instead of a CloudTrail log; None where it does not say.

    Only CloudTrail's and its neighbours' own names count: `AWSLogs/account/Config/…`, and
    files called `account_CloudTrail-Digest_…`.
    """
    match = _FOREIGN_FOLDER.search(key) or _FOREIGN_NAME.search(key)
    return match.group(1) if match else None


def region_and_day(uri: str) -> tuple[str, date] | None:
    """The region folder (`…/CloudTrail/region/`) and the day of an object; None elsewhere."""
    match = _REGION_AND_DAY.match(uri)
    day = day_of(match.group(2)) if match else None
    return (match.group(1), day) if match and day else None


def account_and_region(uri: str) -> tuple[str, str]:
    """The account and region whose folder an object lies in; ("", "") outside the layout."""
    match = _ACCOUNT_AND_REGION.search(uri)
    return (match.group(1), match.group(2)) if match else ("", "")
