"""A DSN with several hosts: rfqflow finds the server that accepts writes, in any state of the others."""

from __future__ import annotations

import shutil
import socket
from urllib.parse import urlsplit

import pytest

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.connection import connect
from tests.chaos.cluster import OWNER, Node
from tests.support.tls import served, verified
from tests.support.transports import is_encrypted


def beside(dsn: str, *hosts: str) -> str:
    """The DSN with these hosts before its own."""
    at, _, own = urlsplit(dsn).netloc.rpartition("@")
    return dsn.replace(f"{at}@{own}", f"{at}@{','.join((*hosts, own))}")


@pytest.fixture
def unreachable_host() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def test_an_unreachable_host_is_skipped(database, unreachable_host):
    conn = await connect(beside(database, unreachable_host, unreachable_host))
    assert await conn.fetchval("select 1") == 1
    await conn.close()


async def test_a_standby_is_skipped_until_it_is_promoted(open_folder):
    folder = open_folder / "hosts"
    folder.mkdir()
    folder.chmod(0o755)
    primary, standby = Node(folder, "primary"), Node(folder, "standby")
    if not primary.can_be_copied:
        pytest.skip("there is no pg_basebackup beside the server's programs")
    dsn = f"postgresql://{OWNER}@127.0.0.1:{standby.port},127.0.0.1:{primary.port}/postgres"
    try:
        primary.initialise()
        await primary.start()
        standby.copy_of(primary)
        await standby.start()

        conn = await connect(dsn)
        assert conn.get_settings().in_hot_standby == "off"
        assert await conn.fetchval("select inet_server_port()") == primary.port
        await conn.close()

        await primary.stop()
        with pytest.raises(DatabaseUnreachable) as raised:
            await connect(dsn)
        assert f":{primary.port}" in str(raised.value)
        assert f":{standby.port}" in str(raised.value)
        conn = await connect(standby.dsn_of(OWNER, "postgres"))
        await conn.fetchval("select pg_promote(true, 30)")
        await conn.close()
        conn = await connect(dsn)
        assert await conn.fetchval("select inet_server_port()") == standby.port
        await conn.close()
    finally:
        primary.kill()
        standby.kill()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
async def test_each_host_must_show_the_right_certificate(database, certificates, unreachable_host):
    async with served(database, certificates, "elsewhere") as wrong, served(database, certificates, "right") as right:
        impostor = urlsplit(wrong).netloc.rpartition("@")[2]
        root = certificates / "ours.crt"
        conn = await connect(verified(beside(right, unreachable_host, impostor), root))
        assert is_encrypted(conn)
        await conn.close()

        # Refused before the password is sent: no server knows this password, and the tests' server may need none.
        guarded = f"postgresql://grace:a-secret@{impostor}/postgres"
        with pytest.raises(DatabaseUnreachable, match=r"(?i)certificate verify failed") as raised:
            await connect(verified(beside(guarded, unreachable_host), root))
        assert "a-secret" not in str(raised.value)
