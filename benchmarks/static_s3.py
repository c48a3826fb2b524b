"""A small S3 server that only lists and hands out, fast: python -m benchmarks.static_s3 FOLDER...

The bucket's top folders are the folders given, their files are held in memory. It speaks as much of
ListObjectsV2 and GetObject as a reader needs, checks If-Match and no signatures. Prints its port.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from bisect import bisect_right
from pathlib import Path
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

_PAGE = 1000
_END_OF_HEAD = b"\r\n\r\n"


class Shelf:
    """Objects by key, in order."""

    def __init__(self, folders: list[Path]) -> None:
        files = [(f"{f.name}/{p.relative_to(f)}", p) for f in folders for p in f.rglob("*.gz")]
        self.bytes = {key: path.read_bytes() for key, path in sorted(files)}
        self.tags = {key: hashlib.md5(data).hexdigest() for key, data in self.bytes.items()}
        self._keys = list(self.bytes)

    def page(self, prefix: str, after: str, delimiter: str, most: int) -> bytes:
        """An answer to ListObjectsV2; a page ends with the key that the next one begins after."""
        keys: list[str] = []
        folders: dict[str, None] = {}
        start = bisect_right(self._keys, max(prefix, after)) if after or prefix else 0
        below = [key for key in self._keys[start:] if key.startswith(prefix)]
        for key in below:
            name, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            if found:
                folders[f"{prefix}{name}{found}"] = None
            else:
                keys.append(key)
        is_cut = len(keys) > most
        keys = keys[:most]
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.bytes[key])}</Size>"
            f"<ETag>&quot;{self.tags[key]}&quot;</ETag>"
            "<LastModified>2026-11-20T00:00:00.000Z</LastModified></Contents>"
            for key in keys
        )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in folders
        )
        token = escape(keys[-1]) if is_cut else ""
        flag = str(is_cut).lower()
        return (
            '<?xml version="1.0"?><ListBucketResult><IsTruncated>'
            f"{flag}</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
            f"{contents}{common}</ListBucketResult>"
        ).encode()


class Connection(asyncio.Protocol):
    """Answers one request after the other."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request; none has a body."""
        self._waiting += data
        while _END_OF_HEAD in self._waiting:
            head, _, self._waiting = self._waiting.partition(_END_OF_HEAD)
            self._transport.write(self._answer(head.decode()))

    def _answer(self, head: str) -> bytes:
        first, *lines = head.split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        path, _, query = first.split(" ")[1].partition("?")
        key = unquote(path).lstrip("/").partition("/")[2]
        if not key:
            asked = {name: values[0] for name, values in parse_qs(query).items()}
            after = asked.get("continuation-token") or asked.get("start-after", "")
            most = min(int(asked.get("max-keys", _PAGE)), _PAGE)
            delimiter = asked.get("delimiter", "")
            return _response(self._shelf.page(asked.get("prefix", ""), after, delimiter, most))
        tag = self._shelf.tags.get(key)
        if tag is None:
            return _response(b"<Error><Code>NoSuchKey</Code></Error>", "404 Not Found")
        if headers.get("if-match", tag).strip('"') != tag:
            return _response(b"<Error><Code>PreconditionFailed</Code></Error>", "412 No")
        modified = "Last-Modified: Fri, 20 Nov 2026 00:00:00 GMT"
        return _response(self._shelf.bytes[key], more=f'ETag: "{tag}"\r\n{modified}\r\n')


def _response(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


async def _serve(shelf: Shelf) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(shelf), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Shelf([Path(folder) for folder in sys.argv[1:]])))
