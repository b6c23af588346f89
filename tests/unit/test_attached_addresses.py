"""A file that is named by its address is fetched only from the hosts that the operator allows."""

import asyncio
import contextlib
import hashlib
import os
import socket
from pathlib import Path

import pytest

from rfqflow import attachments
from rfqflow.attachments.fetching import Places, content_of_uri, fetched, read_uri
from rfqflow.core.attachments.limits import ReadingLimits
from rfqflow.core.attachments.model import FileKind, UnreadReason
from rfqflow.core.attachments.places import Refused, listed_hosts, may_connect, place_of

HELLO = b"please quote five pumps\n"


async def _all_of(uri: str, places: Places) -> tuple[bytes, bytes]:
    async with fetched(uri, places) as file:
        content = b"".join([piece async for piece in file])
        return content, file.sha256


def get(uri: str, places: Places) -> bytes:
    content, digest = asyncio.run(_all_of(uri, places))
    assert digest == hashlib.sha256(content).digest()
    return content


def reason(uri: str, places: Places) -> UnreadReason:
    with pytest.raises(Refused) as refused:
        get(uri, places)
    assert len(uri) < 8 or uri not in str(refused.value)
    return refused.value.reason


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path / "files"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026/a b.txt").write_bytes(HELLO)
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "files2").mkdir()
    (tmp_path / "files2/secret.txt").write_bytes(b"secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / "large").write_bytes(b"x" * 5000)
    return folder


def test_a_path_below_the_folder_is_read_in_any_spelling(root):
    places = Places(root)
    for uri in (
        "2026/a b.txt",
        f"{root}/2026/a b.txt",
        f"file://{root}/2026/a%20b.txt",
        f"file://localhost{root}/./2026//a%20b.txt",
    ):
        assert get(uri, places) == HELLO


@pytest.mark.parametrize(
    "uri",
    [
        "link.txt", "folder/secret.txt", "../secret.txt", "2026/../../secret.txt", "2026/../link.txt", "/etc/passwd",
        "file:///etc/passwd", "{root}/../secret.txt", "{root}2/secret.txt", "file://{root}/%2e%2e/secret.txt", "pipe", "2026", ".", "",
        "file://elsewhere{root}/large", "a%00b\x00", "2026\\a", "ftp://x.example/a", "data:text/plain,hello", "gopher://127.0.0.1/", "x" * 3000,
        "file://{root}/a%00b", "//etc/passwd",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(root, uri):
    assert reason(uri.replace("{root}", str(root)), Places(root)) is UnreadReason.URI_REFUSED


def test_without_a_folder_no_path_is_read_and_a_missing_or_large_file_is_reported(root):
    assert reason("large", Places()) is UnreadReason.URI_REFUSED
    assert reason("absent.txt", Places(root)) is UnreadReason.URI_UNREACHABLE
    assert reason("large", Places(root, most_bytes=4999)) is UnreadReason.TOO_LARGE
    assert reason("large", Places(root / "absent")) is UnreadReason.URI_UNREACHABLE


@pytest.mark.fault("A3")
def test_a_path_that_is_swapped_for_a_link_gives_no_file_from_elsewhere(root, tmp_path):
    """A user who can write below the folder swaps a part of the path for a link, repeatedly."""
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026/x.txt").write_bytes(b"secret")
    (root / "2026/x.txt").write_bytes(HELLO)
    places = Places(root)
    stop = False

    def swap() -> None:
        (root / "evil").symlink_to(tmp_path / "2026")
        while not stop:
            (root / "2026").rename(root / "kept")
            (root / "evil").rename(root / "2026")
            (root / "2026").rename(root / "evil")
            (root / "kept").rename(root / "2026")

    async def story() -> set[bytes]:
        nonlocal stop
        swapping = asyncio.create_task(asyncio.to_thread(swap))
        seen = set()
        for _ in range(150):
            with contextlib.suppress(Refused):
                seen.add((await _all_of("2026/x.txt", places))[0])
        stop = True
        await swapping
        return seen

    assert asyncio.run(story()) <= {HELLO}


# -- hosts -------------------------------------------------------------------------------------------------------------


class Server:
    """Answers each request as its path says."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers
        self.heard: list[bytes] = []
        self._answering: list[asyncio.Task[None]] = []

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._answering.append(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        self.heard.append(head)
        answer = self.answers.get(head.split()[1].decode(), b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            writer.write(answer.replace(b"ENDLESS", b"x" * 3_000_000))
            await writer.drain()
            if b"HANG" in answer:
                await reader.read()  # until the other side is gone
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def ask(self, path: str, places: Places, host: str = "127.0.0.1") -> object:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        places = Places(
            None,
            listed_hosts(tuple(each.name + f":{port}" for each in places.hosts)),
            places.seconds,
            places.most_bytes,
        )
        try:
            return (await _all_of(f"http://{host}:{port}{path}", places))[0]
        except Refused as refused:
            return refused.reason
        finally:
            server.close()
            for _ in range(3):  # turns of the loop until the list has an accepted connection
                await asyncio.sleep(0)
            await asyncio.gather(*self._answering)


def reported(status: str, *heads: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *heads, "Connection: close", "", ""]).encode() + body


ANSWERS = {
    "/a?b=c": reported("200 OK", f"Content-Length: {len(HELLO)}", body=HELLO),
    "/chunked": reported("200 OK", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"),
    "/moved": reported("302 Found", "Location: http://127.0.0.1/x", "Content-Length: 0"),
    "/large": reported("200 OK", "Content-Length: 99999999"),
    "/endless": reported("200 OK", body=b"ENDLESS"),
    "/packed": reported("200 OK", "Content-Encoding: gzip", "Content-Length: 3", body=b"abc"),
    "/hangs": reported("200 OK", "Content-Length: 50", body=b"HANG"),
    "/torn": reported("200 OK", "Content-Length: 50", body=b"abc"),
    "/garbage": b"\x00\x01\x02 hello\r\n\r\n",
}
LISTED = Places(hosts=listed_hosts(("127.0.0.1",)), most_bytes=1_000_000, seconds=20)


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("/a?b=c", HELLO), ("/chunked", b"hello"), ("/moved", UnreadReason.URI_REFUSED), ("/large", UnreadReason.TOO_LARGE),
        ("/endless", UnreadReason.TOO_LARGE), ("/packed", UnreadReason.URI_UNREACHABLE), ("/absent", UnreadReason.URI_UNREACHABLE),
        ("/torn", UnreadReason.URI_UNREACHABLE), ("/garbage", UnreadReason.URI_UNREACHABLE),
    ],
)  # fmt: skip
def test_an_allowed_host_gives_a_file_or_the_reason_why_not(path, end, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server = Server(ANSWERS)

    assert asyncio.run(server.ask(path, LISTED)) == end
    assert len(server.heard) == 1
    assert b"\r\ncookie:" not in server.heard[0].lower()
    assert b"\r\nauthorization:" not in server.heard[0].lower()


def test_a_host_that_hangs_costs_its_time_limit_only():
    assert (
        asyncio.run(Server(ANSWERS).ask("/hangs", Places(hosts=LISTED.hosts, seconds=0.5)))
        is UnreadReason.URI_UNREACHABLE
    )


@pytest.mark.fault("A3")
def test_an_allowed_name_at_a_private_address_is_not_fetched_unless_the_address_is_allowed_too():
    server = Server(ANSWERS)
    name = Places(hosts=listed_hosts(("localhost",)))
    both = Places(hosts=listed_hosts(("localhost", "127.0.0.1")))

    assert asyncio.run(server.ask("/chunked", name, "localhost")) is UnreadReason.URI_REFUSED
    assert server.heard == []
    addresses = {each[4][0] for each in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}
    if addresses == {"127.0.0.1"}:
        assert asyncio.run(server.ask("/chunked", both, "localhost")) == b"hello"
        assert b"\r\nhost: localhost:" in server.heard[0].lower()


@pytest.mark.parametrize(
    "uri",
    [
        "http://other.example/a", "https://files.example.com:8443/a", "http://user:pw@files.example.com/", "http://files.example.com@evil.example/",
        "http://files.example.com.evil.example/", "http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://[::1]/", "http:///a",
        "http://files.example.com:99999/", "http://files.example.com\\@evil.example/", "http://files.example.com\n.evil.example/", "https://", "HTTP://169.254.169.254/latest/",
    ],
)  # fmt: skip
def test_a_host_that_is_not_allowed_is_refused_in_any_spelling(uri):
    hosts = listed_hosts(("files.example.com",))
    with pytest.raises(Refused) as refused:
        place_of(uri, "/srv", hosts)
    assert refused.value.reason is UnreadReason.URI_REFUSED


def test_hosts_are_compared_without_case_dots_and_default_ports():
    hosts = listed_hosts(("Files.Example.com", "10.0.0.7:8080", "[FD00::7]:81"))
    assert place_of("https://FILES.example.com.:443/a", None, hosts).host == "files.example.com"
    assert place_of("http://10.0.0.7:8080/a b".replace(" ", "%20"), None, hosts).target == "/a%20b"
    assert place_of("http://[fd00:0::7]:81", None, hosts).target == "/"
    for wrong in ("http://x", "a b", "x:0", "x:70000", "", "127.1", "*.example.com", "10.0.0.0/8"):
        with pytest.raises(ValueError, match="is not a host"):
            listed_hosts((wrong,))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::",
        "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::", "ff02::1", "240.0.0.1", "nonsense",
    ],
)  # fmt: skip
def test_a_name_at_a_private_address_is_refused(address):
    assert not may_connect(address, listed_hosts(("files.example.com",)))


def test_public_addresses_and_allowed_ones_are_fetched():
    assert may_connect("93.184.216.34", ())
    assert may_connect("2606:2800:220:1::1", ())
    assert may_connect("10.0.0.7", listed_hosts(("10.0.0.7:8080",)))


@pytest.mark.skipif(not attachments.available(), reason="needs rfqflow[attachments]")
def test_the_file_behind_a_uri_is_read_and_its_hash_returned(root):
    (root / "items.csv").write_bytes(b"Part;Qty\nV-20;40\n")

    reading, digest = asyncio.run(read_uri("", "", "items.csv", Places(root), ReadingLimits()))
    refused, no_digest = asyncio.run(read_uri("a.csv", "", "link.txt", Places(root), ReadingLimits()))

    assert asyncio.run(content_of_uri("items.csv", Places(root))) == b"Part;Qty\nV-20;40\n"
    assert (reading.name, reading.kind, reading.tables[0].rows[1]) == ("items.csv", FileKind.CSV, ("V-20", "40"))
    assert digest == hashlib.sha256(b"Part;Qty\nV-20;40\n").digest()
    assert (refused.name, refused.reason, no_digest) == ("a.csv", UnreadReason.URI_REFUSED, None)


@pytest.mark.parametrize("uri", ["file:///srv/%ff.pdf", "http://files.example.com:99999/a", "http://[::1/a"])
def test_a_uri_that_is_not_valid_text_is_refused_like_any_other(uri):
    with pytest.raises(Refused):
        place_of(uri, "/srv", listed_hosts(("files.example.com",)))
