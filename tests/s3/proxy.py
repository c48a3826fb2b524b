"""A small HTTP proxy before an S3 server: it notes every request and can make some go wrong."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SLOW_DOWN = (
    b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>'
)
DENIED = (
    b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)


@dataclass(frozen=True)
class Asked:
    """A request: a listing where it has a query `list-type`."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]

    @property
    def is_listing(self) -> bool:
        return "list-type" in self.query

    @property
    def is_get(self) -> bool:
        return self.method == "GET" and not self.is_listing

    @property
    def is_by_obstore(self) -> bool:
        return "object_store" in self.headers["user-agent"]

    @property
    def prefix(self) -> str:
        return self.query.get("prefix", [""])[0]


@dataclass
class Fault:
    """What goes wrong.

    matches -- which requests.
    kind -- slow-down, error-500, denied, reset, truncated; unconditional: If-Match is not heeded.
    times -- how often; then all is well.
    before -- called when the fault is met (kind `none`: then the request goes on as it is).
    """

    matches: Callable[[Asked], bool]
    kind: str
    times: int = 1
    before: Callable[[], None] | None = None


@dataclass
class Proxy:
    """The proxy; `faults` may change while it runs."""

    upstream: str
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def start(self) -> ThreadingHTTPServer:
        server = _Server(("127.0.0.1", 0), _Handler)
        server.proxy = self
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def listings(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.is_listing]

    def gets(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.is_get]

    def clear(self) -> None:
        self.faults.clear()
        self.asked.clear()

    def meet(self, asked: Asked) -> Fault | None:
        with self.lock:
            self.asked.append(asked)
            for fault in self.faults:
                if fault.times and fault.matches(asked):
                    fault.times -= 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    proxy: Proxy
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no matter."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, unquote(parts.path), query, headers)
        fault = self.server.proxy.meet(asked)
        if fault and fault.before:
            fault.before()
        match fault.kind if fault else "none":
            case "slow-down":
                self._answer(503, SLOW_DOWN)
            case "error-500":
                self._answer(500, b"")
            case "denied":
                self._answer(403, DENIED)
            case kind:
                self._forward(kind)

    def _forward(self, kind: str) -> None:
        upstream = http.client.HTTPConnection(urlsplit(self.server.proxy.upstream).netloc)
        left_out = {"connection", "if-match"} if kind == "unconditional" else {"connection"}
        headers = {k: v for k, v in self.headers.items() if k.lower() not in left_out}
        upstream.request(self.command, self.path, headers=headers)
        answer = upstream.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        upstream.close()
        if kind in {"reset", "truncated"}:
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            self.close_connection = True
            if kind == "reset":
                now = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                self.connection.close()
            return
        self.wfile.write(data)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name in the base)
        """Silent: what was asked is in `Proxy.asked`."""
