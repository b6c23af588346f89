"""The claim, the finish and its fence, as the database enforces them."""

import asyncio
import json
import time
import uuid

import asyncpg
import pytest

from tests.support.finishing import claim, end, finish, insert


async def status(db: asyncpg.Connection, rfq_id: uuid.UUID) -> tuple[str | None, str | None]:
    row = await db.fetchrow("select ai_status, ai_reason from ai.rfq_status where rfq_id = $1", rfq_id)
    return row["ai_status"], row["ai_reason"]


async def test_a_completed_rfq_leaves_the_queue_with_its_answer_and_one_run(db):
    rfq = await insert(db)
    (row,) = await claim(db)

    assert await finish(db, end(row)) == {}

    written = await db.fetchrow("select * from public.rfq_requests where id = $1", rfq)
    assert (written["ai_status"], written["ai_route"], written["ai_tags"]) == ("done", "general", ["pump"])
    assert written["ai_content_sha256"] == row["content_sha256"]
    assert await db.fetchval("select count(*) from ai.outbox") == 0
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 1


async def test_no_two_workers_hold_the_same_row(open_connection, db):
    await db.execute("insert into public.rfq_requests (message) select 'm' || g from generate_series(1, 400) g")
    workers = [await open_connection() for _ in range(8)]

    async def work(conn, worker):
        got = []
        while rows := await claim(conn, worker=worker, base=worker * 1_000_000 + len(got), limit=7):
            got += [row["outbox_id"] for row in rows]
        return got

    claimed = await asyncio.gather(*(work(conn, n) for n, conn in enumerate(workers)))

    everything = [one for each in claimed for one in each]
    assert len(everything) == 400
    assert len(set(everything)) == 400


@pytest.mark.fault("D16")
async def test_a_claim_takes_the_oldest_rows_and_never_more_than_requested(db):
    for n in range(5):
        await insert(db, f"message {n}")

    rows = await claim(db, limit=3)

    assert [row["message"] for row in rows] == ["message 0", "message 1", "message 2"]


@pytest.mark.fault("W7")
async def test_a_stale_claim_cannot_finish(db):
    rfq = await insert(db)
    (old,) = await claim(db, base=1, lease="-1 s")
    (new,) = await claim(db, worker=2, base=50)

    assert await finish(db, end(old, summary="stale")) == {old["outbox_id"]: "lost"}

    assert (await status(db, rfq)) == ("pending", "in_progress")
    assert await finish(db, end(new, summary="fresh")) == {}
    assert await db.fetchval("select ai_summary from public.rfq_requests") == "fresh"
    statuses = await db.fetch("select status, reason from ai.rag_runs order by run_id")
    assert [tuple(one) for one in statuses] == [
        ("lost", "lease_expired"), ("superseded", "claim_lost"), ("succeeded", None)
    ]  # fmt: skip


async def test_a_finish_whose_reply_was_lost_is_recognised_when_it_is_repeated(db):
    await insert(db)
    (row,) = await claim(db)
    await finish(db, end(row))

    assert await finish(db, end(row)) == {row["outbox_id"]: "lost"}

    assert await db.fetchval("select count(*) from ai.rag_runs") == 1


async def test_an_edit_while_queued_is_absorbed_and_the_new_text_is_claimed(db):
    rfq = await insert(db, "first")
    await db.execute("update public.rfq_requests set message = 'second' where id = $1", rfq)

    rows = await claim(db)

    assert [row["message"] for row in rows] == ["second"]


async def test_an_edit_while_a_retry_waits_gives_the_new_text_all_its_attempts(db):
    rfq = await insert(db, "first")
    (row,) = await claim(db)
    await finish(db, end(row, "retry", reason="timeout", error_class="timeout"))
    await db.execute("update public.rfq_requests set message = 'second' where id = $1", rfq)
    await db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")
    await db.fetchval("select ai.promote_deferred()")

    (again,) = await claim(db, base=90)

    assert (again["message"], again["attempt"]) == ("second", 1)


