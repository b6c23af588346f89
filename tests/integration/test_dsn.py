"""DSNs as people paste them: every form connects, and no message holds a piece of the password."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rfqflow import settings as settings_
from rfqflow.cli import main
from rfqflow.core.errors import ConfigError, DatabaseUnreachable
from rfqflow.database import dsn_parsing
from rfqflow.database.connection import connect
from rfqflow.database.dsn import parse
from tests.support.tls import served
from tests.support.transports import is_encrypted, socket_of

AWKWARD = "p@ss:w/or?d#[x]%25 &'\\=+é"


@pytest.fixture
async def place(database, db):
    """The parts of a DSN: a user with an awkward password, and the database."""
    parts = urlsplit(database)
    name = f"awkward_{parts.path[-6:]}"
    quoted = AWKWARD.replace("'", "''")
    await db.execute(f"create role {name} login password E'{quoted.replace(chr(92), chr(92) * 2)}'")
    yield {"u": name, "p": quote(AWKWARD, safe=""), "h": parts.hostname, "port": parts.port, "d": parts.path[1:],
           "kp": AWKWARD.replace("\\", "\\\\").replace("'", "\\'")}  # fmt: skip
    await db.execute(f"drop role {name}")


URL = "{u}:{p}@{h}:{port}/{d}"
FORMS = [
    "postgresql://" + URL,
    "postgres://" + URL,
    "POSTGRESQL://" + URL,
    "postgresql+psycopg://" + URL,
    "postgresql+psycopg2://" + URL,
    "postgresql+asyncpg://" + URL + "?ssl=prefer",
    "postgis://" + URL,
    "psql://" + URL,
    "jdbc:postgresql://{h}:{port}/{d}?user={u}&password={p}&ssl=false&ApplicationName=x&prepareThreshold=0",
    "  'postgresql://" + URL + "'\n",
    "postgresql://{h}:{port}/{d}?user={u}&PASSWORD={p}",
    "postgresql:///{d}?host={h}&port={port}&user={u}&password={p}",
    "postgresql:///{d}?host={h}:{port}&user={u}&password={p}",
    "postgresql://{u}:{p}@{h}:1,{h}:{port}/{d}?load_balance_hosts=random",
    "host={h} port={port} dbname={d} user={u} password='{kp}'",
    "host = {h}  port='{port}' dbname={d} user={u} password='{kp}' application_name=x gssencmode=prefer",
    "host={h},{h} port=1,{port} dbname={d} user={u} password='{kp}'",
    "hostaddr=127.0.0.1 host=nowhere.invalid port={port} dbname={d} user={u} password='{kp}'",
    *(
        f"postgresql://{URL}?{query}"
        for query in (
            "sslmode=prefer&channel_binding=prefer",
            "channel_binding=require&sslmode=prefer",
            "connect_timeout=10&keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3",
            "tcp_user_timeout=5000&gssencmode=disable&sslnegotiation=postgres&target_session_attrs=read-write",
            "application_name=mine&fallback_application_name=x&client_encoding=UTF8&sslsni=1&sslcompression=0",
            "options=-c%20geqo%3Doff%20-c%20statement_timeout%3D5s",
            "pgbouncer=true&schema=public&connection_limit=1&pool_timeout=20&sslaccept=accept_invalid_certs",
            "statement_cache_size=0&prepared_statement_cache_size=0&socket_timeout=10&single_use_connections=true",
            "conn_max_age=600&conn_health_checks=true",
            "pool=5&encoding=utf8&prepared_statements=false&schema_search_path=public",
            "pool_max_conns=10&pool_max_conn_lifetime=1h&default_query_exec_mode=simple_protocol",
            "supa=base-pooler.x&pgbouncer=true",
            "targetServerType=primary&loginTimeout=5&tcpKeepAlive=true&currentSchema=public",
            "search_path=public&statement_timeout=5000&timezone=UTC",
            "uselibpqcompat=true&sslmode=PREFER&sslmode=prefer",
            "krbsrvname=postgres&min_protocol_version=3.0&sslcert=&sslrootcert=",
        )
    ),
]  # fmt: skip


@pytest.mark.fault("D19")
@pytest.mark.parametrize("form", FORMS)
async def test_a_dsn_connects_in_every_form(place, form):
    conn = await connect(form.format_map(place), application_name="rfqflow test")
    try:
        assert await conn.fetchval("select current_user") == place["u"]
        assert await conn.fetchval("select current_setting('application_name')") == "rfqflow test"
        if "geqo" in form:
            assert await conn.fetchval("show geqo") == "off"
    finally:
        await conn.close()


async def reaches(dsn, place) -> bool:
    conn = await connect(dsn)
    try:
        return await conn.fetchval("select current_database()") == place["d"]
    finally:
        await conn.close()


async def test_a_unix_socket_a_service_file_and_a_password_file_work(place, db, tmp_path, monkeypatch):
    folder = (await db.fetchval("show unix_socket_directories")).split(",")[0].strip()
    if folder:
        for dsn in ("postgresql://{u}:{p}@/{d}?host={f}&port={port}", "postgresql://{u}:{p}@{q}:{port}/{d}",
                    "host={f} port={port} dbname={d} user={u} password='{kp}'"):  # fmt: skip
            assert await reaches(dsn.format_map({**place, "f": folder, "q": quote(folder, safe="")}), place)
    services = tmp_path / "services"
    services.write_text(
        f"[mine]\nhost={place['h']}\nport={place['port']}\ndbname={place['d']}\nuser={place['u']}\npassword={AWKWARD}\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    assert await reaches("service=mine", place)
    assert await reaches("postgresql://?service=mine", place)
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"{place['h']}:{place['port']}:*:{place['u']}:plain\n")
    passwords.chmod(0o600)
    await db.execute(f"alter role {place['u']} password 'plain'")
    dsn = "postgresql://{u}@{h}:{port}/{d}".format_map(place)
    assert await reaches(f"{dsn}?passfile={quote(str(passwords), safe='')}", place)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    assert await reaches(dsn, place)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
async def test_the_systems_authorities_are_used_where_a_dsn_says_so(database, certificates, monkeypatch):
    async with served(database, certificates, "right") as dsn:
        for query in ("sslmode=verify-full&sslrootcert=system", "sslrootcert=system", "sslaccept=strict"):
            with pytest.raises(DatabaseUnreachable, match="certificate verify failed"):
                await connect(f"{dsn}?{query}")
            with monkeypatch.context() as patched:
                patched.setenv("SSL_CERT_FILE", str(certificates / "ours.crt"))
                conn = await connect(f"{dsn}?{query}")
            assert is_encrypted(conn)
            await conn.close()
        conn = await connect(f"{dsn}?sslmode=require&channel_binding=require")
        assert is_encrypted(conn)
        await conn.close()
        conn = await connect(f"{dsn}?sslmode=verify-full&sslrootcert={certificates / 'ours.crt'}&require_auth=md5")
        await conn.close()


async def test_a_connection_that_cannot_be_used_is_closed(database, db):
    """A client that tries repeatedly must not use up the server's connections."""
    role = f"hasty_{uuid.uuid4().hex[:8]}"
    await db.execute(f"create role {role} login password 'x'")
    dsn = f"postgresql://{role}:x@{database.rpartition('@')[2]}"
    try:
        # Without the right on this catalog, pinning fails.
        await db.execute("revoke execute on function pg_catalog.set_config(text, text, boolean) from public")
        for _ in range(3):
            with pytest.raises(DatabaseUnreachable, match="42501"):
                await connect(dsn)
        sessions = "select count(*) from pg_stat_activity where usename = $1"
        async with asyncio.timeout(40):
            while await db.fetchval(sessions, role):
                await asyncio.sleep(0.01)
    finally:
        await db.execute("grant execute on function pg_catalog.set_config(text, text, boolean) to public")
        await db.execute(f"drop role {role}")


