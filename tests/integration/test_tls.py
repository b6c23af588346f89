"""TLS with verify-full: only a server that the right authority vouches for, by the name we asked for, is talked to."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.connection import connect

SSL_REQUEST = (80877103).to_bytes(4)
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")


def openssl(*arguments: str, folder: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def authority(folder: Path, name: str) -> None:
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.crt", folder=folder)  # fmt: skip


def certificate(folder: Path, name: str, signed_by: str, names: str) -> None:
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", folder=folder)  # fmt: skip
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{signed_by}.crt", "-CAkey", f"{signed_by}.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt", folder=folder)  # fmt: skip


@pytest.fixture(scope="module")
def certificates(open_folder):
    folder = Path(tempfile.mkdtemp(dir=open_folder))  # one for each module that asks
    folder.chmod(0o755)
    authority(folder, "ours")
    authority(folder, "another")
    certificate(folder, "right", "ours", "IP:127.0.0.1")
    certificate(folder, "elsewhere", "ours", "DNS:db.example.org,IP:192.0.2.1")
    for path in folder.iterdir():
        path.chmod(0o644)
    return folder


@contextlib.asynccontextmanager
async def served(dsn: str, certificates: Path, name: str) -> AsyncIterator[str]:
    """A server that shows the certificate of that name; the embedded PostgreSQL is built without TLS, so a proxy ends it."""
    parts = urlsplit(dsn)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / f"{name}.crt", certificates / f"{name}.key")

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
            assert (await reader.readexactly(8))[4:] == SSL_REQUEST
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(context)
            behind, beyond = await asyncio.open_connection(parts.hostname, parts.port)
            await asyncio.gather(pump(reader, beyond), pump(behind, writer))
        writer.close()

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield dsn.replace(f":{parts.port}/", f":{server.sockets[0].getsockname()[1]}/")
    finally:
        server.close()


def verified(dsn: str, root: Path) -> str:
    return f"{dsn}?sslmode=verify-full&sslrootcert={root}"


async def test_the_right_authority_and_name_are_let_through(database, certificates):
    async with served(database, certificates, "right") as dsn:
        conn = await connect(verified(dsn, certificates / "ours.crt"))

        assert await conn.fetchval("select 1") == 1

        assert conn._transport.get_extra_info("cipher")
        await conn.close()


async def test_a_certificate_of_another_authority_is_refused(database, certificates):
    async with served(database, certificates, "right") as dsn:
        with pytest.raises(DatabaseUnreachable, match=r"(?i)certificate verify failed"):
            await connect(verified(dsn, certificates / "another.crt"))


async def test_a_certificate_for_another_host_is_refused(database, certificates):
    async with served(database, certificates, "elsewhere") as dsn:
        with pytest.raises(DatabaseUnreachable, match=r"(?i)certificate verify failed"):
            await connect(verified(dsn, certificates / "ours.crt"))


async def test_a_server_without_tls_is_refused_where_tls_is_asked_for(server_dsn, certificates):
    with pytest.raises(DatabaseUnreachable, match=r"(?i)ssl"):
        await connect(verified(server_dsn, certificates / "ours.crt"))
