"""The HTTP client for models: it goes nowhere else, unpacks nothing, and stops reading at a cap."""

from collections.abc import AsyncIterator

import httpx2

from rfqflow.llm.chat import MAX_REPLY_BYTES
from rfqflow.llm.classify import CutReplyError, EncodedReplyError, ReplyTooLargeError

_KEEPALIVE_SECONDS = 30.0
_OURS = (b"x-stainless-", b"accept-encoding")


def client(*, concurrency: int, connect_seconds: float, max_reply_bytes: int = MAX_REPLY_BYTES) -> httpx2.AsyncClient:
    """A client for `concurrency` calls in flight.

    Redirects are refused, because a 307 would post the customer's text to whoever asks for it. Proxies and
    netrc of the environment are not used, its certificate files are. There is no read timeout: a drip of
    bytes never trips one, and the caller's deadline covers the whole call. The pool has twice the room that
    is needed, so that calls which are just being cancelled never keep others waiting.
    """
    limits = httpx2.Limits(
        max_connections=max(2 * concurrency, 16),
        max_keepalive_connections=max(concurrency, 8),
        keepalive_expiry=_KEEPALIVE_SECONDS,
    )
    return httpx2.AsyncClient(
        transport=_Guarded(httpx2.AsyncHTTPTransport(limits=limits), max_reply_bytes),
        timeout=httpx2.Timeout(None, connect=connect_seconds),
        follow_redirects=False,
        trust_env=False,
    )


class _Guarded(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncHTTPTransport, max_reply_bytes: int) -> None:
        self._inner = inner
        self._max_reply_bytes = max_reply_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        # A copy: the SDK still looks at its own headers in the original, and would tell every server our system
        # and its versions.
        headers = [(name, value) for name, value in request.headers.raw if not name.lower().startswith(_OURS)]
        request = httpx2.Request(
            request.method,
            request.url,
            headers=[*headers, (b"accept-encoding", b"identity")],
            stream=request.stream,
            extensions=request.extensions,
        )
        response = await self._inner.handle_async_request(request)
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            await response.aclose()
            raise EncodedReplyError
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self._max_reply_bytes:
            await response.aclose()
            raise ReplyTooLargeError
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - the async transport's own promise
        response.stream = _Capped(response.stream, self._max_reply_bytes)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, room: int) -> None:
        self._inner = inner
        self._room = room

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                self._room -= len(chunk)
                if self._room < 0:
                    raise ReplyTooLargeError
                yield chunk
        except httpx2.TimeoutException:
            raise
        except httpx2.TransportError as error:
            raise CutReplyError from error

    async def aclose(self) -> None:
        await self._inner.aclose()
