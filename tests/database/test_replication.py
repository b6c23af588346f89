"""Publications for all tables: rfqflow works where PostgreSQL refuses updates of tables without a replica identity."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from rfqflow.store.exposure import Exposure
from tests.support.finishing import claim, end, finish
from tests.support.worker_harness import Scripted, ended, insert, working

if TYPE_CHECKING:
    import asyncpg

NO_IDENTITY = """
    select c.oid::regclass::text from pg_class c
    where c.relnamespace = 'ai'::regnamespace and c.relkind in ('r', 'p') and not (
      c.relreplident = 'f'
      or c.relreplident = 'd' and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indisvalid)
      or c.relreplident = 'i' and exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident and i.indisvalid))"""
# Ways in which the application's table refuses every update, and how each way ends. `exception when others` catches
# neither a rule nor a failed assertion. A column that is too narrow for our words, or missing, fails the whole
# statement.
REFUSALS = {
    "it has no key and is published": (
        "alter table public.rfq_requests drop constraint rfq_requests_pkey; create publication p for all tables",
        "alter table public.rfq_requests replica identity full",
    ),
    "an assertion fails": (
        "create function public.no() returns trigger language plpgsql as $$ begin assert false; end $$;"
        "create trigger no before update on public.rfq_requests for each statement execute function public.no()",
        "drop trigger no on public.rfq_requests",
    ),
    "a column is too narrow": (
        "alter table public.rfq_requests add constraint narrow check (length(ai_summary) < 3)",
        "alter table public.rfq_requests drop constraint narrow",
    ),
    "a trigger returns null": (
        "create function public.no() returns trigger language plpgsql as $$ begin return null; end $$;"
        "create trigger no before update on public.rfq_requests for each row execute function public.no()",
        "drop trigger no on public.rfq_requests",
    ),
    "a deferred trigger raises at commit": (
        "create function public.no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;"
        "create constraint trigger no after update on public.rfq_requests deferrable initially deferred "
        "for each row execute function public.no()",
        "drop trigger no on public.rfq_requests",
    ),
}


async def test_each_table_of_ours_has_a_replica_identity_and_so_have_new_partitions(db):
    await db.execute("select ai.set_policy('partitions_ahead', '8')")
    await db.execute("select ai.make_partitions()")

    assert await db.fetch(NO_IDENTITY) == []


async def test_doctor_reports_a_published_table_without_a_key(db):
    refuse, accept = REFUSALS["it has no key and is published"]
    for statement, levels in ((refuse, ["fail"]), (accept, [])):
        await db.execute(statement)
        assert [
            one.level for check in Exposure(db.fetch).checks async for one in check() if "replica identity" in one.what
        ] == levels


async def test_missed_rfqs_are_queued_under_a_publication_for_all_tables(db):
    await db.execute("create publication p for all tables")
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('m') returning id")
    await db.execute("delete from ai.outbox")
    await db.execute("insert into ai.outbox_missed (rfq_id, sqlstate) values ($1, '55P03'), ($1, '55P03')", rfq)

    assert await db.fetchval("select ai.enqueue_missed()") == 1

    assert await db.fetchval("select count(*) from ai.outbox_missed") == 0


@pytest.mark.fault("R15")
async def test_all_work_of_a_daemon_continues_under_a_publication_for_all_tables(database, db, until):
    await db.execute("create publication p for all tables")
    provider = Scripted()
    async with working(database, provider):
        await insert(db, "one", "two")
        await until(ended(db, 2))

    assert sorted(provider.calls) == ["one", "two"]


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_table_that_refuses_every_update_makes_dead_letters_and_each_answer_is_bought_once(
    database, db, until, refusal
):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '3')")
    refuse, accept = REFUSALS[refusal]
    await db.execute(refuse)
    provider = Scripted()
    async with working(database, provider):
        await insert(db, "one", "two")
        await until(lambda: db.fetchval("select count(*) = 2 from ai.outbox_dead"))

    assert sorted(provider.calls) == ["one", "two"]
    assert await db.fetchval("select count(*) from ai.dead_letters where reason = 'write_refused'") == 2
    assert await books(db)

    await db.execute(accept)
    await db.execute("select ai.retry_discarded()")
    async with working(database, provider):
        await until(ended(db, 2))
    assert sorted(provider.calls) == ["one", "two"]
    assert await db.fetchval("select count(*) from public.rfq_requests where ai_summary like 'about %'") == 2
    assert await books(db)


# Figures that a provider may report of its call, and that no column can hold.
FIGURES = [
    {"cost_usd": "100000.5", "booked_nano": 100_000_500_000_000},
    {"cost_usd": "1e30", "booked_nano": 10**39},
    {"cost_usd": "-1", "booked_nano": -(10**9)},
    {"input_tokens": 2**31},
    {"output_tokens": 10**30, "latency_ms": 1e300},
    {"request_id": "long", "provider_request_id": "x"},
    {"confidence": 1e300, "retry_after_ms": 1e300},
]


@pytest.mark.parametrize("figures", FIGURES)
async def test_figures_that_fit_no_column_cost_the_hold_and_disturb_no_other_rfq(db, figures):
    if figures.get("request_id"):  # beyond the limit of an index, and not compressible
        figures = {**figures, "request_id": "".join(uuid.uuid4().hex for _ in range(400))}
    await db.execute("insert into public.rfq_requests (message) values ('good'), ('odd')")
    good, odd = await claim(db)
    for row in (good, odd):
        await db.execute(
            "select ai.admit('p', $1, '60 s')",
            json.dumps([{"claim_id": row["claim_id"], "rfq_id": str(row["rfq_id"]), "sender": None, "candidates": [
                {"model": "m", "tokens": 100, "nano": 5_000_000, "priced": True}]}]),
        )  # fmt: skip
    called = {"provider": "p", "admitted": True, "call": "ok", "cost_usd": "0.001", "cost_source": "table",
              "booked_nano": 1_000_000}  # fmt: skip
    strange = end(odd, **{**called, **figures})

    assert list(await finish(db, end(good, **called), strange)) == [odd["outbox_id"]]
    refused = {**strange, "verdict": "retry", "status": "failed", "error_class": "write_refused", "charged": True}
    assert await finish(db, {**refused, "reason": "write_refused"}) == {}

    run = await db.fetchrow("select * from ai.rag_runs where rfq_id = $1", odd["rfq_id"])
    assert json.loads(run["output"]) == {"summary": "a summary"}
    hold = Decimal("0.005") if "booked_nano" in figures else Decimal("0.001")
    assert (run["booked_usd"], run["admitted_at"] is not None) == (hold, True)
    assert await books(db)
    assert await db.fetchval("select reason from ai.outbox_deferred") == "retry"


async def books(db: asyncpg.Connection) -> bool:
    """No hold is left, and the spending equals the runs."""
    return not await db.fetch(
        "select from ai.holds union all select from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> 0"
    )
