"""A table of the application that already exists: `migrate` attaches it with short locks, or refuses it with a remedy."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import asyncpg
import pytest

from rfqflow.core.errors import RfqflowError
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from tests.support.catalogs import run_psql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def attached(empty_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database that has the application's table, and no object of rfqflow."""
    conn = await connect(empty_database)
    await conn.execute(
        "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text not null,"
        " email varchar(200), customer_no bigint, priority smallint not null default 3,"
        " created_at timestamptz not null default now())"
    )
    yield conn
    conn.terminate()


# An application's table that exists before rfqflow.


async def test_attaching_adds_columns_without_a_rewrite_and_enqueues_no_older_rfq(attached):
    await attached.execute(
        "insert into public.rfq_requests (message, customer_no) select 'old ' || n, n from generate_series(1, 100) n"
    )
    before = await attached.fetch(
        "select id, message, customer_no, priority, created_at from public.rfq_requests order by id"
    )
    node = await attached.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass")

    await migrate.migrate(attached)
    await attached.execute("select ai.find_unqueued_rfqs()")

    assert (
        await attached.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass") == node
    )
    assert (
        await attached.fetchval("select reloptions from pg_class where oid = 'public.rfq_requests'::regclass") is None
    )
    assert (
        await attached.fetch(
            "select id, message, customer_no, priority, created_at from public.rfq_requests order by id"
        )
        == before
    )
    assert (
        await attached.fetchval(
            "select count(*) from public.rfq_requests where ai_status is null and request_id is null"
        )
        == 100
    )
    assert await attached.fetchval("select count(*) from ai.outbox") == 0
    row = await attached.fetchrow("insert into public.rfq_requests (message) values ('new') returning *")
    assert (row["ai_status"], row["metadata"], row["request_id"] is not None) == ("pending", "{}", True)
    assert await attached.fetchval("select rfq_id from ai.outbox") == row["id"]
    assert await migrate.migrate(attached) == []


async def test_attaching_behind_long_transactions_delays_live_inserts_only_briefly(attached, empty_database, until):
    await attached.execute(
        "insert into public.rfq_requests (message, customer_no) select 'old ' || n, n from generate_series(1, 400000) n"
    )
    node = await attached.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass")
    reader, writer, live, watch = [await connect(empty_database) for _ in range(4)]
    for conn, statement in (
        (reader, "select count(*) from (select from public.rfq_requests limit 10) r"),
        (writer, "insert into public.rfq_requests (message) values ('by the long writer')"),
    ):
        await conn.execute("begin")
        await conn.execute(statement)

    took: list[float] = []
    stop = asyncio.Event()

    async def insert_live() -> None:
        while not stop.is_set():
            started = time.perf_counter()
            await live.execute("insert into public.rfq_requests (message, customer_no) values ('live', 1)")
            took.append((time.perf_counter() - started) * 1000)

    async def refused(mode: str) -> None:
        """Waits until the migration has waited for the table, given up, and waits again."""
        waits = (
            "select exists (select from pg_locks where relation = 'public.rfq_requests'::regclass "
            f"and mode = '{mode}' and not granted)"
        )

        async def waiting() -> bool:
            return await watch.fetchval(waits)

        async def not_waiting() -> bool:
            return not await watch.fetchval(waits)

        for _ in range(2):
            await until(waiting)
            await until(not_waiting)

    inserting = asyncio.create_task(insert_live())
    migrating = asyncio.create_task(migrate.migrate(attached))
    await refused("AccessExclusiveLock")
    await reader.execute("commit")
    await refused("AccessExclusiveLock")
    await writer.execute("commit")
    async with asyncio.timeout(30):
        await migrating
    at_the_end = len(took)

    async def ten_more() -> bool:
        return len(took) >= at_the_end + 10

    await until(ten_more)
    stop.set()
    await inserting

    print(f"attach: {len(took)} live inserts, the slowest {max(took):.0f} ms")
    assert max(took) < 2500  # the other transactions stay open until the migration has given up four times
    assert len(took) > 50
    assert await watch.fetchval("select relfilenode from pg_class where oid = 'public.rfq_requests'::regclass") == node
    while await watch.fetchval("select pass from ai.sweep_progress") == 0:
        await watch.fetchval("select ai.find_unqueued_rfqs()")
    counts = await watch.fetchrow(
        "select count(*) filter (where message like 'old %' and ai_status is null) as old,"
        " count(*) filter (where message like 'old %' and o.rfq_id is not null) as old_queued,"
        " count(*) filter (where message not like 'old %' and r.created_at >= (select min(applied_at) from ai.rfqflow_migration)"
        " and o.rfq_id is null) as forgotten "
        "from public.rfq_requests r left join ai.outbox o on o.rfq_id = r.id"
    )
    assert tuple(counts) == (400_000, 0, 0)
    for conn in (reader, writer, live, watch):
        conn.terminate()


