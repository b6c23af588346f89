"""Deferred constraints and triggers of the application fire within the block of their row, never at COMMIT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.finishing import claim, end, finish
from tests.support.worker_harness import Scripted, ended, insert, working

if TYPE_CHECKING:
    import asyncpg

# As Django makes them: PostgreSQL checks the key at COMMIT, for each update of the row that refers to it.
FOREIGN_KEY = """
    create table public.product (route text primary key);
    insert into public.product values ('general');
    alter table public.rfq_requests add constraint route_is_known foreign key (ai_route)
      references public.product deferrable initially deferred"""
TRIGGER = """
    create function public.check_later() returns trigger language plpgsql as $$ begin
      if new.ai_summary like '%bad%' then raise exception 'no'; end if; return null; end $$;
    create constraint trigger check_later after update on public.rfq_requests deferrable initially deferred
      for each row execute function public.check_later()"""
# What the first check does is checked later still.
CASCADE = """
    create table public.log (summary text, constraint once unique (summary) deferrable initially deferred);
    insert into public.log values ('about bad');
    create function public.note() returns trigger language plpgsql as $$ begin
      if new.ai_summary is not null then insert into public.log values (new.ai_summary); end if; return null; end $$;
    create constraint trigger note after update on public.rfq_requests deferrable initially deferred
      for each row execute function public.note()"""


async def _three(db: asyncpg.Connection) -> dict[str, asyncpg.Record]:
    await insert(db, "one", "bad", "two")
    return {row["message"]: row for row in await claim(db)}


@pytest.mark.fault("R14")
@pytest.mark.parametrize("check", [FOREIGN_KEY, TRIGGER, CASCADE], ids=["foreign key", "trigger", "cascade"])
async def test_a_row_that_a_deferred_check_refuses_fails_alone(db, check):
    await db.execute(check)
    rows = await _three(db)

    outcomes = await finish(db, *(
        end(row, summary=f"about {message}", route="unknown" if message == "bad" else "general")
        for message, row in rows.items()))  # fmt: skip

    assert list(outcomes) == [rows["bad"]["outbox_id"]]
    assert outcomes[rows["bad"]["outbox_id"]] in {"refused:23503", "refused:P0001", "refused:23505"}
    assert await db.fetch("select message from public.rfq_requests where ai_status = 'done' order by 1") == [
        ("one",), ("two",)
    ]  # fmt: skip


async def test_a_deferrable_constraint_that_is_immediate_stays_immediate(db):
    await db.execute(
        "create table public.log (n integer, constraint once unique (n) deferrable initially immediate);"
        "insert into public.log values (1);"
        "create function public.note() returns trigger language plpgsql as $$ begin "
        "insert into public.log values (1); return new; end $$;"
        "create trigger note before update on public.rfq_requests for each row execute function public.note()"
    )
    await insert(db, "m")
    (row,) = await claim(db)

    assert await finish(db, end(row)) == {row["outbox_id"]: "refused:23505"}


async def test_an_insert_leaves_the_applications_deferred_constraints_deferred(db):
    await db.execute(
        "create table public.customer (name text primary key);"
        "alter table public.rfq_requests add constraint customer_is_known foreign key (name) "
        "references public.customer deferrable initially deferred"
    )
    async with db.transaction():
        await db.execute("insert into public.rfq_requests (message, name) values ('m', 'ada')")
        await db.execute("update public.rfq_requests set message = 'n'")
        await db.execute("insert into public.customer values ('ada')")

    assert await db.fetchval("select count(*) from ai.outbox") == 1


@pytest.mark.fault("R14")
@pytest.mark.parametrize("check", [FOREIGN_KEY, TRIGGER, CASCADE], ids=["foreign key", "trigger", "cascade"])
async def test_a_daemon_ends_each_row_of_a_batch_and_buys_nothing_twice(database, db, until, check):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '2')")
    await db.execute(check.replace("values ('general')", "values ('nothing')"))
    provider = Scripted()
    async with working(database, provider):
        await insert(db, *(f"m{n}" for n in range(10)), "bad")
        if check == FOREIGN_KEY:  # it refuses all of them
            await until(lambda: db.fetchval("select count(*) = 11 from ai.outbox_dead"))
        else:
            await until(lambda: db.fetchval("select count(*) = 1 from ai.outbox_dead"))
            await until(ended(db, 10))

    assert len(provider.calls) == len(set(provider.calls)) == 11
    assert await db.fetchval("select count(*) from ai.holds") == 0