async def test_an_edit_during_the_call_supersedes_the_answer_and_queues_the_new_text(db):
    rfq = await insert(db, "first")
    (row,) = await claim(db)
    await db.execute("update public.rfq_requests set message = 'second' where id = $1", rfq)

    assert await finish(db, end(row)) == {row["outbox_id"]: "edited"}

    assert await db.fetchval("select ai_summary from public.rfq_requests") is None
    (again,) = await claim(db, base=90)
    assert (again["message"], again["attempt"]) == ("second", 1)
    assert await finish(db, end(again)) == {}
    assert await status(db, rfq) == ("done", None)


async def test_an_edit_of_a_finished_rfq_makes_it_pending_and_keeps_the_old_answer_readable(db):
    rfq = await insert(db, "first")
    (row,) = await claim(db)
    await finish(db, end(row))

    await db.execute("update public.rfq_requests set message = 'second' where id = $1", rfq)

    assert await status(db, rfq) == ("pending", None)
    assert await db.fetchval("select ai_status || ai_summary from public.rfq_requests") == "pendinga summary"


async def test_the_same_content_and_prompt_is_accepted_once_unless_forced(db):
    rfq = await insert(db)
    (row,) = await claim(db)
    await finish(db, end(row))

    assert await db.fetchval("select ai.rerun_rfq($1)", rfq)
    (row,) = await claim(db, base=50)
    assert await finish(db, end(row, summary="again")) == {row["outbox_id"]: "repeated"}
    assert await db.fetchval("select ai_summary from public.rfq_requests") == "a summary"

    assert await db.fetchval("select ai.rerun_rfq($1, true)", rfq)
    (row,) = await claim(db, base=90)
    assert row["forced"]
    assert await finish(db, end(row, summary="forced")) == {}
    assert await db.fetchval("select ai_summary from public.rfq_requests") == "forced"
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'superseded'") == 1


async def test_a_finish_never_waits_for_a_locked_rfq(db, open_connection):
    held, free = await insert(db, "held"), await insert(db, "free")
    rows = {row["rfq_id"]: row for row in await claim(db)}
    application = await open_connection()
    transaction = application.transaction()
    await transaction.start()
    await application.execute("update public.rfq_requests set name = 'n' where id = $1", held)

    async with asyncio.timeout(10):
        outcomes = await finish(db, end(rows[held]), end(rows[free]))

    assert outcomes == {rows[held]["outbox_id"]: "busy"}
    assert await status(db, free) == ("done", None)
    await transaction.commit()
    assert await finish(db, end(rows[held])) == {}
    assert await status(db, held) == ("done", None)


async def test_the_application_is_never_a_deadlock_victim(db, open_connection):
    rfqs = [await insert(db, f"m{n}") for n in range(20)]
    rows = await claim(db, limit=20)
    application = await open_connection()
    pending = {row["outbox_id"]: end(row) for row in rows}

    async def edit_in_reverse():
        for _ in range(5):
            async with application.transaction():
                for rfq in reversed(rfqs):
                    await application.execute("update public.rfq_requests set name = 'x' where id = $1", rfq)

    async def finish_all():
        while pending:
            outcomes = await finish(db, *pending.values())
            for outbox_id in set(pending) - {key for key, value in outcomes.items() if value == "busy"}:
                del pending[outbox_id]

    async with asyncio.timeout(30):
        await asyncio.gather(edit_in_reverse(), finish_all())

    assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'") == 20


