"""What a source is asked for and what it hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec

from pipeline.sources.aside import Stored


class SourceObject(msgspec.Struct, frozen=True, gc=False):
    """One file or object. A Struct, for a million of them are made and handed to workers.

    uri -- absolute path (posix) of a local file, resolved, so that a file has one uri;
        `s3://bucket/key`; `stdin:` and a hash of the content.
    size -- bytes as stored.
    fingerprint -- changes when the content does: `size-mtime_ns` of a local file, the ETag of an
        object in S3, a hash of standard input.
    content -- the bytes themselves where they cannot be read twice (standard input). They are
        read in the process that has them.
    """

    uri: str
    size: int
    fingerprint: str
    content: Stored | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that cannot be listed or read; it is tried again by the next run.

    reason -- sentences for people.
    is_empty -- there is nothing at all, so that it is no reason to make a lake.
    """

    uri: str
    reason: str
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What lies in a bucket and is no CloudTrail log by its name; it is not fetched.

    what -- `CloudTrail-Digest`, `Config`, …
    uri -- the object, or the folder that was not entered (ends with `/`).
    """

    what: str
    uri: str


@dataclass(frozen=True, slots=True)
class ListedDays:
    """Day folders of one region folder that were listed to their end.

    folder -- `s3://bucket/…/CloudTrail/region/`.
    first, last -- the days, both included.
    """

    folder: str
    first: date
    last: date


Found = SourceObject | Unreadable | PassedOver | ListedDays


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach S3. What is empty is left to the AWS configuration of the machine.

    profile -- profile of the AWS configuration.
    role_arn -- a role to assume with the credentials of the profile.
    endpoint_url -- another server that speaks S3.
    region -- region of the bucket.
    requester_pays -- the one who reads pays for requests and transfer.
    """

    profile: str = ""
    role_arn: str = ""
    endpoint_url: str = ""
    region: str = ""
    requester_pays: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a bucket in CloudTrail's layout is wanted, by its folders; empty means all.

    since, until -- days of delivery (UTC), from the first until before the second.
    """

    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()


@dataclass(frozen=True, slots=True)
class Request:
    """How to list and read.

    today -- the UTC day; days that began less than three days before it are listed again and
        again. None: all of them.
    listed -- region folder -> days that earlier runs listed to their end and need not be again.
    piped -- standard input, where it was read already: that cannot be done twice.
    """

    access: Access = Access()
    selection: Selection = Selection()
    today: date | None = None
    listed: Mapping[str, tuple[ListedDays, ...]] = field(default_factory=dict)
    piped: SourceObject | None = None
