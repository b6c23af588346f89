"""Fetches a file that an RFQ names by a URI, from one folder or from listed hosts.

Below the folder, rfqflow opens a path part by part and follows no link, so nobody can exchange a folder meanwhile. It
resolves the name of a host once, checks the addresses, and connects to one of them. It refuses redirects, and limits
size and time.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfqflow.attachments.reader import read_file
from rfqflow.core.attachments.limits import ReadingLimits
from rfqflow.core.attachments.model import FileReading, UnreadReason, unread
from rfqflow.core.attachments.names import file_name
from rfqflow.core.attachments.places import FilePlace, Host, HttpPlace, Refused, may_connect, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    import httpx

_CHUNK = 65_536
_RESOLVING_SECONDS = 5.0
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe must not wait. A pipe is refused later.
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Places:
    """The allowed sources of files, and the limits of time and size for one file."""

    root: Path | None = None
    hosts: tuple[Host, ...] = ()
    seconds: float = 30.0
    most_bytes: int = ReadingLimits().file_bytes


class Fetched:
    """A file's bytes as they arrive, with the size and hash of the bytes so far."""

    def __init__(self, pieces: AsyncIterator[bytes], most_bytes: int) -> None:
        """`most_bytes`: the size above which a file is refused."""
        self.size = 0
        self._hash = hashlib.sha256()
        self._most = most_bytes
        self._pieces = pieces

    @property
    def sha256(self) -> bytes:
        """The hash of the bytes so far."""
        return self._hash.digest()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces."""
        return self

    async def __anext__(self) -> bytes:
        """The next piece."""
        piece = await anext(self._pieces)
        self.size += len(piece)
        if self.size > self._most:
            raise Refused(UnreadReason.TOO_LARGE, "it is larger than may be read")
        self._hash.update(piece)
        return piece


@contextlib.asynccontextmanager
async def fetched(uri: str, places: Places) -> AsyncGenerator[Fetched]:
    """The file behind a URI.

    Raises:
        Refused: the fetch is not allowed, or it fails. Reading the pieces may raise it too.
    """
    place = place_of(uri, os.fspath(places.root) if places.root is not None else None, places.hosts)
    pieces = _of_file(place, places) if isinstance(place, FilePlace) else _of_host(place, places)
    try:
        async with contextlib.aclosing(_in_time(pieces, places.seconds)) as timely:
            yield Fetched(timely, places.most_bytes)
    finally:
        await pieces.aclose()


async def content_of_uri(uri: str, places: Places) -> bytes:
    """All bytes of the file behind a URI.

    Raises:
        Refused: the fetch is not allowed, or it fails.
    """
    async with fetched(uri, places) as file:
        return b"".join([piece async for piece in file])


async def read_uri(
    name: str, content_type: str, uri: str, places: Places, limits: ReadingLimits
) -> tuple[FileReading, bytes | None]:
    """The reading of the file behind a URI, and the hash of its bytes if all bytes arrived."""
    name = file_name(name or uri.partition("?")[0].rpartition("/")[2])
    try:
        async with fetched(uri, places) as file:
            reading = await read_file(name, content_type, file, limits)
            return reading, file.sha256
    except Refused as refused:
        return unread(name, refused.reason), None


async def _in_time(pieces: AsyncGenerator[bytes], seconds: float) -> AsyncGenerator[bytes]:
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    while True:
        try:
            async with asyncio.timeout_at(end):
                piece = await anext(pieces, None)
        except TimeoutError:
            raise Refused(UnreadReason.URI_UNREACHABLE, "it took too long") from None
        if piece is None:
            return
        yield piece


# -- files -------------------------------------------------------------------------------------------------------------


async def _of_file(place: FilePlace, places: Places) -> AsyncGenerator[bytes]:
    handle = await asyncio.to_thread(_opened, place, places)
    reading: asyncio.Future[bytes] | None = None
    try:
        while True:
            reading = asyncio.ensure_future(asyncio.to_thread(os.read, handle, _CHUNK))
            piece = await asyncio.shield(reading)
            if not piece:
                return
            yield piece
    except OSError:
        raise Refused(UnreadReason.URI_UNREACHABLE, "it cannot be read") from None
    finally:
        if reading is None or reading.done():
            os.close(handle)
        else:  # a thread still uses the descriptor, so it must not be closed and its number reused
            reading.add_done_callback(lambda _: os.close(handle))


def _opened(place: FilePlace, places: Places) -> int:
    assert places.root is not None  # noqa: S101 - otherwise there would be no such place
    try:
        # The folder itself may be a link: its target was resolved before.
        folder = os.open(places.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise Refused(UnreadReason.URI_UNREACHABLE, "RFQFLOW_ATTACHMENT_ROOT cannot be opened") from None
    try:
        for part in place.parts[:-1]:
            inner = os.open(part, _OPEN_FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        handle = os.open(place.parts[-1], _OPEN_FILE, dir_fd=folder)
    except FileNotFoundError:
        raise Refused(UnreadReason.URI_UNREACHABLE, "the file does not exist") from None
    except (OSError, ValueError):
        raise Refused(UnreadReason.URI_REFUSED, "it is a link, or may not be opened") from None
    finally:
        os.close(folder)
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode) or about.st_size > places.most_bytes:
        os.close(handle)
        if stat.S_ISREG(about.st_mode):
            raise Refused(UnreadReason.TOO_LARGE, "it is larger than may be read")
        raise Refused(UnreadReason.URI_REFUSED, "it is not a file")
    return handle


# -- hosts -------------------------------------------------------------------------------------------------------------


async def _of_host(place: HttpPlace, places: Places) -> AsyncGenerator[bytes]:
    import httpx  # noqa: PLC0415 - most files are in the database

    address = await _address(place, places)
    shown = f"[{address}]" if ":" in address else address
    port = "" if place.port in {80, 443} else f":{place.port}"
    host = f"[{place.host}]" if ":" in place.host else place.host
    # Use no proxy, cookies or keys from the environment: the connection must go to the checked address.
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=places.seconds) as client:
        request = client.build_request(
            "GET", f"{place.scheme}://{shown}:{place.port}{place.target}",
            headers={"Host": f"{host}{port}", "Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "rfqflow"},
            extensions={"sni_hostname": place.host},
        )  # fmt: skip
        try:
            response = await client.send(request, stream=True)
            try:
                _check(response, address, places)
                async for piece in response.aiter_raw(_CHUNK):
                    yield piece
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise Refused(UnreadReason.URI_UNREACHABLE, "its host does not answer") from None


async def _address(place: HttpPlace, places: Places) -> str:
    """The address to connect to. Refuses a host if any of its addresses is not allowed."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_RESOLVING_SECONDS):
            found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise Refused(UnreadReason.URI_UNREACHABLE, "its host has no address") from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(may_connect(each, places.hosts) for each in addresses):
        raise Refused(UnreadReason.URI_REFUSED, "its host is at a private address, which is not listed")
    return addresses[0]


def _check(response: httpx.Response, address: str, places: Places) -> None:
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    if peer is not None and str(peer[0]).partition("%")[0] != address.partition("%")[0]:
        raise Refused(UnreadReason.URI_REFUSED, "another address answers")
    if 300 <= response.status_code < 400:  # noqa: PLR2004 - redirects
        raise Refused(UnreadReason.URI_REFUSED, "its host redirects to another address")
    if response.status_code != 200:  # noqa: PLR2004 - any other status brings no file
        raise Refused(UnreadReason.URI_UNREACHABLE, "its host has no such file")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Refused(UnreadReason.URI_UNREACHABLE, "it is compressed, although the request forbids that")
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > places.most_bytes:
        raise Refused(UnreadReason.TOO_LARGE, "it is larger than may be read")