async def test_a_users_trigger_that_raises_fails_its_own_row_only(db):
    await db.execute(
        "create function public.no() returns trigger language plpgsql as $$ begin "
        "if new.message = 'bad' and new.ai_summary is not null then raise exception 'no'; end if; return new; end $$;"
        "create trigger no before update on public.rfq_requests for each row execute function public.no()"
    )
    good, bad = await insert(db, "good"), await insert(db, "bad")
    rows = {row["rfq_id"]: row for row in await claim(db)}

    outcomes = await finish(db, end(rows[good]), end(rows[bad]))

    assert outcomes == {rows[bad]["outbox_id"]: "refused:P0001"}
    assert await status(db, good) == ("done", None)
    assert await finish(db, end(rows[bad], "abandon", reason="write_refused", error_class="write_refused")) == {}
    assert await status(db, bad) == ("failed", "write_refused")
    paid = await db.fetchrow("select * from ai.gate_facts(array[$1::uuid])", bad)
    assert json.loads(paid["paid_output"]) == {"summary": "a summary"}


async def test_an_abandoned_rfq_is_a_dead_letter_that_the_sweep_skips(db):
    await insert(db, "m")
    (row,) = await claim(db)

    assert await finish(db, end(row, "abandon", status=None, reason=None, error_class=None)) == {}

    assert tuple(await db.fetchrow("select reason, error_class from ai.outbox_dead")) == (
        "write_refused",
        "write_refused",
    )
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 0


async def test_a_trigger_that_swallows_the_update_is_an_error(db):
    await db.execute(
        "create function public.swallow() returns trigger language plpgsql as $$ begin return null; end $$;"
        "create trigger swallow before update on public.rfq_requests for each row execute function public.swallow()"
    )
    await insert(db)
    (row,) = await claim(db)

    assert await finish(db, end(row)) == {row["outbox_id"]: "refused:RF003"}
    assert await db.fetchval("select count(*) from ai.outbox") == 1


async def test_row_level_security_that_hides_an_rfq_is_an_error_and_forgets_nothing(db):
    await db.execute(
        "create role hidden_owner; alter schema ai owner to hidden_owner; grant all on schema public to hidden_owner"
    )
    try:
        await insert(db)
        (row,) = await claim(db)
        await db.execute(
            "alter table public.rfq_requests owner to hidden_owner;"
            "do $$ declare f regprocedure; begin for f in select p.oid::regprocedure from pg_proc p "
            "where p.pronamespace = 'ai'::regnamespace loop execute format('alter function %s owner to hidden_owner', f); "
            "end loop; end $$;"
            "do $$ declare t regclass; begin for t in select c.oid::regclass from pg_class c where c.relnamespace = "
            "'ai'::regnamespace and c.relkind in ('r', 'p', 'v') loop execute format('alter table %s owner to hidden_owner', t); "
            "end loop; end $$;"
            "alter table public.rfq_requests enable row level security;"
            "alter table public.rfq_requests force row level security"
        )

        assert await finish(db, end(row)) == {row["outbox_id"]: "refused:RF003"}
        assert await db.fetchval("select count(*) from ai.outbox") == 1
    finally:
        await db.execute(
            "reassign owned by hidden_owner to current_user; drop owned by hidden_owner; drop role hidden_owner"
        )


async def test_a_retry_waits_outside_the_live_queue_and_returns_when_due(db):
    rfq = await insert(db)
    (row,) = await claim(db)
    assert await finish(db, end(row, "retry", reason="timeout", error_class="timeout")) == {}

    assert await status(db, rfq) == ("pending", "retry")
    assert await claim(db) == []
    assert await db.fetchval("select ai.promote_deferred()") == 0
    await db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")
    assert await db.fetchval("select ai.promote_deferred()") == 1
    (again,) = await claim(db, base=70)
    assert again["attempt"] == 2


async def test_a_deferral_charges_no_attempt_and_is_visible(db):
    rfq = await insert(db)
    (row,) = await claim(db)
    assert await finish(db, end(row, "defer", reason="rate_limit")) == {}

    assert await status(db, rfq) == ("deferred", "rate_limit")
    assert await db.fetchval("select ai_status from public.rfq_requests") == "deferred"
    await db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")
    await db.execute("select ai.promote_deferred()")
    (again,) = await claim(db, base=70)
    assert again["attempt"] == 1


