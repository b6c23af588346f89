"""Two sessions, one of them stopped inside a function: in any order, no RFQ is lost and none is processed twice.

A gate is a trigger that waits while the test holds an advisory lock. The first session stops there with the locks and
the data that it has. Meanwhile the second session runs to its end, or waits for the first.
"""

import asyncio
import contextlib
import json

import asyncpg
import pytest

from tests.support.finishing import claim, end, finish

GATE = 4_242_001
GATES = """
create function public.test_gate() returns trigger language plpgsql as $$
begin
  if current_setting('test.gate', true) = tg_argv[0] then
    -- Tried again and again: a wait for a lock would be cut short by the function's own lock_timeout.
    while not pg_try_advisory_xact_lock_shared(4242001) loop
      perform pg_sleep(0.002);
    end loop;
  end if;
  return coalesce(new, old);
end
$$;
create trigger test_gate before insert on ai.rag_runs for each row execute function public.test_gate('runs');
create trigger test_gate before update or delete on ai.outbox for each row execute function public.test_gate('outbox');
create trigger test_gate_in before insert on ai.outbox for each row execute function public.test_gate('enqueue');
create trigger test_gate before delete on ai.outbox_deferred for each row execute function public.test_gate('deferred');
create trigger test_gate before update on public.rfq_requests for each row execute function public.test_gate('rfq');
"""


class Story:
    """One RFQ, claimed by worker 1 with claim 1001, with its answer ready. `later` is the variant that waits deferred."""

    def __init__(self, db: asyncpg.Connection) -> None:
        self.db = db
        self.ended: dict[str, object] = {}

    async def begin(self, *, state: str) -> None:
        await self.db.execute("insert into public.rfq_requests (message) values ('first text of the customer')")
        if state == "queued":
            return
        (row,) = await claim(self.db)
        self.ended = end(row)
        if state == "deferred":
            assert await finish(self.db, end(row, "retry")) == {}
            await self.db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")

    async def settle(self) -> None:
        """Processes all that is due, as a worker would."""
        for turn in range(20):
            await self.db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")
            await self.db.fetchval("select ai.promote_deferred()")
            await self.db.execute(
                "update ai.outbox set lease_expires_at = now() - interval '1 s' where claim_id is not null"
            )
            rows = await claim(self.db, worker=9, base=9000 + 100 * turn)
            if not rows:
                return
            for row in rows:
                outcome = (await finish(self.db, end(row))).get(row["outbox_id"])
                assert outcome in (None, "repeated", "gone"), outcome
        raise AssertionError("it goes round in circles")


ACTIONS = {
    "finish": lambda story: ("select * from ai.finish_outbox($1)", json.dumps([story.ended])),
    "edit": lambda _: ("update public.rfq_requests set message = 'second text of the customer'",),
    "reclaim": lambda _: ("select ai.reclaim_worker(1)",),
    "claim": lambda _: ("select * from ai.claim_outbox(2, 2000, 5, '60 s', 0)",),
    "claim_too": lambda _: ("select * from ai.claim_outbox(3, 3000, 5, '60 s', 0)",),
    "promote": lambda _: ("select ai.promote_deferred()",),
    "rerun": lambda _: ("select ai.rerun_rfq(id, true) from public.rfq_requests",),
    "delete": lambda _: ("delete from public.rfq_requests",),
}
PAIRS = [
    ("claimed", "finish", gate, other)
    for gate in ("runs", "outbox", "rfq")
    for other in ("edit", "reclaim", "rerun", "finish", "claim", "delete")
] + [
    ("claimed", "edit", "rfq", "finish"),
    ("claimed", "edit", "enqueue", "finish"),
    ("claimed", "reclaim", "outbox", "finish"),
    ("claimed", "reclaim", "runs", "finish"),
    ("claimed", "rerun", "enqueue", "finish"),
    ("queued", "claim", "outbox", "claim_too"),
    ("queued", "claim", "outbox", "edit"),
    ("queued", "claim", "outbox", "delete"),
    ("deferred", "promote", "deferred", "edit"),
    ("deferred", "promote", "enqueue", "edit"),
    ("deferred", "promote", "enqueue", "rerun"),
    ("deferred", "promote", "enqueue", "promote"),
    ("deferred", "edit", "rfq", "promote"),
    ("deferred", "rerun", "deferred", "promote"),
    ("deferred", "rerun", "enqueue", "edit"),
]


@pytest.mark.fault("W8")
@pytest.mark.parametrize("ends_well", [True, False], ids=["commit", "rollback"])
@pytest.mark.parametrize(("state", "first", "gate", "second"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
async def test_in_any_order_one_answer_is_accepted_for_the_current_text(
    db, open_connection, until, state, first, gate, second, ends_well
):
    await db.execute(GATES)
    story = Story(db)
    await story.begin(state=state)
    one, other, keeper = await open_connection(), await open_connection(), await open_connection()
    await keeper.execute("select pg_advisory_lock($1)", GATE)
    await one.execute(f"set test.gate = '{gate}'")
    statement, *values = ACTIONS[first](story)
    transaction = one.transaction()
    await transaction.start()
    going = asyncio.create_task(one.fetch(statement, *values))

    async def stands_or_is_done() -> bool:
        asleep = "select wait_event = 'PgSleep' from pg_stat_activity where pid = $1"
        return going.done() or await db.fetchval(asleep, one.get_server_pid())

    await until(stands_or_is_done)
    statement, *values = ACTIONS[second](story)
    following = asyncio.create_task(other.fetch(statement, *values))
    with contextlib.suppress(TimeoutError):  # it may have to wait for the first, and then comes after it
        await asyncio.wait_for(asyncio.shield(following), 0.05)
    await keeper.execute("select pg_advisory_unlock($1)", GATE)
    await going
    await (transaction.commit() if ends_well else transaction.rollback())
    await following

    await story.settle()

    rows = await db.fetch(
        "select ai_status, ai_content_sha256 = sha256(convert_to(message, 'UTF8')) as right from public.rfq_requests"
    )
    assert [tuple(row) for row in rows] == ([] if second == "delete" else [("done", True)])
    assert await db.fetchval("select count(*) from ai.outbox") == 0
    assert await db.fetchval("select count(*) from ai.outbox_deferred") == 0
    # A forced rerun requests one more answer to the same text.
    most = 2 if "rerun" in (first, second) else 1
    accepted = await db.fetch("select count(*) from ai.rag_runs where status = 'succeeded' group by content_sha256")
    assert all(row[0] <= most for row in accepted)
    twice = await db.fetchval(
        "select count(*) from (select from ai.rag_runs where status <> 'lost' group by claim_id having count(*) > 1) x"
    )
    assert twice == 0
