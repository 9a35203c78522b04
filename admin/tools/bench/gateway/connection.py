"""One connection of a load generator: as little work for each request as HTTP/1.1 takes, so that the load costs less
than what it measures."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from admin.errors import CheckFailed

LINE_END = b"\r\n"
HEAD_END = b"\r\n\r\n"


def request_bytes(method: str, path: str, host: str, api_key: str, body: Any = None) -> bytes:
    """A whole request. `path` begins behind `/api/v1`; `body` is a JSON document."""
    head = [f"{method} /api/v1{path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {api_key}"]
    data = b""
    if body is not None:
        data = json.dumps(body, separators=(",", ":")).encode()
        head += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    return LINE_END.join(line.encode() for line in head) + HEAD_END + data


@dataclass(frozen=True)
class Reply:
    """What came back: the status, and the body as it is."""

    status: int
    body: bytes

    def document(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


class Connection:
    """A connection that is kept open, and opened again after the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.opened = 0

    async def open(self) -> None:
        """Connects, unless it is connected."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
            self.opened += 1

    async def ask(self, request: bytes) -> Reply:
        """The reply to one request. Raises OSError and EOFError when the connection breaks: then nothing is known of
        the request."""
        await self.open()
        assert self._streams is not None
        reader, writer = self._streams
        try:
            writer.write(request)
            head = await reader.readuntil(HEAD_END)
            status, headers = _parse(head)
            body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
        except BaseException:
            await self.close()
            raise
        if headers.get(b"connection", b"").lower() == b"close":
            await self.close()
        return Reply(status, body)

    async def close(self) -> None:
        """Closes the connection, when it is open."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()


def _parse(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    first, *lines = head[: -len(HEAD_END)].split(LINE_END)
    headers = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    if b"transfer-encoding" in headers:
        raise CheckFailed("REPLY_NOT_UNDERSTOOD", "the load generator asks for whole documents, not for streams")
    return int(first.split(b" ", 2)[1]), headers