async def test_a_discarded_rfq_is_a_dead_letter_that_can_be_retried(db):
    rfq = await insert(db)
    (row,) = await claim(db)
    assert await finish(db, end(row, "discard", reason="bad_request", error_class="bad_request")) == {}

    assert await status(db, rfq) == ("failed", "bad_request")
    assert await db.fetchval("select reason from ai.dead_letters") == "bad_request"
    assert await db.fetchval("select ai.retry_discarded()") == 1
    assert await status(db, rfq) == ("pending", None)


async def test_a_release_gives_the_attempt_back(db):
    await insert(db)
    (row,) = await claim(db)
    assert await finish(db, {**end(row, "release"), "status": None}) == {}

    (again,) = await claim(db, base=70)
    assert again["attempt"] == 1
    assert await db.fetchval("select count(*) from ai.rag_runs") == 0


async def test_a_deleted_rfq_leaves_the_queue(db):
    rfq = await insert(db)
    (row,) = await claim(db)
    await db.execute("delete from public.rfq_requests where id = $1", rfq)

    assert await finish(db, end(row)) == {row["outbox_id"]: "gone"}
    assert await db.fetchval("select count(*) from ai.outbox") == 0


async def test_pause_stops_claims_and_resume_restarts_them(db):
    rfq = await insert(db)
    await db.execute("select ai.pause('tester', 'a reason')")

    assert await claim(db) == []
    assert await status(db, rfq) == ("pending", "paused")
    await db.execute("select ai.resume()")
    assert len(await claim(db)) == 1
    history = await db.fetch("select key, actor, reason from ai.policy_history order by id")
    assert tuple(history[0]) == ("mode", "tester", "a reason")


@pytest.mark.parametrize(("key", "value"), [("max_attempts", "0"), ("max_attempts", '"5"'), ("mode", '"off"')])
async def test_invalid_policy_values_are_refused(db, key, value):
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("select ai.set_policy($1, $2)", key, value)


async def test_a_dead_workers_rows_are_reclaimed_and_recorded(db, open_connection):
    await insert(db)
    session = await open_connection()
    worker = await session.fetchval("select ai.register_worker('h', 1, 'v', 'p', 'm', 8, true)")
    await claim(session, worker=worker)

    assert await db.fetchval("select ai.reclaim_dead(0)") == 0
    await session.close()
    while await db.fetchval(
        "select exists (select from pg_locks where locktype = 'advisory' and classid = 1380340055)"
    ):
        await asyncio.sleep(0.01)

    assert await db.fetchval("select ai.reclaim_dead(0)") == 1
    assert await db.fetchval("select reason from ai.rag_runs") == "worker_died"
    (row,) = await claim(db, base=70)
    assert row["attempt"] == 2


async def test_claim_and_finish_use_indexes_with_any_statistics(db):
    await db.execute("insert into public.rfq_requests (message) select 'm' || g from generate_series(1, 3000) g")

    async with db.transaction():
        rows = await claim(db, limit=2)
        assert await finish(db, end(rows[0]), end(rows[1])) == {}
        used = await db.fetch(
            "select relname, seq_scan, idx_tup_fetch from pg_stat_xact_user_tables "
            "where relname in ('outbox', 'rfq_requests')"
        )

    assert {row["relname"]: row["seq_scan"] for row in used} == {"outbox": 0, "rfq_requests": 0}
    assert max(row["idx_tup_fetch"] for row in used) < 40