async def _nothing_of_ours(conn: asyncpg.Connection) -> bool:
    return await conn.fetchval(
        "select to_regnamespace('ai') is null and not exists (select from pg_trigger where tgname like 'rfqflow%') "
        "and not exists (select from pg_attribute where attname = 'ai_status')"
    )


async def test_attaching_as_a_role_that_does_not_own_the_table_is_refused_and_changes_nothing(make_role, attached):
    owner, other = await make_role(), await make_role()
    name = await attached.fetchval("select current_database()")
    await attached.execute(
        f"alter table public.rfq_requests owner to {owner}; grant all on public.rfq_requests to {other};"
        f"grant create on database {name} to {owner}, {other}; grant create on schema public to {owner};"
        f"set session authorization {other}"
    )

    with pytest.raises(
        RfqflowError,
        match=f"rfq_requests belongs to another role, {owner} .*the table's owner, or: grant {owner} to {other}",
    ):
        await migrate.migrate(attached)

    assert await _nothing_of_ours(attached)
    # The remedy in the message works.
    await attached.execute("reset session authorization")
    await attached.execute(f"set session authorization {owner}")
    await migrate.migrate(attached)
    await attached.execute("insert into public.rfq_requests (message) values ('m')")
    assert await attached.fetchval("select count(*) from ai.outbox") == 1
    await attached.execute("reset session authorization")


async def test_attaching_as_a_member_of_the_owning_role_works(make_role, attached):
    owner, other = await make_role(), await make_role()
    name = await attached.fetchval("select current_database()")
    await attached.execute(
        f"alter table public.rfq_requests owner to {owner}; grant {owner} to {other};"
        f"grant create on database {name} to {other}; set session authorization {other}"
    )

    await migrate.migrate(attached)

    await attached.execute("reset session authorization")
    await attached.execute(f"grant insert on public.rfq_requests to {owner}; set session authorization {owner}")
    await attached.execute("insert into public.rfq_requests (message) values ('m')")
    await attached.execute("reset session authorization")
    assert await attached.fetchval("select count(*) from ai.outbox") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("drop column id", "no column id of type uuid"),
        ("drop column id, add column id bigint", "no column id of type uuid"),
        ("drop column message", "no column message of type text"),
        ("drop column message, add column message jsonb", "no column message of type text"),
        (
            "rename to kept_elsewhere; create view public.rfq_requests as select * from public.kept_elsewhere",
            "not a table",
        ),
    ],
)
async def test_an_unsuitable_table_is_refused_with_a_remedy_and_nothing_is_changed(attached, change, message):
    await attached.execute(f"alter table public.rfq_requests {change}")

    with pytest.raises(
        RfqflowError,
        match=rf"^attach/10_check\.sql: public\.rfq_requests .*{message}.*rfqflow (identifies|enriches|needs)",
    ):
        await migrate.migrate(attached)

    assert await _nothing_of_ours(attached)


async def test_psql_refuses_what_migrate_refuses(psql, repository, attached, empty_database):
    await attached.execute("alter table public.rfq_requests drop column message")

    done = run_psql(psql, empty_database, repository / "sql" / "install.sql")

    assert done.returncode != 0
    assert "no column message of type text" in done.stderr
    assert await _nothing_of_ours(attached)


@pytest.mark.parametrize("right", ["on the database", "on the schema public"])
async def test_a_role_that_may_not_create_gets_an_error_and_nothing_changes(make_role, empty_database, right):
    role = await make_role()
    conn = await connect(empty_database)
    name = await conn.fetchval("select current_database()")
    await conn.execute("revoke create on schema public from public")
    await conn.execute(
        f"grant create on schema public to {role}"
        if right == "on the database"
        else f"grant create on database {name} to {role}"
    )
    await conn.execute(f"set session authorization {role}")

    with pytest.raises(
        RfqflowError,
        match=rf"lacks CREATE on the database .*: grant create on database {name} to {role}"
        if right == "on the database"
        else rf"grant create on schema public to {role}",
    ):
        await migrate.migrate(conn)

    assert await _nothing_of_ours(conn)
    conn.terminate()
