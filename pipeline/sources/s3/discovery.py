"""Find the region folders of CloudTrail below a location, one level at a time.

Only folder names are listed on the way down, the folders of a level in parallel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pipeline.errors import SourceError
from pipeline.sources.model import PassedOver, Selection, Unreadable
from pipeline.sources.s3.layout import ROOT, Place, is_organisation
from pipeline.sources.s3.pages import Bucket, Folder

MOST_PEEKS = 100
"""Folders without a known name that are looked into for AWSLogs; where there are more, none is."""

A = TypeVar("A")
B = TypeVar("B")
Map = Callable[[Callable[[A], B], Iterable[A]], Iterable[B]]


@dataclass(slots=True)
class Discovery:
    """Region folders, and what was not followed.

    left_out -- folders of accounts or regions that are not selected.
    """

    regions: list[Place] = field(default_factory=list)
    left_out: list[Place] = field(default_factory=list)
    aside: list[PassedOver | Unreadable] = field(default_factory=list)


class Explorer:
    """Walks the layout of a bucket.

    run -- calls a function for each item, in threads, with the results in order.
    """

    def __init__(
        self,
        bucket: Bucket,
        selection: Selection,
        run: Callable[
            [Callable[[str], Folder | SourceError], Iterable[str]], Iterable[Folder | SourceError]
        ],
    ) -> None:
        self._bucket, self._selection, self._run = bucket, selection, run

    def roots(self, path: str) -> tuple[list[Place], list[PassedOver | Unreadable]]:
        """The AWSLogs folders below a path: directly, one or two folders down.

        Where there is one, what lies beside it is passed over; where there is none, ([], []).
        Raises SourceError when the path itself cannot be listed.
        """
        top = self._bucket.folder(path)
        names = [name for name in top.names if name != ROOT]
        found = [Place(f"{path}{ROOT}/")] if ROOT in top.names else []
        peeked = [name for name in names if not found or is_organisation(name)]
        if len(peeked) > MOST_PEEKS:
            peeked = [name for name in names if is_organisation(name)]
        aside: list[PassedOver | Unreadable] = []
        for name, inner in self._folders([f"{path}{name}/" for name in peeked], aside):
            if ROOT in inner.names:
                found.append(Place(f"{name}{ROOT}/"))
        if not found:
            return [], []
        inside = {place.path for place in found}
        aside += [
            PassedOver(f"beside {ROOT}", self._bucket.uri(f"{path}{name}/"))
            for name in names
            if f"{path}{name}/{ROOT}/" not in inside
        ]
        aside += [PassedOver(f"beside {ROOT}", self._bucket.uri(key)) for key in top.keys]
        return sorted(found, key=lambda place: place.path), aside

    def regions(self, places: Sequence[Place]) -> Discovery:
        """Walk down from the places to the region folders that are selected."""
        done = Discovery()
        level = self._selected(places, done.left_out)
        while level:
            done.regions += [place for place in level if place.is_region]
            by_path = {place.path: place for place in level if not place.is_region}
            below: list[Place] = []
            for path, folder in self._folders(list(by_path), done.aside):
                for name in folder.names:
                    inner = by_path[path].below(name)
                    if inner is None:
                        done.aside.append(PassedOver(name, self._bucket.uri(f"{path}{name}/")))
                    else:
                        below.append(inner)
                done.aside += [PassedOver("other", self._bucket.uri(key)) for key in folder.keys]
            level = self._selected(below, done.left_out)
        done.regions.sort(key=lambda place: place.path)
        return done

    def _selected(self, places: Iterable[Place], left_out: list[Place]) -> list[Place]:
        """The selected ones; the others are added to what is left out."""
        chosen: list[Place] = []
        for place in places:
            (chosen if self._is_selected(place) else left_out).append(place)
        return chosen

    def _is_selected(self, place: Place) -> bool:
        wanted = self._selection
        return (
            (
                not wanted.organisations
                or not place.account
                or place.organisation in wanted.organisations
            )
            and (not wanted.accounts or not place.account or place.account in wanted.accounts)
            and (not wanted.regions or not place.region or place.region in wanted.regions)
        )

    def _folders(
        self, paths: list[str], aside: list[PassedOver | Unreadable]
    ) -> Iterable[tuple[str, Folder]]:
        for path, result in zip(paths, self._run(self._look, paths), strict=True):
            if isinstance(result, SourceError):
                aside.append(Unreadable(self._bucket.uri(path), result.message))
            else:
                yield path, result

    def _look(self, path: str) -> Folder | SourceError:
        try:
            return self._bucket.folder(path)
        except SourceError as error:
            return error
