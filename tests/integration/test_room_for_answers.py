"""The limits of a call follow the length of the message: no call is paid twice for a limit that could be known.

Holds are exact.
"""

from __future__ import annotations

import asyncio
import contextlib
from decimal import Decimal
from uuid import UUID

import pytest

from rfqflow.core.decisions.call_limits import limits
from rfqflow.core.decisions.pricing import Price, cost
from rfqflow.core.prompting.prompt import size_of
from rfqflow.core.records import Rfq
from rfqflow.llm.model_families import kind_of
from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_server import ModelServer
from tests.support.provider_requests import PROMPT
from tests.support.worker_harness import ended, insert, until, working

MINI = Price(Decimal("0.25"), Decimal(2), Decimal("0.025"))  # gpt-5-mini
SHORT = "We need 25 pcs of milled brackets, drawing B-7714 rev C, by 12 March."


def listed(number: int) -> str:
    """A list of this many items that no rule can read."""
    return "\n".join(f"then {n % 7 + 2} of the blue ones, {n} mm, you know them from last May" for n in range(number))


@contextlib.asynccontextmanager
async def served(database, *script, default="ok", model="gpt-5-mini", **options):
    async with ModelServer(default=default) as server:
        server.script(*script)
        provider = OpenAIProvider(
            model=model, base_url=server.url, price=lambda _model, usage: (cost(usage, MINI), "table")
        )
        async with working(database, provider, **{"call_deadline_seconds": 300, "lease_seconds": 600, **options}):
            yield server
        await provider.aclose()


async def overruns(db) -> int:
    return await db.fetchval("select count(*) from ai.events where kind = 'budget_overrun'")


async def test_a_reasoning_models_answer_is_bought_once(database, db):
    async with served(database, default="thinks:3000,1500") as server:
        await insert(db, SHORT)
        await until(ended(db, 1), seconds=60)

    assert len(server.journal) == 1
    assert await db.fetch("select status, attempt, output_tokens from ai.rag_runs") == [("succeeded", 1, 4_500)]


@pytest.mark.parametrize("number", [25, 60, 300])
async def test_each_part_of_a_list_is_bought_once(database, db, number):
    async with served(database, default=f"thinks:3000,{318 + 49 * 25}") as server:
        await insert(db, listed(number))
        await until(ended(db, 1), seconds=60)

    runs = await db.fetch("select error_class from ai.rag_runs")
    assert {run["error_class"] for run in runs} == {None}
    assert len(runs) == len(server.journal) <= 1 + number // 15


async def test_a_cut_off_answer_is_bought_once_more_with_twice_the_limit_and_then_given_up(database, db):
    async with served(database, default="thinks:3000,90000") as server:
        await insert(db, SHORT)
        await until(ended(db, 1, "failed"), seconds=60)

    first, second = (entry["body"]["max_completion_tokens"] for entry in server.journal)
    assert second == 2 * first
    assert await db.fetchval("select error_class from ai.rag_runs") == "truncated"
    assert await overruns(db) == 0


async def test_a_small_cap_admits_small_calls(database, db):
    await db.execute("select ai.set_budget('global', 'day', 0.01)")
    deferred = "select count(*) > 0 from ai.outbox_deferred where reason = 'budget'"
    async with served(database, default="bills:2400,100", concurrency=2):
        await insert(db, *(f"{SHORT} Lot {n}." for n in range(20)))
        await until(lambda: db.fetchval(deferred), seconds=60)

    statuses = await db.fetch("select status, count(*) from ai.rag_runs where cost_usd is not null group by 1")
    assert len(statuses) == 1
    assert statuses[0]["status"] == "succeeded"
    assert statuses[0]["count"] >= 5  # each costs 0.0008
    assert await db.fetchval("select spent_usd + held_usd <= 0.01 from ai.budget_status where scope = 'global'")
    assert await overruns(db) == 0


async def test_a_second_call_is_made_only_where_the_budget_has_room_for_it(database, db):
    await db.execute("select ai.set_budget('global', 'day', 0.0105)")  # one hold is nearly 0.01
    async with served(database, default="thinks:3000,90000") as server:
        await insert(db, SHORT)
        await until(lambda: db.fetchval("select exists (select from ai.rag_runs where status = 'failed')"), seconds=60)
        await db.execute("select ai.set_budget('global', 'day', 1)")
        await until(ended(db, 1, "failed"), seconds=60)

    rooms = [entry["body"]["max_completion_tokens"] for entry in server.journal]
    assert rooms == [rooms[0], 2 * rooms[0]]
    assert await db.fetchval("select count(*) from ai.rag_runs where error_class = 'truncated'") == 2
    assert await overruns(db) == 0


SCRIPTS = {
    "letters at random": "Please quote 30 pcs xQzJvKWpqZrXkLmVbTgHyUjNcDfSaEwRqOiPz VhTgRkWbQxZpLmNsDf",
    "part numbers": "K7-0x9FQ/33B;;|#A_9..J7-88Q|%%W2 20 pcs\n" * 20,
    "chinese": "请报价二百五十件铝制支架, 图纸编号 B-7714, 五月交货。" * 8,
    "thai": "ขอใบเสนอราคาสำหรับชิ้นส่วนอะลูมิเนียม จำนวน 250 ชิ้น " * 8,
    "amharic": "ለ 250 ቁርጥራጮች ዋጋ ይላኩልን " * 8,
    "armenian": "Խնդրում ենք ուղարկել գնային առաջարկ 250 հատի համար " * 8,
    "arabic": "يرجى إرسال عرض سعر لعدد ٢٥٠ قطعة " * 8,
    "emoji": "🔩🔧🪛⚙️🧰🪚🏭 20 pcs " * 8,
    "gothic": "𐌰𐌱𐌲 ᚠᚢᚦ ꦗꦮ ᜀᜊ 20 pcs " * 8,
}


async def test_no_tokenizer_bills_more_than_the_hold(database, db):
    async with served(database, default="bills_most") as server:
        await insert(db, *SCRIPTS.values())
        await until(ended(db, len(SCRIPTS)), seconds=60)
        # A second call, too, is held before it is made.
        server.script("invalid_json", "bills_most")
        await insert(db, f"{SHORT} Once more.")
        await until(ended(db, len(SCRIPTS) + 1), seconds=60)

    assert await overruns(db) == 0
    assert await db.fetchval("select count(*) from ai.rag_runs where cost_usd > 0.005") >= len(SCRIPTS)


async def test_a_call_that_may_exceed_its_lease_extends_the_lease_first(database, db):
    long = "\n".join(f"{n} mm, and then a few of the blue ones like last May" for n in range(18))
    async with served(database, default="held", lease_seconds=30) as server:
        await insert(db, long)
        async with asyncio.timeout(60):
            await server.received(1)
        left = await db.fetchval("select extract(epoch from lease_expires_at - now()) from ai.outbox")
        server.let_go()
    deadline = limits_of(long)
    assert deadline > 30
    assert left > deadline


def limits_of(message: str) -> float:
    size = size_of(PROMPT, Rfq(UUID(int=1), "r", message))
    return limits(size, kind_of("openai", "gpt-5-mini", {}), ceiling_seconds=300).deadline_seconds
