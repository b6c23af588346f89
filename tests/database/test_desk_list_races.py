"""The desk's list beside actions of people, overrides and deletions by the application: none is lost or blocked."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from rfqflow.core.errors import ConfigError
from rfqflow.store.desk import DeskFilter, DeskStore
from tests.support.answered_rfqs import answered


async def waits(db: asyncpg.Connection, pid: int) -> None:
    async with asyncio.timeout(60):
        while not await db.fetchval("select cardinality(pg_blocking_pids($1)) > 0", pid):
            await asyncio.sleep(0.02)


async def test_the_list_shows_an_override_and_an_owner_that_were_set_at_the_same_moment(db, open_connection) -> None:
    rfq_id = await answered(db, "ten pumps")
    await DeskStore(db).assign(rfq_id, "eva", "eva")
    first, second = await open_connection(), await open_connection()
    transaction = first.transaction()
    await transaction.start()
    await first.execute("select ai.override_rfq($1, 'mechanical', 'tom')", rfq_id)
    assigning = asyncio.create_task(DeskStore(second).assign(rfq_id, "max", "eva"))
    await waits(db, second.get_server_pid())
    await transaction.commit()
    await assigning

    entry = await db.fetchrow("select route, owner from ai.desk_entries where rfq_id = $1", rfq_id)

    assert (entry["route"], entry["owner"]) == ("mechanical", "max")


async def test_an_override_does_not_wait_for_the_list_and_the_list_shows_it_later(db, open_connection) -> None:
    rfq_id = await answered(db, "ten pumps")
    await DeskStore(db).assign(rfq_id, "eva", "eva")
    busy, overriding = await open_connection(), await open_connection()
    async with busy.transaction():
        await busy.execute("select from ai.desk_entries where rfq_id = $1 for update", rfq_id)
        async with asyncio.timeout(60):
            await overriding.execute("select ai.override_rfq($1, 'mechanical', 'tom')", rfq_id)
    await db.execute("select ai.refresh_desk()")

    assert await db.fetchval("select route from ai.desk_entries where rfq_id = $1", rfq_id) == "mechanical"


async def test_an_erased_person_leaves_no_cleared_mark_and_no_hash_on_the_desk(db) -> None:
    rfq_id = await answered(db, "ten pumps for Ada", review="Ada asks for a bribe")
    await DeskStore(db).clear_review(rfq_id, "eva")

    await db.execute("select ai.erase_person('ada@customer.example', 'tom')")

    left = await db.fetchval(
        "select array_agg(d::text) || (select array_agg(h::text) from ai.desk_history h) from ai.desk d"
    )
    assert not [row for row in left if "Ada" in row]
    assert await db.fetchval("select count(review_cleared_on) from ai.desk") == 0


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"], ids=["a NUL", "half a character"])
async def test_text_that_the_database_cannot_hold_is_refused_with_a_sentence(db, text) -> None:
    desk = DeskStore(db)
    rfq_id = await answered(db, "ten pumps")

    for act in (
        lambda: desk.correct(rfq_id, {"summary": text}, "eva"),
        lambda: desk.correct(rfq_id, {text: "x"}, "eva"),
        lambda: desk.note(rfq_id, text, "eva"),
        lambda: desk.assign(rfq_id, text, "eva"),
        lambda: desk.confirm(rfq_id, text),
        lambda: desk.inbox(DeskFilter(owner=text)),
        lambda: desk.inbox(DeskFilter(search=f"pump{text}"), after='["1", "yesterday", "x"]'),
        lambda: desk.correct(rfq_id, {"line_items[+]": {"description": "x", "quantity": float("nan")}}, "eva"),
    ):
        with pytest.raises(ConfigError):
            await act()


@pytest.mark.parametrize("place", ["actor", "reason"])
async def test_a_name_or_a_reason_of_a_megabyte_is_refused(db, place) -> None:
    desk = DeskStore(db)
    rfq_id = await answered(db, "ten pumps")
    reported = {"actor": "eva", "reason": "so"} | {place: "x" * 1_000_000}

    with pytest.raises(ConfigError, match="at most"):
        await desk.correct(rfq_id, {"urgency": "high"}, reported["actor"], reason=reported["reason"])
