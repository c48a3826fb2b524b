"""The writer's lock of a lake in S3: an object that says who writes, renewed while he does.

It is taken by a conditional PUT, so that of several one gets it. The holder writes it anew every
third of the lease; who finds it unchanged for a whole lease, by his own clock, takes it over: no
clocks are compared, and a killed run holds nobody up for longer than that. A holder looks at the
object right before each write (`place.S3Folder.is_lost`) and stops when it is another's. Should it
be held up between that look and the write itself, the write is refused: who takes over makes an
empty commit in each table first (`tables.fence`).
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pipeline.errors import LakeError
from pipeline.lake.place import S3Folder

LEASE_SECONDS = 60.0
WAIT_SECONDS = 90.0
"""How long a second writer waits before it gives up: longer than a lease."""

_PAUSE_SECONDS = 1.0


@contextmanager
def leased(folder: S3Folder, lock: str) -> Iterator[bool]:
    """Hold the lock; yields whether it was taken over from a run that did not give it back.

    Raises LakeError when another run goes on writing.
    """
    lease = _Lease(folder, folder / lock)
    is_taken_over = lease.take()
    ended = threading.Event()
    thread = threading.Thread(target=lease.renew_until, args=(ended,), daemon=True)
    thread.start()
    try:
        yield is_taken_over
    finally:
        ended.set()
        thread.join()
        lease.give_back()


class _Lease:
    def __init__(self, folder: S3Folder, place: S3Folder) -> None:
        self._place = place
        self._writer = folder.writer
        self._writer.token = uuid.uuid4().hex[:12]
        self._writer.lost = ""
        self._writer.lock = ""
        self._since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
        self._count = 0
        self._etag: str | None = None
        self._renewed = time.monotonic()

    def take(self) -> bool:
        patience = time.monotonic() + WAIT_SECONDS
        seen: str | None = None
        unchanged_since = time.monotonic()
        while True:
            now = time.monotonic()
            found = self._place.read()
            etag = found[1] if found else None
            if etag != seen:
                seen, unchanged_since = etag, now
            if (etag is None or now - unchanged_since >= LEASE_SECONDS) and self._put(etag):
                self._writer.lock = self._place.key
                return etag is not None
            if now >= patience:
                message = (
                    f"Another rolecall is writing to the lake ({_holder(found)}). "
                    "Run again when it is done."
                )
                raise LakeError(message, location=str(self._place))
            time.sleep(min(_PAUSE_SECONDS, LEASE_SECONDS / 5))

    def renew_until(self, ended: threading.Event) -> None:
        """Renew every third of the lease; say it to the writer when it is lost."""
        while not ended.wait(LEASE_SECONDS / 3):
            try:
                if not self._put(self._etag):
                    self._writer.lost = "another run took it over"
                    return
            except LakeError as error:
                if time.monotonic() - self._renewed > LEASE_SECONDS * 2 / 3:
                    self._writer.lost = error.message
                    return

    def give_back(self) -> None:
        self._writer.lock = ""
        if self._etag is not None and not self._writer.lost:
            self._place.delete_if(self._etag)

    def _put(self, etag: str | None) -> bool:
        """Each writing differs from all others, so that each has an ETag of its own."""
        self._count += 1
        at = time.monotonic()
        owner = {
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": self._since,
            "token": self._writer.token,
            "count": self._count,
        }
        new = self._place.put_if(json.dumps(owner).encode(), etag)
        if new is None:
            return False
        self._etag, self._renewed = new, at
        return True


def _holder(found: tuple[bytes, str] | None) -> str:
    try:
        owner = json.loads(found[0]) if found else {}
        return f"process {owner['process']} on {owner['host']}, since {owner['since']}"
    except (ValueError, KeyError, TypeError):
        return "unknown"
