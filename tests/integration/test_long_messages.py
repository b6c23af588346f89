"""A worker reads a message of any length in full, and its event loop keeps serving other tasks meanwhile."""

import asyncio
import gc
import time
from decimal import Decimal

import pytest

from rfqflow.llm.openai import OpenAIProvider
from rfqflow.llm.rules import RulesProvider
from tests.support.hostile_texts import KINDS, repeated
from tests.support.model_server import ModelServer
from tests.support.worker_harness import until, working

DEAR = ("wide digits", "fractions", "styles", "chinese", "stacked", "english", "ligatures", "empty lines")
TURNS = 1_300_000  # of the loop below: 50 ms of CPU on an otherwise idle machine


def calibration():
    """The time that 50 ms of CPU take on this machine at present."""
    began, total = time.thread_time(), 0
    for number in range(TURNS):
        total += number * number % 7
    return time.thread_time() - began


async def longest_stretch(stop):
    """The longest CPU time of the loop's thread between two turns."""
    longest, last = 0.0, time.thread_time()
    while not stop.is_set():
        await asyncio.sleep(0.002)
        now = time.thread_time()
        longest, last = max(longest, now - last), now
    return longest


async def longest_while_reading(db, texts):
    """The longest time while a worker reads the texts, in a process without the garbage of other tests."""
    gc.collect()
    gc.freeze()
    stop = asyncio.Event()
    watch = asyncio.create_task(longest_stretch(stop))
    await db.executemany("insert into public.rfq_requests (message) values ($1)", [(text,) for text in texts])
    await until(lambda: db.fetchval("select count(*) = 0 from ai.rfqs where ai_status = 'pending'"), 240)
    stop.set()
    gc.unfreeze()
    return await watch


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["rules", "model"])
async def test_hostile_messages_take_little_time_of_the_event_loop(database, db, kind):
    texts = [repeated(KINDS[name], 96_000) for name in DEAR]
    texts.append(repeated(KINDS["rows"], 10_000_000))
    async with ModelServer() as server:
        model = OpenAIProvider(model="m1", base_url=server.url, price=lambda _model, _usage: (Decimal(0), "free"))
        provider = RulesProvider() if kind == "rules" else model
        async with working(database, provider, prompt_version="rules@1" if kind == "rules" else None):
            await db.executemany(
                "insert into public.rfq_requests (message) values ($1)", [("Warm up, 40 pcs of V-20",)]
            )
            await until(lambda: db.fetchval("select bool_and(ai_status = 'done') from ai.rfqs"), 60)
            # The host may take the processor away, which counts as CPU here. So the lowest measurement counts.
            for go in range(3):
                longest, bound = await longest_while_reading(db, [f"{go}. {text}" for text in texts]), calibration()
                if longest < bound:
                    break
        await model.aclose()

    assert longest < bound
    ended = await db.fetch("select ai_status, ai_reason from ai.rfqs")
    assert {row["ai_status"] for row in ended} <= {"done", "skipped"}
