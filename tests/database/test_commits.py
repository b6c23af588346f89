"""Which of a worker's commits wait for the disk: those that no later commit makes durable."""

from __future__ import annotations

import random
from typing import Any

import asyncpg
import pytest

from rfqflow.core.decisions.admission import AdmissionRequest, Candidate
from rfqflow.core.results import AttemptResult
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.store.queue import QueueStore
from tests.support.admission import insert
from tests.support.attempt_results import attempt_result, paid_call


class Watched(ReconnectingConnection):
    """Records how the transaction of each statement will be committed."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, "rfqflow test")
        self.commits: list[str] = []

    async def fetch(self, statement: str, *args: Any, **bounds: Any) -> list[asyncpg.Record]:
        conn = await self.open()
        await conn.execute("set synchronous_commit = on")  # the tests' own server does not wait for its disk
        async with conn.transaction():
            rows = await super().fetch(statement, *args, **bounds)
            self.commits.append(await conn.fetchval("show synchronous_commit"))
        assert await conn.fetchval("show synchronous_commit") == "on", "it must be the transaction's alone"
        return rows


@pytest.fixture
async def watched(database):
    line = Watched(database)
    yield line
    await line.close()


async def test_a_claim_and_its_facts_do_not_wait_for_the_disk_but_admission_and_finish_do(db, watched):
    await insert(db, 2)
    store = QueueStore(watched)

    finished: list[AttemptResult] = []
    for _ in range(2):
        _, (claim,) = await store.finish_and_claim(
            finished, worker=1, claim_id=random.getrandbits(61), limit=1, lease_seconds=60.0, from_id=0
        )
        assert set(await store.gate_facts([claim], [None], paid=True)) == {claim.rfq_id}
        asked = AdmissionRequest(claim.claim_id, claim.rfq_id, None, (Candidate("m1", 100, 1000, priced=True),))
        (leave,) = await store.admit("p", [asked], lease_seconds=60.0)
        assert leave.model == "m1"
        finished = [
            attempt_result(
                claim.outbox_id, claim_id=claim.claim_id, rfq_id=claim.rfq_id, content_sha256=claim.content_sha256,
                **paid_call(),
            )
        ]  # fmt: skip

    assert watched.commits == ["off", "off", "on", "on", "off", "on"]
