"""Any role can use up the locks that all sessions share: no RFQ is charged for that, and no paid answer is lost."""

from __future__ import annotations

import asyncpg
import pytest

from rfqflow.database import migrate
from rfqflow.database.embedded import EmbeddedPostgres
from tests.support.finishing import claim, end, finish

PARTED = """
    create table public.rfq_requests (id uuid default gen_random_uuid() primary key, created_at timestamptz not null default now(),
      message text not null) partition by hash (id);
    do $$ begin for i in 0..11 loop execute format(
      'create table public.part_%s partition of public.rfq_requests for values with (modulus 12, remainder %s)', i, i); end loop; end $$;"""
FILL = """
    do $$ begin
      for i in 1..1000000 loop
        begin
          perform pg_advisory_lock(i);
        exception when out_of_memory then
          perform set_config('test.taken', (i - 1)::text, false);
          exit;
        end;
      end loop;
    end $$"""


@pytest.mark.parametrize("ddl", ["", PARTED], ids=["a table", "a table in parts"])
async def test_with_no_room_for_locks_claims_and_finishes_fail_as_a_whole(open_folder, open_plain, ddl):
    home = open_folder / f"locks{len(ddl)}"
    with EmbeddedPostgres(
        home, settings={"fsync": "off", "max_connections": "10", "max_locks_per_transaction": "32"}
    ) as server:
        db, stranger = await open_plain(server.dsn), await open_plain(server.dsn)
        await db.execute(ddl or "select")
        await migrate.migrate(db)
        await db.execute(
            "insert into public.rfq_requests (message) select 'We need pumps ' || g from generate_series(1, 6) g"
        )
        rows = await claim(db, limit=3)
        await stranger.execute(FILL)
        taken = int(await stranger.fetchval("select current_setting('test.taken')"))
        seen = set()
        # From no free locks to enough, since each later step needs a few more.
        for free in range(0, 160, 2):
            for step in (lambda: finish(db, *(end(row) for row in rows)), lambda: claim(db, limit=3, base=2000)):
                transaction = db.transaction()
                await transaction.start()
                try:
                    got = await step()
                    if isinstance(got, dict):
                        assert got == {}, free
                    else:
                        assert [row["unreadable"] for row in got] == [None] * 3, free
                    seen.add("done")
                except asyncpg.OutOfMemoryError:
                    seen.add("failed")
                await transaction.rollback()
            await stranger.execute(
                "select pg_advisory_unlock(n) from unnest(array[$1::integer, $1 - 1]) n", taken - free
            )

        assert seen == {"done", "failed"}
        await stranger.close()
        await db.close()


async def test_one_value_too_large_for_memory_fails_its_own_rfq_alone(db):
    assert not await db.fetchval("select ai.is_of_server('53200')")
    assert await db.fetchval("select ai.is_of_one_row('53200')")
    assert await db.fetchval("select count(*) from pg_locks where locktype = 'advisory'") == 0
