"""The desk's list: it has every RFQ, each filter keeps its order, and no fault stops it from following the RFQs."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import uuid

import pytest

from rfqflow.store.desk import SORTS, DeskFilter, DeskStore
from tests.support.admission import set_policy
from tests.support.answered_rfqs import answer_again, answered, item

_NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
_KEYS = {
    "urgency": lambda e: (-e["urgency"], -e["created_at"].timestamp(), -e["rfq_id"].int),
    "quote_by": lambda e: (e["quote_by"] or dt.date.max, -e["created_at"].timestamp(), -e["rfq_id"].int),
    "due": lambda e: (e["due"] or dt.date.max, -e["created_at"].timestamp(), -e["rfq_id"].int),
    "age": lambda e: (e["created_at"].timestamp(), e["rfq_id"].int),
    "owner": lambda e: (e["owner"] or "", -e["created_at"].timestamp(), -e["rfq_id"].int),
}


async def entries_of(db, number: int) -> list[dict]:
    chance = random.Random(7)
    made = [
        {
            "rfq_id": uuid.UUID(int=chance.getrandbits(128)), "created_at": _NOW + dt.timedelta(hours=chance.randrange(30)),
            "state": chance.choice(["open", "open", "handled", "waiting", "none"]),
            "route": chance.choice(["civil", "general", ""]), "urgency": chance.randrange(4),
            "review": chance.random() < 0.3, "owner": chance.choice([None, None, "ada", "bo"]),
            "quote_by": chance.choice([None, dt.date(2027, 2, 1), dt.date(2027, 3, 1)]),
            "due": chance.choice([None, dt.date(2027, 4, 1), dt.date(2027, 5, 1)]),
        }
        for _ in range(number)
    ]  # fmt: skip
    await db.executemany(
        "insert into ai.desk_entries (rfq_id, run_id, created_at, status, state, route, urgency, review, owner, quote_by, due) "
        "values ($1, 0, $2, '', $3, $4, $5, $6, $7, $8, $9)",
        [tuple(one.values()) for one in made],
    )
    return made


def fits(entry: dict, asked: DeskFilter) -> bool:
    states = {"open": ("open", "waiting"), "all": ("open", "waiting", "handled", "none")}.get(
        asked.state, (asked.state,)
    )
    return (
        entry["state"] in states
        and asked.route in (None, entry["route"])
        and (asked.owner is None or (entry["owner"] or "") == asked.owner)
        and (entry["review"] or not asked.review)
        and (entry["urgency"] >= 2 or not asked.urgent)
    )


async def test_each_filter_in_each_order_lists_exactly_its_rfqs_and_no_page_skips_or_repeats_one(db) -> None:
    made = await entries_of(db, 400)
    desk = DeskStore(db)
    every = itertools.product(
        (None, "civil", "", "no-such"), ("open", "waiting", "handled", "all"), (None, "", "ada"), (False, True),
        (False, True), (*SORTS, "-age", "-due"),
    )  # fmt: skip
    for route, state, owner, review, urgent, sort in random.Random(11).sample(list(every), 160):
        asked = DeskFilter(route=route, state=state, owner=owner, review=review, urgent=urgent)
        key, turned = _KEYS[sort.removeprefix("-")], sort.startswith("-")
        wanted = sorted((one for one in made if fits(one, asked)), key=key, reverse=turned)
        right = [one["rfq_id"] for one in wanted]
        found, after = await desk.page_of_ids(asked, sort, None, 40)
        while after is not None:
            more, after = await desk.page_of_ids(asked, sort, after, 40)
            found += more
        assert found == right, (asked, sort)
        if right:
            place = len(right) // 2
            onward = await desk.neighbours(right[place], asked, sort)
            around = (right[place - 1] if place else None, right[place + 1] if place + 1 < len(right) else None)
            assert onward == around, (asked, sort)


async def test_tabs_count_the_rfqs_of_their_lists(db) -> None:
    made = await entries_of(db, 200)

    (tab,) = [tab for tab in await DeskStore(db).tabs() if tab.route == "general"]

    for name, asked in {"open": {}, "urgent": {"urgent": True}, "review": {"review": True}}.items():
        assert getattr(tab, name) == sum(fits(one, DeskFilter(route="general", **asked)) for one in made)


async def listed(db, **asked) -> list:
    return [row.rfq_id for row in (await DeskStore(db).inbox(DeskFilter(**asked), "-age", limit=100)).rows]


async def test_an_rfq_is_on_the_list_before_its_first_answer_and_keeps_its_place(db) -> None:
    insert = "insert into public.rfq_requests (message, company) values ('pumps', 'Hansen') returning id"
    queued, deferred = await db.fetchval(insert), await db.fetchval(insert)
    await db.execute(
        "with gone as (delete from ai.outbox where rfq_id = $1 returning *) insert into ai.outbox_deferred "
        "(rfq_id, enqueued_at, due_at, attempt, reason) select rfq_id, enqueued_at, now() + interval '1 h', 1, 'budget' from gone",
        deferred,
    )  # fmt: skip
    await db.execute("update ai.rfqs set ai_status = 'deferred', ai_reason = 'budget' where rfq_id = $1", deferred)

    assert await listed(db) == [deferred, queued]
    assert await listed(db, state="waiting") == [deferred, queued]
    (tab,) = [tab for tab in await DeskStore(db).tabs() if tab.route == ""]
    assert tab.open == 2

    await answer_again(db, queued, route="process")
    assert await listed(db) == [deferred, queued]
    assert await listed(db, route="process") == [queued]
    assert await listed(db, state="waiting") == [deferred]


async def test_the_newest_rfqs_of_a_long_queue_are_listed_at_once_and_the_others_follow(db) -> None:
    for _ in range(3):
        await db.execute("insert into public.rfq_requests (message) select 'pumps' from generate_series(1, 10)")
    newest = await db.fetchval("select rfq_id from ai.outbox order by id desc limit 1")

    await db.execute("select ai.refresh_desk(16)")
    assert await db.fetchval("select count(*) from ai.desk_entries where rfq_id = $1", newest) == 1
    for _ in range(10):
        await db.execute("select ai.refresh_desk(16)")
    assert await db.fetchval("select count(*) from ai.desk_entries") == 30


_ENDED = """
with made as (insert into public.rfq_requests (message, created_at) select 'pumps', $2 from generate_series(1, $1) returning id),
ran as (
  insert into ai.rag_runs (rfq_id, attempt, status, provider, model, end_status, created_at)
  select id, 1, 'succeeded', 'openai', 'm', 'done', $3 from made returning rfq_id)
