"""The HTTP client for models. It follows no redirects, refuses compressed replies, and limits the size of replies."""

import os
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import httpx2

from rfqflow.core.errors import ConfigError
from rfqflow.llm import sending
from rfqflow.llm.chat import MAX_REPLY_BYTES
from rfqflow.llm.error_classification import CutReplyError, EncodedReplyError, ReplyTooLargeError
from rfqflow.sockets import keepalive

# seconds; routers and load balancers forget a connection after 25 s or more without traffic, and then drop its packets
KEEPALIVE_SECONDS = 10.0
_CALLS_PER_POOL = 16
_OURS = (b"x-stainless-", b"accept-encoding")


def client(*, concurrency: int, connect_seconds: float, max_reply_bytes: int = MAX_REPLY_BYTES) -> httpx2.AsyncClient:
    """A client for `concurrency` calls in flight.

    It refuses redirects, because a 307 would post the customer's text to an address that the server chooses. From the
    environment, it ignores proxies and netrc, but uses the certificate files. It has no read timeout: a reply of slow
    single bytes never exceeds one, and the caller's deadline limits the whole call. Each pool has twice the needed
    room, so that no call waits for calls that are being cancelled.
    """
    limits = httpx2.Limits(
        max_connections=2 * _CALLS_PER_POOL,
        max_keepalive_connections=_CALLS_PER_POOL,
        keepalive_expiry=KEEPALIVE_SECONDS,
    )
    # Use several pools: a pool checks each of its connections twice per call, and with 1,000 connections that takes
    # most of a call's CPU time.
    certificates = _certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    pools = [
        _Pool(httpx2.AsyncHTTPTransport(verify=certificates, limits=limits, socket_options=keepalive()))
        for _ in range(-(-concurrency // _CALLS_PER_POOL))
    ]
    return httpx2.AsyncClient(
        transport=_Guarded(pools, max_reply_bytes),
        timeout=httpx2.Timeout(None, connect=connect_seconds),
        follow_redirects=False,
        trust_env=False,
    )


def unused() -> httpx2.AsyncClient:
    """A client for an SDK that only builds headers. Raises ConfigError as `client` does."""
    return client(concurrency=1, connect_seconds=1.0, max_reply_bytes=MAX_REPLY_BYTES)


@lru_cache(maxsize=4)
def _certificates(file: str | None, folder: str | None) -> ssl.SSLContext:
    """The certificates that the environment names, or else the system's.

    All clients share them, since loading them takes 20 ms.
    """
    del file, folder
    try:
        return httpx2.create_ssl_context()
    except OSError as error:  # an SSLError is an OSError as well
        raise ConfigError("SSL_CERT_FILE or SSL_CERT_DIR names missing files, or files without certificates") from error


@dataclass(slots=True)
class _Pool:
    """A connection pool and its number of active calls."""

    inner: httpx2.AsyncHTTPTransport
    calls: int = 0


class _Guarded(httpx2.AsyncBaseTransport):
    def __init__(self, pools: Sequence[_Pool], max_reply_bytes: int) -> None:
        self._pools = pools
        self._max_reply_bytes = max_reply_bytes

    def _pool(self) -> _Pool:
        """The first pool with room, so that few calls use few connections."""
        with_room = (pool for pool in self._pools if pool.calls < _CALLS_PER_POOL)
        return next(with_room, None) or min(self._pools, key=lambda pool: pool.calls)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = request.stream
        assert isinstance(body, httpx2.AsyncByteStream)  # noqa: S101 - an async client always gives an async stream
        # Send a copy without the SDK's own headers, which reveal this host's system and versions. The SDK still needs
        # them in the original.
        headers = [(name, value) for name, value in request.headers.raw if not name.lower().startswith(_OURS)]
        request = httpx2.Request(
            request.method,
            request.url,
            headers=[*headers, (b"accept-encoding", b"identity")],
            stream=_Marked(body),
            extensions=request.extensions,
        )
        pool = self._pool()
        pool.calls += 1
        try:
            response = await pool.inner.handle_async_request(request)
        except BaseException:
            pool.calls -= 1
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - the async transport always gives an async stream
        response.stream = _Capped(response.stream, self._max_reply_bytes, pool, is_error=not response.is_success)
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        length = response.headers.get("content-length", "")
        is_encoded = encoding not in ("", "identity")
        if not is_encoded and not (length.isdecimal() and int(length[:20]) > self._max_reply_bytes):
            return response
        await response.aclose()
        if response.is_success:
            raise EncodedReplyError if is_encoded else ReplyTooLargeError
        # Do not refuse a compressed error page: many gateways compress it in any case, and the status is enough.
        headers = [(name, value) for name, value in response.headers.raw if not name.lower().startswith(b"content-")]
        return httpx2.Response(response.status_code, headers=headers, stream=httpx2.ByteStream(b""))

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.inner.aclose()


class _Marked(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    def __aiter__(self) -> AsyncIterator[bytes]:
        # The pool calls only this method, since a ByteStream supports both kinds of reading.
        return sending.marked(self._inner.__aiter__())


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, room: int, pool: _Pool, *, is_error: bool) -> None:
        self._inner = inner
        self._room = room
        self._is_error = is_error
        self._pool: _Pool | None = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                self._room -= len(chunk)
                if self._room < 0 and self._is_error:
                    return  # the part that was received says enough about the error
                if self._room < 0:
                    raise ReplyTooLargeError
                yield chunk
        except httpx2.TimeoutException:
            raise
        except httpx2.TransportError as error:
            raise CutReplyError from error

    async def aclose(self) -> None:
        if self._pool is not None:
            self._pool.calls -= 1
            self._pool = None
        await self._inner.aclose()