async def test_keepalives_are_set_on_the_socket_and_a_dsn_may_change_them(database):
    import socket

    for query, idle in (
        ("", 10),
        ("?keepalives_idle=33", 33),
        ("?keepalives_idle=99999999&keepalives_count=999&keepalives_interval=99999", 32767),
        ("?keepalives=0", None),
    ):
        conn = await connect(database + query)
        sock = socket_of(conn)
        assert bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)) is (idle is not None)
        if idle:
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == idle
        await conn.close()


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("bogus_word=1", "bogus_word"),
        ("sslmode=perhaps", "sslmode must be one of disable"),
        ("gssencmode=require", "gssencmode"),
        ("target_session_attrs=x", "target_session_attrs"),
        ("replication=database", "replication"),
        ("sslcert=/not/there.crt", "sslcert"),
        ("connect_timeout=soon", "connect_timeout"),
        ("require_auth=none", "require_auth"),
    ],
)
def test_an_unsupported_parameter_is_refused_by_its_name(query, named):
    with pytest.raises(ConfigError) as raised:
        parse(f"postgresql://u:hunter2@127.0.0.1:1/db?{query}")
    assert named in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_another_database_of_the_same_server_is_reached_by_the_same_means():
    first = parse("postgres://u:p%40'\\x@h:1,[::1]:2/db?sslmode=require&options=-c%20geqo%3Doff&keepalives_idle=7")
    other = parse(first.beside("it's"))
    assert (other.hosts, other.user, other.password) == (first.hosts, first.user, first.password)
    assert (other.database, other.tls, other.server_settings) == ("it's", first.tls, first.server_settings)
    assert other.keepalive == first.keepalive