async def test_no_claim_after_a_switch_of_the_prompt_has_the_old_version(db, open_connection):
    versions = [await db.fetchval("select ai.add_prompt('t', $1, 'x', '{}')", f"system {n}") for n in range(2)]
    await db.execute("insert into public.rfq_requests (message) select 'm' || g from generate_series(1, 3000) g")
    claimers = [await open_connection() for _ in range(4)]
    switches: list[tuple[float, str]] = [(time.perf_counter(), versions[0])]
    claims: list[tuple[float, str]] = []

    async def claim_all(conn, worker):
        while True:
            began = time.perf_counter()
            rows = await claim(conn, worker=worker, base=worker * 1_000_000, limit=5)
            if not rows:
                return
            claims.append((began, {row["prompt_version"] for row in rows}.pop()))

    async def switch():
        for n in range(40):
            await db.execute("select ai.activate_prompt($1, p_force => true)", versions[(n + 1) % 2])
            switches.append((time.perf_counter(), versions[(n + 1) % 2]))

    await asyncio.gather(switch(), *(claim_all(conn, n) for n, conn in enumerate(claimers)))

    stale = 0
    for began, version in claims:
        before = [n for n, (at, _) in enumerate(switches) if at < began]
        allowed = {switches[n][1] for n in range(before[-1], len(switches)) if n in (before[-1], before[-1] + 1)}
        stale += version not in allowed
    assert (stale, len(claims) > 500) == (0, True)


async def test_functions_that_run_for_each_rfq_are_never_jit_compiled(db):
    # Before the first ANALYZE, estimates are far too high. With JIT, which is on where the server has LLVM, each
    # admission took more than a second.
    slow = await db.fetch(
        "select p.proname from pg_proc p where p.pronamespace = 'ai'::regnamespace and p.proname = any (array["
        "'claim_outbox', 'gate_facts', 'find_context', 'admit', 'renew_leases', 'finish_outbox', 'finish_and_claim', "
        "'heartbeat', 'settle_calls', 'settle_evaluation', 'claim_shadow', 'queue_end_webhooks', 'claim_webhooks', 'roll_up']) "
        "and not coalesce('jit=off' = any (p.proconfig), false)"
    )
    assert slow == []


async def test_an_rfq_is_marked_as_new_at_its_first_claim_only(db):
    await insert(db)
    (row,) = await claim(db)
    assert row["is_new"]
    assert await finish(db, end(row, "release", status=None, charged=False)) == {}
    (row,) = await claim(db)
    assert (row["is_new"], row["attempt"]) == (False, 1)
    assert await finish(db, end(row, "retry")) == {}
    await db.execute("update ai.outbox_deferred set due_at = now() - interval '1 s'")
    await db.execute("select ai.promote_deferred()")
    (row,) = await claim(db)
    assert not row["is_new"]
    assert await finish(db, end(row)) == {}
    await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
    assert [row["is_new"] for row in await claim(db)] == [False]


async def test_gate_facts_of_a_new_rfq_search_no_earlier_runs(db):
    await insert(db)
    (row,) = await claim(db)
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, model, error_class, content_sha256) values ($1, 1, 'failed', 'm1', 'refusal', $2)",
        row["rfq_id"], row["content_sha256"],
    )  # fmt: skip
    for new, expected in ((True, None), (False, "refusal")):
        facts = await db.fetchrow(
            "select * from ai.gate_facts(array[$1::uuid], p_new => array[$2::boolean])", row["rfq_id"], new
        )
        assert facts["last_error_class"] == expected


async def test_pending_work_is_visible_from_an_id_on_and_only_if_no_worker_holds_it(db):
    await insert(db)
    await insert(db)
    first, second = [row[0] for row in await db.fetch("select id from ai.outbox order by id")]

    async def waits(from_id: int) -> bool:
        return await db.fetchval("select waiting from ai.heartbeat(0, 0, 0, -1, $1)", from_id)

    assert [await waits(one) for one in (0, first, second, second + 1)] == [True, True, True, False]
    await claim(db)
    assert not await waits(0)
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 s' where id = $1", first)
    assert [await waits(one) for one in (0, first, second)] == [True, True, False]


async def test_the_fused_call_returns_each_column_of_a_claim(db):
    columns = {
        row["name"]: row["columns"]
        for row in await db.fetch("""
            select p.proname as name, p.proargnames[p.pronargs + 1:] as columns from pg_proc p
            where p.pronamespace = 'ai'::regnamespace and p.proname in ('claim_outbox', 'finish_and_claim')
        """)
    }

    assert set(columns["finish_and_claim"]) == {*columns["claim_outbox"], "outcome"}
