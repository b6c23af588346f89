"""A small HTTP client over plain sockets: what tests need to query a daemon or a console, with streams."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


@contextlib.asynccontextmanager
async def opened(url: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b""):
    """Sends a request. Returns status, headers and the reader of the reply."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**24)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        given = {"Host": parts.netloc, "Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in given.items())
        writer.write(head.encode() + b"\r\n" + body)
        top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in top[1:]) if name]
        yield int(top[0].split(" ")[1]), pairs, reader
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):  # otherwise its socket outlives the test's loop
            async with asyncio.timeout(5):
                await writer.wait_closed()


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int(await reader.readline(), 16):
        yield await reader.readexactly(size)
        await reader.readline()


async def ask(
    url: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"", seconds: float = 20
) -> Reply:
    async with asyncio.timeout(seconds), opened(url, method, headers, body) as (status, pairs, reader):
        if ("transfer-encoding", "chunked") in pairs:
            return Reply(status, pairs, b"".join([one async for one in _chunks(reader)]))
        return Reply(status, pairs, await reader.read())


async def events(url: str, headers: dict[str, str] | None = None) -> AsyncIterator[tuple[str, Any]]:
    """Server-sent events: name and data."""
    async with opened(url, headers=headers) as (status, pairs, reader):
        assert status == 200, status
        assert ("content-type", "text/event-stream; charset=utf-8") in pairs
        text = ""
        async for chunk in _chunks(reader):
            text += chunk.decode()
            while "\n\n" in text:
                block, _, text = text.partition("\n\n")
                fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
                if fields:
                    yield fields["event"], json.loads(fields["data"])
