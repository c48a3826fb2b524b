"""moto's S3 and STS on loopback: python -m tests.s3.server says its port and serves until EOF.

Its dispatcher between a hundred services is left out: it lists the folder of their modules twice
for each request, and costs more than S3 does.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server


class _Handler(MotoRequestHandler):
    """Keeps connections, as S3 does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nobody reads it."""


def serving() -> BaseWSGIServer:
    """A server that runs, in a thread; `port` says where."""
    s3, sts = create_backend_app("s3"), create_backend_app("sts")

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_sts = "/sts/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
        return (sts if is_sts else s3)(environ, start_response)

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=_Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


if __name__ == "__main__":
    sys.stdout.write(f"{serving().port}\n")
    sys.stdout.flush()
    sys.stdin.read()
