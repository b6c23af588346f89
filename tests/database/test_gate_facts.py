"""The facts that the gates get: duplicates, senders, rates; and idempotent submission."""

import asyncio
import json
import time

import asyncpg
import pytest

from tests.support.admission import set_policy
from tests.support.finishing import claim, end, finish, insert
from tests.support.gate_facts import add, answer, facts


async def test_a_second_rfq_with_the_same_text_and_sender_gets_its_original_and_then_its_answer(db):
    first, second = await add(db), await add(db, email=" A@B.example")
    one, two = await facts(db, first, second)
    assert (one["original_rfq_id"], two["original_rfq_id"], two["original_run_id"]) == (None, first, None)
    await answer(db, first)
    (two,) = await facts(db, second)

    assert (two["original_rfq_id"], json.loads(two["original_output"])) == (first, {"summary": "s"})
    assert (two["original_version"], two["original_model"]) == ("q@1", "m1")


@pytest.mark.parametrize("other", ["c@d.example", None, "no address"])
async def test_another_sender_or_no_sender_is_not_a_duplicate(db, other):
    first, second = await add(db), await add(db, email=other)
    rows = await facts(db, first) + await facts(db, second)
    assert [row["original_rfq_id"] for row in rows] == [None, None]
    assert rows[1]["same_text_senders"] == 1


async def test_an_edited_or_unanswered_original_no_longer_counts(db):
    first, second = await add(db), await add(db)
    await facts(db, first)
    await db.execute("update public.rfq_requests set message = 'other' where id = $1", first)
    assert (await facts(db, second))[0]["original_rfq_id"] is None
    third = await add(db)
    assert (await facts(db, third))[0]["original_rfq_id"] == second
    await answer(db, second, verdict="skip", status="skipped", reason="spam")
    assert (await facts(db, third))[0]["original_rfq_id"] is None


async def test_a_text_counts_as_new_after_the_duplicate_window(db):
    first, second = await add(db), await add(db)
    await facts(db, first)
    await db.execute("update ai.duplicate_fingerprints set seen_at = seen_at - interval '721 hours'")
    assert (await facts(db, second))[0]["original_rfq_id"] is None
    await set_policy(db, duplicate_hours=0)
    assert (await facts(db, first))[0]["original_rfq_id"] is None


async def test_one_of_many_simultaneous_rfqs_is_the_original(db, open_connection):
    ids = [await add(db) for _ in range(40)]
    conns = [await open_connection() for _ in range(8)]
    found = await asyncio.gather(*(facts(conns[n], *ids[n::8]) for n in range(8)))
    originals = [row["original_rfq_id"] for rows in found for row in rows]

    assert originals.count(None) == 1
    assert len(set(originals)) == 2


async def test_a_rate_is_exact_for_any_number_of_sessions_and_counts_an_rfq_once(db, open_connection):
    await set_policy(db, sender_per_hour=10)
    ids = [await add(db, f"m{n}") for n in range(40)]
    conns = [await open_connection() for _ in range(8)]

    async def ask(number: int) -> list[bool]:
        return [(await facts(conns[number], one, text=None, paid=True))[0]["sender_over"] for one in ids[number::8]]

    found = await asyncio.gather(*(ask(number) for number in range(8)))
    assert [over for some in found for over in some].count(False) == 10
    rows = await facts(db, *ids, text=None, attempt=2, paid=True)
    assert not any(row["sender_over"] for row in rows)
    other = await add(db, email="c@d.example")
    assert not (await facts(db, other, text=None, paid=True))[0]["sender_over"]
    await db.execute("update ai.rate_limit_buckets set filled_at = filled_at - interval '12 minutes'")
    rows = await facts(db, *[await add(db, f"n{n}") for n in range(5)], text=None, paid=True)
    assert [row["sender_over"] for row in rows] == [False, False, True, True, True]


async def test_the_facts_of_many_rfqs_cost_no_more_per_rfq_than_those_of_a_few(db):
    await set_policy(db, sender_per_hour=1000, ip_per_hour=1000)
    await db.execute(
        "insert into public.rfq_requests (message, email, source_ip) "
        "select 'm' || n, n || '@b.example', ('192.0.2.' || n % 200)::inet from generate_series(1, 600) n"
    )
    ids = [row["id"] for row in await db.fetch("select id from public.rfq_requests")]

    async def seconds(size: int, offset: int) -> float:
        began = time.perf_counter()
        for at in range(0, len(ids), size):
            some = ids[at : at + size]
            texts = [(offset + at + n).to_bytes(16) for n in range(len(some))]
            await db.fetch("select * from ai.gate_facts($1, $2, $3, true)", some, texts, [1] * len(some))
        return time.perf_counter() - began

    few = min([await seconds(30, turn * 10_000) for turn in range(3)])
    many = min([await seconds(600, 100_000 + turn * 10_000) for turn in range(3)])
    assert many < 1.2 * few  # if each were joined with each, it would be three times as much


async def test_rfqs_that_cost_nothing_do_not_count_in_rates(db):
    await set_policy(db, sender_per_hour=1)
    ids = [await add(db) for _ in range(3)]
    assert not any(row["sender_over"] for row in await facts(db, *ids, text=None))
    assert await db.fetchval("select count(*) from ai.rate_limit_buckets") == 0


async def test_an_ipv6_network_counts_as_one_and_ipv4_addresses_do_not(db):
    await set_policy(db, ip_per_hour=1)
    ids = [
        await add(db, email=None, ip=ip)
        for ip in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2", "192.0.2.1/24")
    ]
    rows = await facts(db, *ids, text=None, paid=True)
    assert [row["ip_over"] for row in rows] == [False, True, False, False, False, True]


