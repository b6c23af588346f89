"""A stopped process resumes after its leases expired: it must not send the calls that it had not sent yet."""

import asyncio
import time

import pytest

from tests.support.worker_harness import Scripted, ended, insert, now, terminate, until, working


class Blocking(Scripted):
    """The first call stops the whole process for longer than the other calls may wait to begin."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self.call_ids: list[str] = []

    async def complete(self, request):
        self.call_ids.append(request.call_id)
        if len(self.call_ids) == 1:
            time.sleep(self._seconds)  # noqa: ASYNC251 - as a SIGSTOP does: no task gets on meanwhile
        return await super().complete(request)


@pytest.mark.fault("W7")
async def test_a_call_that_had_not_begun_before_the_stop_is_made_under_a_new_claim(database, db):
    provider = Blocking(5.5)
    await insert(db, "first", "second")
    async with working(database, provider, call_deadline_seconds=1, lease_seconds=6):
        await until(ended(db, 2), 30)

    claims = [int(call_id.rpartition(".")[2]) for call_id in provider.call_ids]
    runs = await db.fetch("select claim_id, status from ai.rag_runs order by created_at, run_id")
    # Claims of one batch have consecutive numbers: the second RFQ's call had a later one.
    assert abs(claims[1] - claims[0]) != 1
    assert claims[1] in {row["claim_id"] for row in runs if row["status"] == "succeeded"}
    assert len(provider.calls) == len(claims)


async def test_a_call_under_a_lost_number_is_cut_off_before_the_rfqs_next_call(database, db):
    provider = Scripted()
    provider.default = go = asyncio.Event()
    await insert(db, "m")
    async with working(database, provider) as worker:
        await until(now(lambda: provider.in_flight == 1))
        numbers = "select max(worker) from ai.workers"
        lost = await db.fetchval(numbers)
        await terminate(db, "doorbell")
        await until(lambda: db.fetchval(f"select ({numbers}) > $1", lost))
        await until(now(lambda: worker.ready))
        await until(now(lambda: len(provider.calls) == 2))
        go.set()
        await until(ended(db, 1))

    assert provider.peak == 1
