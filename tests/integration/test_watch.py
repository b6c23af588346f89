"""`rfqflow_done`: sent after the commit, only while a client listens, and never blocks a session."""

import asyncio
import contextlib

from rfqflow.core.errors import ErrorClass
from rfqflow.database.connection import connect
from tests.support.counting import CountingProxy
from tests.support.worker_harness import Scripted, count, ended, heartbeats, insert, insert_many, now, until, working


@contextlib.asynccontextmanager
async def heard(database, db, *, watching=True):
    """The notifications on the channel, each with the RFQ's status as another session sees it at that moment."""
    reported: list[tuple[str, str]] = []
    conn = await connect(database)
    await conn.add_listener("rfqflow_done", lambda *got: reported.append(tuple(got[3].split(" "))))
    if watching:
        await conn.execute("select ai.watch()")
    try:
        yield reported
    finally:
        await conn.close()


async def test_a_finish_is_notified_after_its_commit(database, db):
    provider = Scripted()
    provider.behaviours["bad"] = [ValueError("x")] * 9
    await db.execute("select ai.set_policy('max_attempts', '1')")
    async with working(database, provider, poll_seconds=0.2), heard(database, db) as reported:
        await heartbeats(db)  # the worker knows of a listener
        seen = []
        other = await connect(database)
        await other.add_listener("rfqflow_done", lambda *got: looks.append(asyncio.create_task(look(got[3]))))
        looks: list[asyncio.Task[None]] = []

        async def look(payload):
            rfq_id, status = payload.split(" ")
            seen.append((status, await db.fetchval("select ai_status from public.rfq_requests where id = $1", rfq_id)))

        await insert(db, "good")
        await until(now(lambda: len(seen) == 1))
        await insert(db, "bad")
        await until(now(lambda: len(seen) == len(reported) == 2))  # two sessions: either may get it first
        await asyncio.gather(*looks)
        await other.close()

    assert seen == [("done", "done"), ("failed", "failed")]
    assert [status for _, status in reported] == ["done", "failed"]


async def test_an_rfq_in_an_outage_is_notified_as_deferred_and_then_as_done(database, db):
    provider = Scripted()
    # A timeout is not a fault of the text while no other RFQ is answered either.
    provider.behaviours["alone"] = [ErrorClass.TIMEOUT] * 3
    for key, value in {"max_attempts": "2", "retry_base_seconds": "0.01", "retry_cap_seconds": "0.3"}.items():
        await db.execute("select ai.set_policy($1, $2)", key, value)
    async with working(database, provider, poll_seconds=0.2), heard(database, db) as reported:
        await heartbeats(db)  # the worker knows of a listener
        await insert(db, "alone")
        await until(ended(db, 1))
        await until(now(lambda: "done" in [status for _, status in reported]))

    assert "failed" not in [status for _, status in reported]
    assert "deferred" in [status for _, status in reported]
    assert await db.fetchval("select count(*) from ai.rag_runs where error_class = 'timeout'") == 3
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


async def test_notifications_are_sent_only_while_a_page_watches(database, db):
    async with (
        working(database, Scripted(), poll_seconds=0.2),
        heard(database, db, watching=False) as reported,
    ):
        await insert(db, "one")
        await until(ended(db, 1))
        async with heard(database, db) as watching:
            await heartbeats(db)
            await insert(db, "two")
            await until(now(lambda: len(watching) == 1))
        await until(lambda: db.fetchval("select not ai.watched()"))  # the watcher's session has ended
        await heartbeats(db)
        await insert(db, "three")
        await until(ended(db, 3))
        # Notifications arrive in the order of their commits: after this mark, no earlier one can arrive.
        mark = asyncio.Event()
        conn = await connect(database)
        await conn.add_listener("mark", lambda *_: mark.set())
        await conn.execute("notify mark")
        await mark.wait()
        await conn.close()
    assert len(reported) == 1


async def test_every_finish_is_notified_in_few_transactions(database, db):
    async with (
        CountingProxy.before(database) as link,
        working(link.dsn, Scripted(), concurrency=64),
        heard(database, db) as reported,
    ):
        await heartbeats(db)
        await insert_many(db, 500)
        await until(ended(db, 500), 30)
        await until(now(lambda: len(reported) == 500))
    sent = sum(number for statement, number in link.statements.items() if "ai.announce" in statement)
    assert 0 < sent < 100
    assert len(reported) == 500
    assert await count(db, "done") == 500


async def test_two_workers_that_check_at_once_do_not_take_each_other_for_watchers(database, open_connection):
    one, other = await open_connection(), await open_connection()
    async with one.transaction():
        assert await one.fetchval("select ai.watched()") is False
        assert await other.fetchval("select ai.watched()") is False  # refused by the first, which watches nothing
    await one.execute("select ai.watch()")
    assert await other.fetchval("select ai.watched()") is True


async def test_notifications_of_other_roles_do_no_harm(database, db):
    from rfqflow.http.completion_stream import CompletionWatcher

    watch = CompletionWatcher(database)
    task = asyncio.create_task(watch.run())
    try:
        async with watch.of(None) as reported:
            await watch.listening.wait()
            reported.clear()
            await db.execute("select pg_notify('rfqflow_done', 'no id at all')")
            await db.execute("select pg_notify('rfqflow_done', gen_random_uuid() || ' done')")
            async with asyncio.timeout(40):
                await reported.wait()
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_watcher_still_gets_notifications_after_its_session_was_lost_and_ends_without_pages(database, db):
    from rfqflow.http.completion_stream import CompletionWatcher

    watchers = (
        "select pid from pg_stat_activity where application_name = 'rfqflow watch' and datname = current_database()"
    )
    watch = CompletionWatcher(database)
    task = asyncio.create_task(watch.run())
    try:
        assert await db.fetchval(watchers) is None
        async with watch.of(None) as reported:
            await watch.listening.wait()
            first = await db.fetchval(watchers)
            assert await db.fetchval("select ai.watched()") is True
            await db.execute("select pg_terminate_backend($1)", first)
            await until(now(lambda: not watch.listening.is_set()))
            reported.clear()
            async with asyncio.timeout(40):
                await reported.wait()  # the page must query what it missed meanwhile
            assert await db.fetchval(watchers) != first
            reported.clear()
            await db.execute("select pg_notify('rfqflow_done', gen_random_uuid() || ' done')")
            async with asyncio.timeout(40):
                await reported.wait()

        async def is_unwatched():
            return await db.fetchval("select not ai.watched()")

        await until(is_unwatched, 20)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