# -- secrets -----------------------------------------------------------------------------------------------------------

SECRETS = st.text(st.sampled_from("QxZjKv@#/?[]%&:=;'\"\\ +,$!~éß\t"), min_size=8, max_size=24)
LEAKY = [
    "postgresql://grace:{s}@127.0.0.1:1/db",
    "postgresql://grace:{s}@127.0.0.1:1/db?sslmode=disable&bogus=1",
    "postgresql+psycopg://grace:{s}@127.0.0.1:99999/db",
    "postgresql://grace:{s}@127.0.0.1:5x/db",
    "postgresql://grace:{s}@/db?host=127.0.0.1&port=1",
    "postgresql://grace:{s}",
    "postgresql://127.0.0.1:1/db?user=grace&PASSWORD={s}",
    "postgresql://127.0.0.1:1/db?password={s}&sslmode=what",
    "postgresql://127.0.0.1:1/db?sslpassword={s}&sslcert=/none",
    "jdbc:postgresql://127.0.0.1:1/db?user=grace&password={s}",
    "mysql://grace:{s}@127.0.0.1:1/db",
    "grace:{s}@127.0.0.1:1/db",
    "//grace:{s}@127.0.0.1:1/db",
    "postgresql:/grace:{s}@127.0.0.1/db",
    "host=127.0.0.1 port=1 dbname=db user=grace password={s}",
    "password={s} host=127.0.0.1 port=1 dbname=db user=grace",
    "host=127.0.0.1 port=1 password='{s}' dbname=db",
    "host=127.0.0.1;port=1;password={s};database=db",
    "{s}",
]


def pieces(secret: str) -> set[str]:
    return {secret[at : at + 4] for at in range(len(secret) - 3)}


def check_nothing_shown(secret: str, text: str) -> None:
    shown = {one for one in pieces(secret) if one in text}
    assert not shown, (shown, text)


@pytest.mark.fault("D19")
@settings(max_examples=400)
@given(st.sampled_from(LEAKY), SECRETS)
@example(LEAKY[0], "QxZj@KvQx")
@example(LEAKY[0], "QxZj#KvQx")
@example(LEAKY[0], "QxZj/KvQx")
@example(LEAKY[0], "QxZj?KvQx=Zj")
@example(LEAKY[0], "QxZj[KvQx")
@example(LEAKY[0], "QxZj%KvQx")
@example(LEAKY[7], "QxZj&KvQx=1")
@example(LEAKY[14], "QxZj KvQx=1")
@example(LEAKY[18], "QxZjK=vQxZj")
async def test_no_piece_of_a_password_is_in_any_message(form, secret):
    # Pieces that the form of a DSN or the fixed words of a message contain anyway prove nothing.
    assume(not pieces(secret) & (pieces(form) | pieces(dsn_parsing.HINT) | pieces(dsn_parsing.FORMS)))
    try:
        conn = await connect(form.format(s=secret), seconds=0.5)
    except (ConfigError, DatabaseUnreachable) as error:
        check_nothing_shown(secret, f"{error} {error!r}")
    else:
        await conn.close()
        raise AssertionError("no server listens on this port")


