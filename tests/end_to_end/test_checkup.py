"""`rfqflow doctor` names what is broken in a database and the remedy. The tests break each part for real."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from rfqflow.core.finding import Finding
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.store.diagnostics import DiagnosticTarget, examine
from tests.support import command_server
from tests.support.tcp_server import listening


async def found(dsn: str, **changes: Any) -> list[Finding]:
    return [finding async for finding in examine(DiagnosticTarget(dsn, **changes))]


def bad(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.level != "ok" and "No daemon is at work" not in one.what]


def assert_only(findings: list[Finding], level: str, words: str, remedy: str) -> None:
    """Exactly one finding fails, and it is this."""
    (only,) = bad(findings)
    assert only.level == level, only
    assert words in only.what, only
    assert remedy in only.remedy, only


class Wire:
    """A proxy that understands messages: it drops notifications, or reports another server version."""

    def __init__(self, dsn: str, *, deaf: bool = False, version: str | None = None) -> None:
        self._parts = urlsplit(dsn)
        self._deaf, self._version = deaf, version
        self._stack = contextlib.AsyncExitStack()
        self.swallowed = 0

    async def __aenter__(self) -> str:
        port = await self._stack.enter_async_context(listening(self._serve))
        at = self._parts.netloc.rpartition("@")[0]
        return urlunsplit(self._parts._replace(netloc=f"{at}@127.0.0.1:{port}", query="sslmode=disable"))

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, beyond = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        tasks = [asyncio.create_task(self._up(reader, beyond)), asyncio.create_task(self._down(behind, writer))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            beyond.transport.abort()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(5)
                body = await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)
                if self._deaf and head[:1] == b"A":
                    self.swallowed += 1
                    continue
                if self._version and head[:1] == b"S" and body.startswith(b"server_version\0"):
                    body = b"server_version\0" + self._version.encode() + b"\0"
                    head = b"S" + struct.pack("!I", len(body) + 4)
                writer.write(head + body)


async def test_a_sound_database_passes(database):
    findings = await found(database)

    assert bad(findings) == []
    assert len(findings) >= 9
    assert [one.what for one in findings if one.level == "warn"] == ["No daemon is at work: new RFQs will wait."]


async def test_a_missing_server_is_reported(database):
    findings = await found("postgresql://somebody:secret@127.0.0.1:1/none")

    assert [one.level for one in findings] == ["fail"]
    assert "127.0.0.1:1" in findings[0].what
    assert "secret" not in findings[0].what


async def test_a_server_that_is_too_old_is_reported(database):
    async with Wire(database, version="13.22") as dsn:
        findings = await found(dsn)

    assert [one.level for one in findings] == ["fail"]
    assert "PostgreSQL 13: too old" in findings[0].what
    assert "14 or later" in findings[0].remedy


async def test_a_database_without_the_schema_is_reported(empty_database):
    findings = await found(empty_database)

    assert [one.level for one in findings] == ["ok", "fail"]
    assert ("no rfqflow schema" in findings[1].what, findings[1].remedy) == (True, "run `rfqflow migrate`")


async def test_a_pending_migration_is_reported(db, database):
    await db.execute("delete from ai.rfqflow_migration where name like 'schema/09%'")
    findings = await found(database)

    assert findings[-1].level == "fail"
    assert "behind by 1 migration(s), first schema/09_models.sql" in findings[-1].what
    assert "rfqflow migrate" in findings[-1].remedy


async def test_a_view_or_function_of_another_release_is_reported(db, database):
    await db.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name = 'views/metrics.sql'")
    assert_only(await found(database), "warn", "views/metrics.sql", "rfqflow migrate")


async def test_a_schema_of_a_later_release_is_reported(db, database):
    add = "insert into ai.rfqflow_migration (name, sha256, breaking) values ($1, repeat('a', 64), $2)"
    await db.execute(add, "migrations/0098_later.sql", False)
    assert_only(await found(database), "warn", "0098_later", "upgrade rfqflow")

    await db.execute(add, "migrations/0099_breaking.sql", True)
    findings = await found(database)
    assert (findings[-1].level, "0099_breaking" in findings[-1].what) == ("fail", True)


async def test_a_migration_that_was_applied_in_another_version_is_reported(db, database):
    await db.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name like 'schema/02%'")
    findings = await found(database)

    assert (findings[-1].level, "another version" in findings[-1].what) == ("fail", True)


@pytest.fixture
async def as_role(server_dsn, database) -> AsyncIterator[Any]:
    """DSNs of a role that can log in, with the grants of a test."""
    made: list[str] = []
    admin = await connect(database)

    async def make(*grants: str) -> tuple[str, str]:
        name = f"rfqflow_login_{os.getpid()}_{len(made)}"
        await admin.execute(f"create role {name} login password 'pw'")
        made.append(name)
        for grant in grants:
            await admin.execute(f"grant {grant} to {name}")
        parts = urlsplit(database)
        at = f"{name}:pw@{parts.hostname}:{parts.port}"
        return name, urlunsplit(parts._replace(netloc=at))

    yield make
    for name in made:
        await admin.execute(f"drop owned by {name} cascade; drop role {name}")
    await admin.close()


async def test_a_role_without_the_grant_is_reported(as_role):
    name, dsn = await as_role()
    findings = await found(dsn)
    assert findings[-1].level == "fail"
    assert "grant rfqflow_worker" in findings[-1].remedy

    name, dsn = await as_role("usage on schema ai", "select on ai.rfqflow_migration, ai.queue_status, ai.worker_status")
    findings = bad(await found(dsn))
    assert findings[0].level == "fail"
    assert f"the role {name} has no right to ai.acquire_doorbell and " in findings[0].what
    assert findings[0].remedy == f'grant rfqflow_worker to "{name}"'


async def test_a_workers_role_is_enough_and_the_report_says_what_it_may_not_see(as_role):
    _, dsn = await as_role("rfqflow_worker")
    findings = bad(await found(dsn))
    assert all("not checked" in one.what for one in findings), findings
    assert {one.level for one in findings} <= {"warn"}

    _, dsn = await as_role("rfqflow_worker", "rfqflow_reader")
    assert bad(await found(dsn)) == []


async def test_a_right_that_was_taken_from_the_workers_role_is_reported(as_role, db):
    _, dsn = await as_role("rfqflow_worker", "rfqflow_reader")
    await db.execute("revoke execute on function ai.find_unqueued_rfqs() from rfqflow_worker")
    assert_only(await found(dsn), "fail", "rfqflow_worker lacks the right to ai.find_unqueued_rfqs", "rfqflow migrate")


@pytest.mark.parametrize(
    "name", ["rfqflow_guard_insert", "rfqflow_guard_update", "rfqflow_enqueue", "rfqflow_enqueue_edited"]
)
async def test_a_disabled_or_missing_trigger_is_reported(db, database, name):
    await db.execute(f"alter table public.rfq_requests disable trigger {name}")
    assert_only(await found(database), "fail", f"trigger {name} is disabled", f"enable trigger {name}")

    (remedy,) = [one.remedy for one in bad(await found(database))]
    await db.execute(remedy)
    assert bad(await found(database)) == []

    await db.execute(f"drop trigger {name} on public.rfq_requests")
    assert_only(await found(database), "fail", f"lacks the trigger {name}", "rfqflow migrate")


async def test_a_large_mapped_table_without_an_index_for_lists_is_reported(db, database):
    await db.execute("drop index public.rfq_requests_created_at")
    assert bad(await found(database)) == []  # small
    await db.execute("update pg_class set reltuples = 1e6 where oid = 'public.rfq_requests'::regclass")
    assert_only(
        await found(database), "warn", "no index on created_at, and about 1,000,000", "create index concurrently"
    )
    (remedy,) = [one.remedy for one in bad(await found(database))]
    await db.execute(remedy)
    await db.execute("update pg_class set reltuples = 1e6 where oid = 'public.rfq_requests'::regclass")
    assert bad(await found(database)) == []


async def test_paused_workers_are_reported(db, database):
    await db.execute("select ai.pause('ada')")
    assert_only(await found(database), "warn", "paused", "rfqflow resume")


async def test_a_middlebox_that_drops_notifications_is_reported(database):
    wire = Wire(database, deaf=True)
    async with wire as dsn:
        findings = await found(database, listen_url=dsn)
    assert_only(findings, "warn", "did not arrive within 3 s", "RFQFLOW_LISTEN_URL")
    assert wire.swallowed == 1

    async with Wire(database) as dsn:
        assert bad(await found(dsn, listen_url=dsn)) == [], "the wire itself is sound"


async def test_a_pooler_in_front_of_the_database_is_reported(database, open_folder):
    from tests.support.pooler import pgbouncer

    with pgbouncer(database, open_folder / "pooler-doctor") as pooled:
        assert_only(await found(pooled), "warn", "goes through a pooler", "RFQFLOW_LISTEN_URL")
        assert bad(await found(pooled, listen_url=database)) == []


async def test_a_wrong_listen_url_and_switched_off_listening_are_reported(database):
    findings = await found(database, listen_url="postgresql://127.0.0.1:1/none")
    assert_only(findings, "fail", "RFQFLOW_LISTEN_URL", "correct it")
    findings = await found(database, listen_url="postgresql://127.0.0.1:1/none", listens=False)
    assert bad(findings) == []


async def test_a_transaction_that_pins_the_oldest_snapshot_is_named_by_its_pid(database, open_connection):
    holder = await open_connection()
    await holder.execute("begin isolation level repeatable read; select 1")
    pid = await holder.fetchval("select pg_backend_pid()")
    assert bad(await found(database)) == [], "it is not a long one yet"

    findings = await found(database, long_seconds=0.0)
    assert_only(findings, "warn", f"pid {pid} (rfqflow, ", f"pg_terminate_backend({pid})")
    assert "holds a snapshot open" in bad(findings)[0].what

    await holder.execute("rollback")
    assert bad(await found(database, long_seconds=0.0)) == []


async def test_a_transaction_that_blocks_the_doorbell_is_named_by_its_pid(database, open_connection):
    holder = await open_connection()
    await holder.execute("begin; insert into public.rfq_requests (message) values ('m')")
    pid = await holder.fetchval("select pg_backend_pid()")
    assert bad(await found(database)) == []

    findings = await found(database, long_seconds=0.0)
    assert_only(findings, "warn", f"pid {pid} (rfqflow, ", f"pg_terminate_backend({pid})")
    assert "cannot acquire the doorbell" in bad(findings)[0].what

    await holder.execute("commit")
    assert bad(await found(database, long_seconds=0.0)) == []


async def test_a_missing_partition_is_reported(db, database):
    names = [
        row[0] for row in await db.fetch(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
            "where i.inhparent = 'ai.rag_runs'::regclass and c.relname <> 'rag_runs_default' order by 1"
        )
    ]  # fmt: skip
    await db.execute(f"drop table ai.{names[1]}")
    assert_only(await found(database), "warn", "no partition for the week from", "ai.make_partitions()")

    await db.execute(bad(await found(database))[0].remedy.partition(": ")[2])
    assert bad(await found(database)) == []

    await db.execute(f"alter table ai.rag_runs detach partition ai.{names[0]}")
    assert_only(await found(database), "warn", "no partition for the week from", "ai.make_partitions()")


async def test_a_silent_worker_is_reported(db, database):
    await db.execute("select ai.register_worker('host-a', 4711, '1', 'rules', 'rules', 4, true)")
    assert bad(await found(database)) == []

    await db.execute("update ai.workers set beat_at = now() - interval '1 minute'")
    (one,) = [one for one in await found(database) if one.level == "warn"]
    assert "(pid 4711 on host-a)" in one.what

    await db.execute("select ai.register_worker('host-b', 1, '1', 'rules', 'rules', 4, true)")
    assert_only(await found(database), "warn", "(pid 4711 on host-a) has been silent for 6", "check that process")


async def test_an_unknown_price_is_reported(db, database):
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, provider, model, cost_source) "
        "select gen_random_uuid(), 1, 'succeeded', 'openai', 'new-model', 'unknown' from generate_series(1, 3)"
    )
    assert_only(await found(database), "warn", "price of new-model (openai) is unknown: 3 calls", "rfqflow price set")

    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "values ('openai', 'new-model', 0, 0)"
    )
    assert bad(await found(database)) == []


async def test_parameters_of_an_unused_model_are_reported(db, database):
    await db.execute(
        "insert into ai.model_parameters (provider, model, reasoning_effort) values ('openai', '*', 'low')"
    )
    await db.execute(
        "insert into ai.model_parameters (provider, model, verbosity) values ('openai', 'gpt5-mini', 'low')"
    )
    assert bad(await found(database)) == []  # no worker runs

    await db.execute("select ai.register_worker('host-a', 4711, '1', 'openai', 'gpt-5-mini', 4, true)")
    assert_only(await found(database), "warn", "a row for openai gpt5-mini, but no daemon", "compare both names")

    await db.execute("update ai.model_parameters set model = 'gpt-5-mini' where model <> '*'")
    assert bad(await found(database)) == []


@pytest.mark.parametrize(("offset", "words"), [(90.0, "ahead of"), (-90.0, "behind")])
async def test_a_wrong_clock_is_reported(database, offset, words):
    findings = await found(database, clock=lambda: time.time() + offset)
    assert_only(findings, "warn", f"s {words} the database's", "synchronise")
    assert bad(await found(database, clock=lambda: time.time() + 0.5)) == []


@pytest.fixture
async def odd_server(open_folder) -> AsyncIterator[str]:
    """Its own server, with two-phase commit and a small notification queue, and a migrated database."""
    settings = {"fsync": "off", "max_prepared_transactions": "4", "max_notify_queue_pages": "64"}
    with EmbeddedPostgres(open_folder / "odd", settings=settings) as server:
        await migrate.ensure_database(server.dsn, "odd", fresh=True)
        dsn = server.dsn.rsplit("/", 1)[0] + "/odd"
        conn = await connect(dsn)
        await migrate.migrate(conn)
        yield dsn
        await conn.close()


async def test_two_phase_commit_and_a_notification_queue_that_fills_are_reported(odd_server):
    conn, listener = await connect(odd_server), await connect(odd_server)
    assert bad(await found(odd_server)) == [], "migrate has set notify off"

    await conn.execute("select ai.set_policy('notify', '\"doorbell\"')")
    assert_only(await found(odd_server), "warn", "PREPARE TRANSACTION fails", "notify off")
    await conn.execute("select ai.set_policy('notify', '\"off\"')")

    await conn.execute("begin; create table public.t (n int); prepare transaction 'left behind'")
    assert_only(
        await found(odd_server, long_seconds=0.0), "warn", "'left behind' holds a snapshot", "rollback prepared"
    )
    await conn.execute("rollback prepared 'left behind'")

    await listener.execute("listen test_fill")
    await listener.execute("begin; select 1")
    for share, level in ((0.15, "warn"), (0.55, "fail")):
        while await conn.fetchval("select pg_notification_queue_usage()") < share:
            await conn.execute("select pg_notify('test_fill', repeat('x', 7000) || n) from generate_series(1, 5) n")
        assert_only(await found(odd_server), level, "notification queue is ", "pg_stat_activity")
    await listener.execute("rollback")
    await conn.close()
    listener.terminate()


# The command.


async def doctor(cwd, *arguments: str, **environment: str) -> tuple[int, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_", "DATABASE_"))}
    done = await asyncio.to_thread(command_server.run, "doctor", *arguments, env=kept | environment, cwd=cwd)
    return done.returncode, done.stdout + done.stderr


async def test_the_command_checks_database_and_provider_and_its_exit_code_follows_the_failures(tmp_path, db, database):
    code, said = await doctor(tmp_path, RFQFLOW_DATABASE_URL=database)
    assert code == 0, said
    assert "ok    the schema matches this release" in said
    assert "ok    the built-in rules answer" in said

    await db.execute("alter table public.rfq_requests disable trigger rfqflow_enqueue")
    code, said = await doctor(tmp_path, "--json", RFQFLOW_DATABASE_URL=database)
    reported = json.loads(said)
    assert (code, reported["failed"]) == (1, 1)
    assert {one["group"] for one in reported["findings"]} == {"settings", "database", "provider", "attachments"}
    assert [one["remedy"] for one in reported["findings"] if one["level"] == "fail"] == [
        "alter table public.rfq_requests enable trigger rfqflow_enqueue"
    ]


async def test_without_a_database_it_says_so_and_continues(tmp_path):
    code, said = await doctor(tmp_path)
    assert code == 1
    assert "fail  no database is set" in said
    assert "ok    the built-in rules answer" in said


async def test_a_statement_that_is_refused_is_a_finding_and_the_others_continue(db, database):
    await db.execute("drop view ai.worker_status cascade")
    findings = await found(database)

    assert any(one.level == "fail" and one.what.startswith("workers: the check failed (42P01)") for one in findings)
    assert findings[-1].what == "the clocks agree"