select array_agg(rfq_id) from ran
"""


async def ended(
    db, number: int, *, submitted: dt.timedelta = dt.timedelta(0), ran: dt.timedelta = dt.timedelta(0)
) -> list:
    """RFQs with a run, submitted and run this long ago."""
    now = dt.datetime.now(dt.UTC)
    ids = await db.fetchval(_ENDED, number, now - submitted, now - ran)
    await db.execute("delete from ai.outbox")
    await db.execute("update ai.rfqs set ai_status = 'done', ai_extracted = '{}' where rfq_id = any ($1)", ids)
    return list(ids)


async def test_deleted_rfqs_do_not_keep_others_from_the_list(db) -> None:
    await db.execute("select ai.refresh_desk(10)")
    await db.execute("select ai.refresh_desk(10)")
    gone = await ended(db, 60)
    await db.execute("delete from public.rfq_requests where id = any ($1)", gone)
    here = await ended(db, 1)

    assert await db.fetchval("select ai.refresh_desk(10)")
    assert await listed(db) == here


async def test_old_rfqs_return_when_the_desk_is_to_reach_further_back(db) -> None:
    await set_policy(db, desk_days=30)
    recent, old = await ended(db, 1), await ended(db, 1, submitted=dt.timedelta(days=40), ran=dt.timedelta(days=40))
    for _ in range(3):
        await db.execute("select ai.refresh_desk()")
    assert await listed(db) == recent

    await set_policy(db, desk_days=60)
    assert await listed(db) == [*recent, *old]
    await set_policy(db, desk_days=30)
    await db.execute("select ai.sweep_desk()")
    assert await listed(db) == recent
    await set_policy(db, desk_days=60)
    assert await listed(db) == [*recent, *old]


async def test_an_old_rfq_that_is_run_again_stays_on_the_list(db) -> None:
    old = await ended(db, 1, submitted=dt.timedelta(days=400))

    assert await listed(db) == old
    await db.execute("select ai.sweep_desk()")
    assert await listed(db) == old


async def test_an_rfq_with_the_id_of_a_deleted_one_begins_anew(db) -> None:
    desk = DeskStore(db)
    rfq_id = await answered(db, "ten pumps", line_items=[item("pump", "10")])
    kept, replaced = await answered(db, "ten valves"), await answered(db, "ten hoses")
    for one in (rfq_id, kept, replaced):
        await desk.assign(one, "eva", "eva")
        await desk.correct(one, {"urgency": "critical"}, "eva")
        await desk.handle(one, "eva")
    await db.execute("delete from public.rfq_requests where id = any ($1)", [rfq_id, replaced])
    again = "insert into public.rfq_requests (id, message) values ($1, $2)"
    await db.execute(again, rfq_id, "something else")
    await db.execute(again, replaced, "ten hoses")
    edited = "update public.rfq_requests set created_at = created_at + interval '2 h', message = 'x' where id = $1"
    await db.execute(edited, kept)
    await db.execute("select ai.enter_desk(array[$1::uuid])", kept)

    await desk.refresh()

    answer = await desk.answer(rfq_id)
    assert (answer.owner, answer.state, answer.urgency, answer.corrections) == (None, "open", None, ())
    assert (await desk.answer(kept)).owner == "eva"  # the application has corrected its time
    assert (await desk.answer(replaced)).owner == "eva"  # the same text: deleted and inserted by an update


async def test_an_uncommitted_action_keeps_no_other_rfq_from_the_list(db, open_connection) -> None:
    held, other = await answered(db, "ten pumps"), await answered(db, "ten valves")
    await db.execute("delete from ai.desk_entries where rfq_id = $1", other)
    busy = await open_connection()
    async with busy.transaction():
        await busy.execute("select ai.note_rfq($1, 'x', 'bo')", held)
        await busy.execute("select ai.note_rfq($1, 'x', 'bo')", other)  # makes an entry that no other session sees yet
        await answer_run(db, held, other)
        new = await ended(db, 1)
        for _ in range(3):
            await db.execute("select ai.refresh_desk()")
        assert set(await listed(db)) == {held, *new}
    assert await db.fetchval("select count(*) from ai.desk_behind") == 2

    await db.execute("select ai.refresh_desk()")
    await db.execute("select ai.refresh_desk()")
    assert set(await listed(db)) == {held, other, *new}
    assert await db.fetchval("select count(*) from ai.desk_behind") == 0
    assert await db.fetchval("select bool_and(run_id > 0) from ai.desk_entries")


async def answer_run(db, *rfq_ids) -> None:
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, provider, model, end_status) "
        "select i, 1, 'succeeded', 'openai', 'm', 'done' from unnest($1::uuid[]) i",
        rfq_ids,
    )


async def test_a_person_named_erased_can_withdraw_like_any_other(db) -> None:
    desk = DeskStore(db)
    rfq_id = await answered(db, "ten pumps")
    await desk.correct(rfq_id, {"urgency": "critical"}, "eva")
    await desk.withdraw(rfq_id, "urgency", "erased")

    assert await db.fetchval("select edited_answers from ai.edit_rates") == 0


async def test_an_erased_answer_leaves_no_hash_but_still_counts_as_edited(db) -> None:
    desk = DeskStore(db)
    rfq_id = await answered(db, "ten pumps for Ada")
    await desk.correct(rfq_id, {"urgency": "critical"}, "eva")
    await desk.confirm(rfq_id, "eva")
    hashed = await db.fetchrow("select seen_answer, encode(content_sha256, 'hex') from ai.desk")

    await db.execute("select ai.erase_person('ada@customer.example', 'tom')")

    left = await db.fetchval(
        "select (select string_agg(d::text, '') from ai.desk d) || (select string_agg(c::text, '') from ai.corrections c)"
    )
    assert not [one for one in hashed if one in left]
    answer = await desk.answer(rfq_id)
    assert (answer.confirmed, answer.confirmed_by) == (False, "eva")
    assert await db.fetchval("select edited_answers from ai.edit_rates") == 1


@pytest.mark.parametrize(
    ("words", "is_found"),
    [('"stainless steel pumps"', True), ('"steel pumps" -"in bulk"', True), ('-"stainless steel"', False), ("bulk steel", False),
     ('"stainless pumps"', False), ('"STEEL PUMPS" stainless', True), ('"pumps 5.*"', True), ('"pumps 5xx"', False)],
)  # fmt: skip
async def test_a_phrase_is_found_across_the_end_of_a_line(db, words, is_found) -> None:
    await answered(db, "We need stainless\r\n> steel\n  pumps 5.* soon", summary="x")

    assert bool(await listed(db, search=words)) is is_found
