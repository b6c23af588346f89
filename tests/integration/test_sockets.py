"""Clients that are silent, slow, do not read, or come by the hundred: a probe still gets its answer."""

import asyncio
import contextlib
import resource
import socket
import struct
from urllib.parse import urlsplit

import pytest

from rfqflow.http import limits
from tests.support.console_process import console
from tests.support.http_client import ask, opened
from tests.support.http_daemon import answering, insert


@pytest.fixture(params=["daemon", "console"])
async def served(request, database):
    async with answering(database) if request.param == "daemon" else console(database) as (url, process):
        yield url, process


@contextlib.asynccontextmanager
async def crowd(url: str, number: int, first_words: bytes = b""):
    """Opens this many connections, each with the same first bytes."""
    parts = urlsplit(url)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    writers = []
    try:
        for _ in range(number):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writers.append((reader, writer))
            if first_words:
                writer.write(first_words)
        yield writers
    finally:
        for _, writer in writers:
            writer.transport.abort()


async def closed(reader: asyncio.StreamReader, seconds: float) -> bytes:
    """The bytes that came until the other side closed."""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(seconds):
            return await reader.read()
    return b""


@pytest.mark.fault("H1")
@pytest.mark.parametrize(
    "first_words",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
     b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"],
    ids=["silent", "half a head", "half a body", "kept alive"],
)  # fmt: skip
async def test_six_hundred_sockets_do_not_keep_a_probe_from_its_answer(served, first_words):
    url, _ = served
    async with crowd(url, 600, first_words):
        for _ in range(5):
            assert (await ask(url + "/healthz", seconds=10)).status == 200
        assert (await ask(url + "/login", seconds=10)).status in (200, 404, 503)


async def test_a_probe_that_connected_first_is_still_answered(served):
    url, _ = served
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    async with crowd(url, 400):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await closed(reader, 10)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_the_socket_that_was_silent_longest_makes_room_for_a_new_one(request, served):
    url, _ = served
    most = limits.MOST_SOCKETS if "daemon" in request.node.name else limits.MOST_SOCKETS_OF_CONSOLE
    async with crowd(url, most + 88) as clients:
        assert await closed(clients[0][0], limits.HEAD_SECONDS / 2) == b""


@pytest.mark.fault("H1")
async def test_a_slow_header_is_given_up_and_more_bytes_gain_no_time(served):
    url, _ = served
    async with crowd(url, 2, b"GET /healthz HTTP/1.1\r\n") as ((silent, _), (dribbling, writer)):
        began = asyncio.get_running_loop().time()

        async def dribble():
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"X: y\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.5)

        task = asyncio.create_task(dribble())
        await asyncio.gather(closed(silent, 60), closed(dribbling, 60))
        task.cancel()
        assert asyncio.get_running_loop().time() - began >= limits.HEAD_SECONDS - 0.5


async def test_many_requests_on_one_connection_are_answered_in_order(served):
    url, _ = served
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 300)
    writer.write(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    text = await closed(reader, 30)
    assert text.count(b"HTTP/1.1 200") == 300
    assert text.count(b"HTTP/1.1 404") == 1
    assert text.index(b"HTTP/1.1 404") > text.rindex(b"HTTP/1.1 200")
    writer.close()


async def test_a_huge_header_and_noise_are_refused_and_not_logged(served):
    url, process = served
    parts = urlsplit(url)
    for words in (
        b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + b"zanzibar" * 100 + b"\r\n",
    ):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(words)
        assert (await closed(reader, 20))[:12] in (b"HTTP/1.1 400", b"")
        writer.close()
    assert (await ask(url + "/healthz")).status == 200
    assert "zanzibar" not in process.text
    assert "Traceback" not in process.text


@pytest.mark.fault("H1")
async def test_streams_beyond_the_limit_are_refused_with_retry_after_even_at_once(database, db):
    rfq_id = await insert(db, "we need pumps")
    async with answering(database, RFQFLOW_POLL_SECONDS="60") as (url, _):
        await db.execute("select ai.pause('a', 'b')")
        rfq_id = await insert(db, "we need more pumps")
        target = f"{url}/rfqs/{rfq_id}/events"
        async with contextlib.AsyncExitStack() as stack:
            got = await asyncio.gather(*(stack.enter_async_context(opened(target)) for _ in range(130)))
            status = [one[0] for one in got]
            assert status.count(200) == 100
            assert status.count(429) == 30
            refused = next(dict(one[1]) for one in got if one[0] == 429)
            assert int(refused["retry-after"]) > 0
            assert (await ask(url + "/healthz")).status == 200
            assert (await ask(f"{url}/rfqs/{rfq_id}")).status == 200

        async def free():
            async with opened(target) as (status, _, _):
                return status == 200

        async with asyncio.timeout(30):  # the places are released
            while not await free():
                await asyncio.sleep(0.05)


@pytest.mark.fault("H1")
async def test_a_client_that_does_not_read_is_dropped(monkeypatch):
    """The protocol alone, on a real socket: no page of ours fills a socket's buffer by itself."""
    monkeypatch.setattr(limits, "READ_SECONDS", 2.0)
    monkeypatch.setattr(limits, "keepalive", list)  # the system, too, drops such a client after 20 s
    from rfqflow.core.endpoint import Listening
    from rfqflow.http.server import bound, serving, url_of

    ended = asyncio.Event()

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        try:
            for _ in range(400):
                await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        finally:
            ended.set()

    sock = bound(Listening("127.0.0.1", 0), "--http")
    async with serving(app, sock, asyncio.Event()):
        parts = urlsplit(url_of(sock))
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect((parts.hostname, parts.port))
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(60):
            await ended.wait()
        received = 0
        with contextlib.suppress(ConnectionError):
            while part := await asyncio.to_thread(raw.recv, 1 << 20):
                received += len(part)
        assert received < 400 * 65536
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()


async def test_requests_in_progress_have_a_limit_and_a_probe_has_none():
    from rfqflow.core.endpoint import Listening
    from rfqflow.http.server import bound, serving, url_of

    gate = asyncio.Event()

    async def app(scope, receive, send):
        if scope["path"] != "/healthz":
            await gate.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    sock = bound(Listening("127.0.0.1", 0), "--http")
    async with serving(app, sock, asyncio.Event()):
        url = url_of(sock)
        waiting = [asyncio.create_task(ask(url + "/slow", seconds=30)) for _ in range(130)]
        refused = 0
        async with asyncio.timeout(30):
            while refused < 130 - 512 // 5:
                done = [one for one in waiting if one.done()]
                refused = sum(one.result().status == 503 for one in done)
                await asyncio.sleep(0.01)
        assert (await ask(url + "/healthz")).status == 200
        gate.set()
        replies = await asyncio.gather(*waiting)
        assert sorted({one.status for one in replies}) == [200, 503]
        assert all(int(one.header("retry-after")) > 0 for one in replies if one.status == 503)
        assert (await ask(url + "/slow")).status == 200


@pytest.mark.fault("H1")
async def test_a_socket_that_pipelines_requests_gets_no_more_than_its_turns(served):
    url, _ = served
    async with crowd(url, 1, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 20_000) as ((reader, _),):
        clock = asyncio.get_running_loop().time
        began = clock()
        for _ in range(20):
            assert (await ask(url + "/healthz", seconds=10)).status == 200
        answers = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while got := await reader.read(1 << 20):
                    answers += got.count(b"HTTP/1.1 200")
        assert 0 < answers <= (clock() - began) / 0.01 + 2
