"""A first look, before there is a lake: is any of it CloudTrail?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pipeline import decoders, sources
from pipeline.errors import SourceError
from pipeline.ingest.summary import IngestSummary
from pipeline.sources import ListedDays, PassedOver, Request, SourceObject, Unreadable


def look(paths: Sequence[str], request: Request) -> tuple[IngestSummary, dict[str, str]] | None:
    """What the sources hold when nothing of it is CloudTrail: a summary, and uri -> kind.

    None as soon as something is, or may be for it cannot be read: then it is worth a lake.
    Standard input has to be in the request: it cannot be read twice.
    """
    kinds: dict[str, str] = {}
    passed_over: Counter[str] = Counter()
    empty: list[Unreadable] = []
    for found in sources.find(paths, request=request):
        match found:
            case SourceObject():
                kind = _foreign_kind(found, request)
                if kind is None:
                    return None
                kinds[found.uri] = kind
            case Unreadable(is_empty=True):
                empty.append(found)
            case Unreadable():
                return None
            case PassedOver():
                passed_over[found.what] += 1
            case ListedDays():
                pass
    summary = IngestSummary(
        files_found=len(kinds) + len(empty),
        files_new=len(kinds),
        files_skipped=0,
        files_not_cloudtrail=len(kinds),
        files_rejected=0,
        records_read=0,
        records_stored=0,
        records_duplicate=0,
        records_rejected=0,
        unreadable=tuple(empty),
        kinds=dict(sorted(Counter(kinds.values()).items())),
        passed_over=dict(sorted(passed_over.items())),
    )
    return summary, kinds


def _foreign_kind(item: SourceObject, request: Request) -> str | None:
    """What an object is that certainly holds no CloudTrail; None for any other."""
    if item.size > decoders.MAX_BYTES:
        return None
    try:
        with sources.reading([item], request.access) as read:
            return _kind_of_all(decoders.contents(read(item), decoders.MAX_BYTES))
    except SourceError:
        return None


def _kind_of_all(contents: Iterable[decoders.Expanded]) -> str | None:
    kinds = set()
    for content in contents:
        kind, fault = content.kind, content.fault
        if not kind:
            if decoders.recognise(content.data):
                return None
            kind, fault = decoders.kind_of(content)
        if fault:
            return None
        kinds.add(kind)
    return ", ".join(sorted(kinds))
