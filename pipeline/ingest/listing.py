"""What the sources hold, and what of it is new to the lake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline import decoders, sources
from pipeline.lake import Lake, gave_cloudtrail, known, outdated, read_listed
from pipeline.lake.place import storage_options
from pipeline.sources import ListedDays, Objects, PassedOver, Request, SourceObject, Unreadable

_TELL_OBJECTS = 1000


@dataclass(slots=True)
class Listing:
    """Everything that was found.

    passed_over -- what by its name is no CloudTrail log -> number of objects or folders.
    days -- days of S3 that were listed to their end.
    """

    objects: Objects = field(default_factory=Objects)
    unreadable: list[Unreadable] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    days: list[ListedDays] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Listed objects, with what cannot be read."""
        return len(self.objects) + len(self.unreadable)


def list_sources(
    paths: Sequence[str],
    lake: Lake | None,
    request: Request,
    found: Callable[[Objects], None] = lambda _: None,
) -> Listing:
    """List the sources; of buckets only what the lake does not know to be listed already.

    lake -- None where there is none yet.
    found -- told now and then of the objects so far.
    """
    if request.today is None:
        request = replace(request, today=datetime.now(UTC).date())
    exclude = frozenset({lake.location}) if lake else frozenset[str]()
    if lake and not request.listed and (days := read_listed(lake.place)):
        access = storage_options(lake.place)
        again = outdated(lake.parquet_files("files"), decoders.VERSION, access)
        request = replace(request, listed=sources.reopened(days, again))
    listing = Listing()
    for item in sources.find(paths, exclude=exclude, request=request):
        match item:
            case SourceObject():
                listing.objects.append(item)
                if len(listing.objects) % _TELL_OBJECTS == 0:
                    found(listing.objects)
            case Unreadable():
                listing.unreadable.append(item)
            case PassedOver():
                listing.passed_over[item.what] += 1
            case ListedDays():
                listing.days.append(item)
    return listing


def new_to(lake: Lake | None, objects: Objects) -> Objects:
    """The objects that the lake's ledger does not have in this state, and those that gave no
    record to an older version of the decoders.
    """
    files = lake.parquet_files("files") if lake and objects else []
    if not lake or not files:
        return objects
    old = known(files, _prints(objects), decoders.VERSION, storage_options(lake.place))
    return Objects(item for item, is_old in zip(objects, old, strict=True) if not is_old)


def gave_before(lake: Lake, objects: Objects) -> bool:
    """Whether earlier runs found CloudTrail in one of the objects, or rejected something in it."""
    files, rejects = lake.parquet_files("files"), lake.parquet_files("rejects")
    access = storage_options(lake.place)
    return bool(files) and gave_cloudtrail(files, rejects, _prints(objects), access)


def _prints(objects: Objects) -> Iterator[list[tuple[str, str]]]:
    return ([(item.uri, item.fingerprint) for item in part] for part in objects.parts())


@dataclass(frozen=True, slots=True)
class Survey:
    """What an ingest would read.

    parts -- (account, region), by the folders that the objects lie in, or two empty texts
        -> (objects, bytes as stored).
    skipped -- listed objects that are in the lake.
    """

    parts: Mapping[tuple[str, str], tuple[int, int]]
    skipped: int
    unreadable: tuple[Unreadable, ...]
    passed_over: Mapping[str, int]


def survey(paths: Sequence[str], lake: Lake | None, request: Request) -> Survey:
    """List as `ingest` would, and read nothing. Raises as `ingest` does."""
    listing = list_sources(paths, lake, request)
    new = new_to(lake, listing.objects)
    counts, sizes = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for item in new:
        part = sources.account_and_region(item.uri)
        counts[part] += 1
        sizes[part] += item.size
    return Survey(
        {part: (counts[part], sizes[part]) for part in sorted(counts)},
        len(listing.objects) - len(new),
        tuple(listing.unreadable),
        dict(sorted(listing.passed_over.items())),
    )