COMMANDS = [("status",), ("migrate", "--check"), ("run", "--drain"), ("doctor", "--json"), ("doctor",), ("show", "1"),
            ("console",), ("report", "--json"), ("eval", "list")]  # fmt: skip


@pytest.mark.fault("D19")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("special", [*"@#/?[%&", ":x@", ""])
def test_no_command_prints_a_piece_of_a_password_and_a_likely_culprit_hints_at_percent_encoding(
    command, special, monkeypatch
):
    secret = f"QxZjKv{special}ZvJqXy"
    dsn = f"postgresql://grace:{secret}@127.0.0.1:1/db"
    for name in ("DATABASE_URL", "RFQFLOW_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RFQFLOW_PROVIDER", "rules")
    monkeypatch.setenv("RFQFLOW_LISTEN_URL", dsn)
    for arguments, environment in (((*command, "--database-url", dsn), {}), (command, {"RFQFLOW_DATABASE_URL": dsn})):
        done = CliRunner().invoke(main, arguments, env=environment)
        assert done.exit_code in (1, 2, 3), done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        check_nothing_shown(secret, done.output)
        if special and special != "&":
            assert "percent-encode" in done.output


@pytest.mark.parametrize(
    "arguments",
    [("{d}",), ("status", "{d}"), ("--database-url", "{d}", "status"), ("status", "--databse-url={d}"),
     ("show", "{d}"), ("policy", "{d}"), ("prompt", "list", "{d}"), ("eval", "{d}"), ("backfill", "--limit", "{d}")],
)  # fmt: skip
@pytest.mark.parametrize(
    "dsn", ["postgresql://grace:QxZjKv ZvJqXy@h/db", "grace:QxZjKvZvJqXy@h/db", "host=h password=QxZjKvZvJqXy"]
)
def test_a_dsn_in_the_wrong_place_is_not_repeated(arguments, dsn):
    done = CliRunner().invoke(main, [one.format(d=dsn) for one in arguments])
    assert done.exit_code == 2
    check_nothing_shown("QxZjKvZvJqXy", done.output)
    check_nothing_shown("ZvJqXy", done.output)


def test_a_settings_file_that_cannot_be_read_is_named_as_a_configuration_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rfqflow.toml").symlink_to("/proc/self/mem")  # not even root can read it from its beginning
    done = CliRunner().invoke(main, ["status"])
    assert done.exit_code == 2
    assert "rfqflow.toml cannot be read" in done.output


def test_settings_in_a_file_and_their_repr_hold_no_secret(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "RFQFLOW_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    Path("rfqflow.toml").write_text('database_url = "postgresql://grace:QxZj@KvZv@h/db"\nlease_seconds = "QxZjKvZv"\n')
    done = CliRunner().invoke(main, ["status"])
    assert done.exit_code == 2
    check_nothing_shown("QxZjKvZv", done.output)
    Path("rfqflow.toml").write_text('database_url = "postgresql://grace:QxZj@KvZv@h/db"\n')
    check_nothing_shown("QxZj@KvZv", repr(settings_.load()))
    done = CliRunner().invoke(main, ["status"])
    assert done.exit_code == 2
    check_nothing_shown("QxZj@KvZv", done.output)
    for broken in ('database_url = "postgresql://grace:QxZjKvZv', "database_url = postgresql://grace:QxZjKvZv@h",
                   'database_url = ["postgresql://grace:QxZjKvZv@h"]'):  # fmt: skip
        Path("rfqflow.toml").write_text(broken)
        done = CliRunner().invoke(main, ["status"])
        assert done.exit_code == 2
        check_nothing_shown("QxZjKvZv", done.output)


async def test_a_refused_password_hints_at_percent_encoding(database):
    parts = urlsplit(database)
    dsn = f"postgresql://{parts.username}:wr%41ng-QxZjKv@{parts.hostname}:{parts.port}{parts.path}"
    with pytest.raises(DatabaseUnreachable) as raised:
        await connect(dsn)
    assert "percent-encode" in str(raised.value)
    assert f"{parts.hostname}:{parts.port}" in str(raised.value)
    check_nothing_shown("wrAng-QxZjKv", str(raised.value))


def test_another_applications_database_url_stops_no_command_that_does_not_use_it(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://grace:hunter2@h/db")
    assert settings_.load().database_url == os.environ["DATABASE_URL"]
