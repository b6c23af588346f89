"""Certificates of an authority that the tests make, and a TLS server with one of them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.tcp_server import listening

SSL_REQUEST = (80877103).to_bytes(4)


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
    folder = Path(tempfile.mkdtemp(dir=open_folder))  # one for each module that uses it
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
    """A server that shows the certificate of that name. A proxy ends TLS, since the embedded PostgreSQL has none."""
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
            try:
                await asyncio.gather(pump(reader, beyond), pump(behind, writer))
            finally:
                beyond.transport.abort()

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    async with listening(accept) as port:
        yield dsn.replace(f":{parts.port}/", f":{port}/")


def verified(dsn: str, root: Path) -> str:
    return f"{dsn}?sslmode=verify-full&sslrootcert={root}"
