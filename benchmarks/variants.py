"""Other shapes of the generated trail: tiny files, fields that AWS adds tomorrow, nights.

Each is made once from `benchmarks.generate` and kept; a file beside the folder says that it is
complete, and by which version of the two modules.
"""

from __future__ import annotations

import gzip
import shutil
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import IO

import msgspec
from isal import igzip

from benchmarks import generate

TINY_MOST_RECORDS = 20
TINY_FILES_A_FOLDER = 200
NIGHTS = 31
FILES_A_NIGHT = 64
_FILES_A_DAY = 96 * len(generate.ACCOUNTS)

_NEW_FIELD = b'{"eventNovelty":{"class":"new","weight":7},'
_START_BYTES = len('{"Records":[')
_NEW_IDENTITY_FIELD = b'"userIdentity":{"passportStamp":"blue-42","type"'


class _Trail(msgspec.Struct):
    Records: list[msgspec.Raw]


def tiny(folder: Path, files: int) -> int:
    """Write `files` files of 1 to 20 records, no record twice; the number of records."""
    random = Random(20)
    counts = [random.randint(1, TINY_MOST_RECORDS) for _ in range(files)]
    _once(folder, partial(_write_tiny, folder, counts))
    return sum(counts)


def large_objects(folder: Path, size: int, files: int = 1, *, plain: bool = False) -> int:
    """Write files that expand to about `size` bytes each; the number of records, all distinct.

    plain -- as they are, not gzipped.
    """
    count = folder.with_name(f"{folder.name}.records")
    _once(folder, partial(_write_large_objects, folder, size, files, plain, count))
    return int(count.read_text())


def with_new_fields(folder: Path, trail: Path) -> None:
    """Copy a trail; each record gets an unknown field, and so does each identity."""
    _once(folder, partial(_write_new_fields, folder, trail))


def nights(folder: Path) -> list[Path]:
    """Folders of `NIGHTS` nights of the same size, a day each, in their order."""
    folders = [folder / f"{night:02}" for night in range(NIGHTS)]
    _once(folder, partial(_write_nights, folders))
    return folders


def _once(folder: Path, write: Callable[[], None]) -> None:
    version = zlib.crc32(Path(__file__).read_bytes() + Path(generate.__file__).read_bytes())
    done = folder.with_name(f"{folder.name}.complete-{version:08x}")
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write()
        done.touch()


def _write_tiny(folder: Path, counts: list[int]) -> None:
    waiting: list[bytes] = []
    number = 0
    for position, count in enumerate(counts):
        while len(waiting) < count:
            made = generate.distinct_records(number)
            waiting.extend(record.encode() for record in made)
            number += 1
        part, waiting = waiting[:count], waiting[count:]
        below = folder / f"{position // TINY_FILES_A_FOLDER:04}"
        below.mkdir(exist_ok=True)
        _write(below / f"{position:06}.json.gz", part)


def _write_large_objects(folder: Path, size: int, files: int, plain: bool, count: Path) -> None:
    records = number = 0
    for file in range(files):
        with (folder / f"large-{file}.json{'' if plain else '.gz'}").open("wb") as out:

            def put(text: bytes, out: IO[bytes] = out) -> int:
                out.write(text if plain else igzip.compress(text, 2))
                return len(text)

            written = put(b'{"Records":[')
            while written < size:
                made = generate.distinct_records(number)
                comma = "," if written > _START_BYTES else ""
                written += put((comma + ",".join(made)).encode())
                records += len(made)
                number += 1
            put(b"]}")
    count.write_text(str(records))


def _write_new_fields(folder: Path, trail: Path) -> None:
    sources = sorted(trail.rglob("*.json.gz"))
    targets = [folder / source.relative_to(trail) for source in sources]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_renew, sources, targets, chunksize=8))


def _renew(source: Path, target: Path) -> None:
    content = gzip.decompress(source.read_bytes())
    records = map(bytes, msgspec.json.decode(content, type=_Trail).Records)
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(target, [_with_new_fields(record) for record in records])


def _with_new_fields(record: bytes) -> bytes:
    known = b'"userIdentity":{"type"'
    if record.count(known) != 1:
        raise ValueError(f"no identity in {record[:200]!r}")
    return _NEW_FIELD + record[1:].replace(known, _NEW_IDENTITY_FIELD)


def _write_nights(folders: list[Path]) -> None:
    with ProcessPoolExecutor(2) as pool:
        for night, folder in enumerate(folders):
            first = night * _FILES_A_DAY
            numbers = range(first, first + FILES_A_NIGHT)
            list(pool.map(partial(generate.write, folder, 1), numbers, chunksize=8))


def _write(path: Path, records: list[bytes]) -> None:
    path.write_bytes(igzip.compress(b'{"Records":[' + b",".join(records) + b"]}", 2))
