"""TLS with verify-full: rfqflow uses only a server with the right authority's certificate for the name in the DSN."""

import shutil

import pytest

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.database.connection import connect
from tests.support.tls import served, verified
from tests.support.transports import is_encrypted

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")


async def test_a_certificate_with_the_right_authority_and_name_is_accepted(database, certificates):
    async with served(database, certificates, "right") as dsn:
        conn = await connect(verified(dsn, certificates / "ours.crt"))

        assert await conn.fetchval("select 1") == 1

        assert is_encrypted(conn)
        await conn.close()


async def test_a_certificate_of_another_authority_is_refused(database, certificates):
    async with served(database, certificates, "right") as dsn:
        with pytest.raises(DatabaseUnreachable, match=r"(?i)certificate verify failed"):
            await connect(verified(dsn, certificates / "another.crt"))


async def test_a_certificate_for_another_host_is_refused(database, certificates):
    async with served(database, certificates, "elsewhere") as dsn:
        with pytest.raises(DatabaseUnreachable, match=r"(?i)certificate verify failed"):
            await connect(verified(dsn, certificates / "ours.crt"))


async def test_a_server_without_tls_is_refused_where_tls_is_required(server_dsn, certificates):
    with pytest.raises(DatabaseUnreachable, match=r"(?i)ssl"):
        await connect(verified(server_dsn, certificates / "ours.crt"))
