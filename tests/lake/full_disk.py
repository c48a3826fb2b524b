"""A lake on disks that are too small: python -m tests.lake.full_disk FOLDER SOURCE OUT KIB…

Runs where it may mount (`unshare -rm`). For each size: an ingest and a build on a disk of that
size; then the disk grows, and they run again. The lake is copied to OUT/KIB, and beside it, as
KIB.txt, what the first run said.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.attribution import build
from pipeline.errors import LakeError
from pipeline.ingest import ingest, plan
from pipeline.lake import Lake
from tests.ingest.crash import BATCH_BYTES


def night(lake: Path, source: str) -> None:
    place = Lake.create_or_open(str(lake))
    ingest([source], place, workers=1)
    build(place)


def main(folder: str, source: str, out: str, *sizes: str) -> None:
    plan.BATCH_BYTES, plan.COMMIT_BATCHES = BATCH_BYTES, 2
    lake = Path(folder) / "lake"
    for kib in sizes:
        mount = ["mount", "-t", "tmpfs", "tmpfs", folder, "-o"]
        subprocess.run([*mount, f"size={kib}k"], check=True)
        said = ""
        try:
            night(lake, source)
        except LakeError as error:
            said = str(error)
        subprocess.run([*mount, "remount,size=64m"], check=True)
        night(lake, source)
        shutil.copytree(lake, Path(out) / kib)
        (Path(out) / f"{kib}.txt").write_text(said)
        subprocess.run(["umount", folder], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