async def test_the_guards_store_no_addresses(db):
    rfq_id = await add(db, email="secret@person.example", ip="192.0.2.77")
    await facts(db, rfq_id, paid=True)
    for table in ("duplicate_fingerprints", "rate_limit_buckets", "holds", "budget_windows", "events", "submissions"):
        text = await db.fetchval(f"select coalesce(string_agg(t::text, ' '), '') from ai.{table} t")
        assert "secret" not in text
        assert "192.0.2" not in text
    assert await db.fetchval("select ai.sender_key('secret@person.example') <> sha256('secret@person.example')")


async def test_old_texts_full_buckets_and_past_windows_are_pruned(db):
    await facts(db, await add(db, ip="192.0.2.1"), paid=True)
    assert await db.fetchval("select ai.prune_guards()") == 0
    await db.execute(
        "update ai.duplicate_fingerprints set seen_at = seen_at - interval '800 hours';"
        "update ai.rate_limit_buckets set filled_at = filled_at - interval '2 hours'"
    )
    assert await db.fetchval("select ai.prune_guards()") == 3


# -- idempotent submission -------------------------------------------------------------------------------------


async def test_the_same_submission_gives_the_same_rfq(db):
    submit = "select public.submit_rfq($1, $2, p_idempotency_key => $3)"
    first = await db.fetchval(submit, "We need 5 pumps", "a@b.example", "k1")
    assert await db.fetchval(submit, "We need 6 pumps", "x@y.example", "k1") == first
    assert await db.fetchval(submit, "We need 5 pumps", "a@b.example", "k2") != first
    one = await db.fetchval(submit, "We need 5 pumps", "a@b.example", None)
    assert await db.fetchval(submit, "We need 5 pumps", " A@b.example", None) == one
    assert await db.fetchval(submit, "We need 7 pumps", "a@b.example", None) != one
    assert await db.fetchval("select count(*) from public.rfq_requests") == 4
    await db.execute("delete from public.rfq_requests where id = $1", first)
    assert await db.fetchval(submit, "We need 5 pumps", "a@b.example", "k1") != first


async def test_one_of_many_simultaneous_submissions_inserts(db, open_connection):
    conns = [await open_connection() for _ in range(10)]
    ids = await asyncio.gather(
        *(conn.fetchval("select public.submit_rfq('We need 5 pumps', 'a@b.example')") for conn in conns)
    )
    assert len(set(ids)) == 1
    assert await db.fetchval("select count(*) from ai.outbox") == 1


async def test_only_a_granted_role_may_submit(make_role, database, db):
    role = await make_role()
    await db.execute(f"set role {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("select public.submit_rfq('We need 5 pumps')")
    await db.execute("reset role")
    await db.execute(f"grant execute on function public.submit_rfq to {role}")
    await db.execute(f"set role {role}")
    assert await db.fetchval("select public.submit_rfq('We need 5 pumps')")
    await db.execute("reset role")
    await db.execute(f"revoke all on function public.submit_rfq from {role}")


@pytest.mark.parametrize("verdict", ["complete", "skip", "discard", "defer"])
async def test_a_duplicate_is_due_when_its_original_ends_or_is_deferred(db, verdict):
    original, duplicate, other = await insert(db), await insert(db), await insert(db)
    rows = {row["rfq_id"]: row for row in await claim(db)}
    await finish(
        db, end(rows[duplicate], "defer", reason="duplicate_running", waits_for=str(original)),
        end(rows[other], "defer", reason="quota"),
    )  # fmt: skip
    assert [] == await due(db)
    assert {} == await finish(db, end(rows[original], verdict, reason="because"))

    assert [duplicate] == await due(db)


async def test_a_duplicate_of_an_original_that_ends_meanwhile_is_due_soon(db):
    gone, original, late, together = [await insert(db) for _ in range(4)]
    rows = {row["rfq_id"]: row for row in await claim(db)}
    await finish(db, end(rows[gone]))
    await finish(db, end(rows[late], "defer", reason="duplicate_running", waits_for=str(gone)))
    assert [late] == await due(db, within=1)

    await finish(
        db, end(rows[together], "defer", reason="duplicate_running", waits_for=str(original)), end(rows[original])
    )
    assert {late, together} == set(await due(db, within=1))


async def test_no_session_waits_for_the_lock_of_an_original_that_ends_elsewhere(db, open_connection):
    original, duplicate = await insert(db), await insert(db)
    rows = {row["rfq_id"]: row for row in await claim(db)}
    elsewhere = await open_connection()
    async with elsewhere.transaction():
        await elsewhere.execute("delete from ai.outbox where rfq_id = $1", original)  # as its finish does
        await finish(db, end(rows[duplicate], "defer", reason="duplicate_running", waits_for=str(original)))
    assert [duplicate] == await due(db, within=1)


async def test_a_finish_does_not_wait_for_a_duplicate_that_the_application_is_editing(db, open_connection):
    """The application may also edit the original, which the finish has locked.

    Then one of the two would be a deadlock's victim.
    """
    original, duplicate = await insert(db), await insert(db)
    rows = {row["rfq_id"]: row for row in await claim(db)}
    await finish(db, end(rows[duplicate], "defer", reason="duplicate_running", waits_for=str(original)))
    application = await open_connection()
    async with application.transaction():
        await application.execute("update public.rfq_requests set message = 'another' where id = $1", duplicate)
        await db.execute("set lock_timeout = '5s'")
        assert {} == await finish(db, end(rows[original]))


async def due(db, *, within=0):
    rows = await db.fetch(
        "select rfq_id from ai.outbox_deferred where due_at <= clock_timestamp() + $1 * interval '1 second'", within
    )
    return [row["rfq_id"] for row in rows]
