"""Related RFQs: found when an RFQ ends and again when it changes, within a bound, and erased with the person."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from rfqflow.core.related.decision import relations
from rfqflow.core.related.facts import related_facts
from rfqflow.maintenance.relating import BATCH, relate_due, relate_now
from rfqflow.store.desk import DeskStore
from rfqflow.store.related import RelatedStore
from tests.support.admission import set_policy
from tests.support.answered_rfqs import answer_again
from tests.support.mapped_tables import SHAPES

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

TABLES = ("related", "related_due", "related_entries", "related_keys")
EVA, BOB, TOM = "eva@acme-pumps.example", "bob@acme-pumps.example", "tom@rival.example"


def line(part: str, quantity: str = "250", **more: Any) -> dict[str, Any]:
    return {"description": f"Impeller {part}", "part_number": part, "quantity": quantity, "unit": "pcs", **more}


async def came(
    db: asyncpg.Connection, email: str | None, *lines: dict[str, Any], age: int = 0, **metadata: Any
) -> UUID:
    """An RFQ of this many days ago, with its answer."""
    rfq_id: UUID = await db.fetchval(
        "insert into public.rfq_requests (email, message, metadata, created_at) "
        "values ($1, 'about impellers', $2, now() - make_interval(days => $3)) returning id",
        email, json.dumps(metadata), age,
    )  # fmt: skip
    await answer_again(db, rfq_id, line_items=list(lines), language="en")
    return rfq_id


async def found(db: asyncpg.Connection) -> set[tuple[UUID, UUID, str]]:
    """The relations that are recorded once no RFQ is due."""
    await relate_due(RelatedStore(db))
    assert await db.fetchval("select count(*) from ai.related_due") == 0
    return {tuple(row) for row in await db.fetch("select rfq_id, related_id, kind from ai.related")}


async def changes(db: asyncpg.Connection, rfq_id: UUID) -> list[tuple[str, str, str]]:
    await relate_due(RelatedStore(db))
    related = await RelatedStore(db).of_rfq(rfq_id)
    assert len(related) == 1
    return [(one["field"], one["old"], one["new"]) for one in related[0].changes]


async def everything(db: asyncpg.Connection) -> str:
    texts = [await db.fetchval(f"select string_agg(x::text, ' ') from ai.{name} x") for name in TABLES]
    return " ".join(filter(None, texts))


async def test_a_later_version_is_found_when_it_ends_and_both_rfqs_name_the_other(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    other = await came(db, EVA, line("ZZ-9999"), age=2)
    second = await came(db, BOB, line("AX-1002", "400"))

    assert await found(db) == {(second, first, "revision")}
    [later], [earlier] = await RelatedStore(db).of_rfq(first), await RelatedStore(db).of_rfq(second)
    assert (later.other_id, later.is_later, earlier.other_id, earlier.is_later) == (second, True, first, False)
    assert later.changes == earlier.changes == ({"item": "AX-1002", "field": "quantity", "old": "250", "new": "400"},)
    assert await RelatedStore(db).of_rfq(other) == []


async def test_each_kind_of_relation_is_found_by_its_own_keys(db) -> None:
    mail = await came(db, EVA, message_id="<1@acme>", age=9)
    reply = await came(db, "eva.k@gmail.com", in_reply_to="<1@acme>", references=["<0@us>", "<1@acme>"], age=8)
    asked = await came(db, EVA, line("AX-1002"), line("BX-2002"), age=7)
    rival = await came(db, TOM, line("AX-1002"), line("BX-2002"), age=6)
    named = await came(db, TOM, reference="K-55123", age=5)
    again = await came(db, TOM, subject="Re: our ref. K-55123", age=4)

    assert await found(db) == {(reply, mail, "thread"), (rival, asked, "same_request"), (again, named, "thread")}


async def test_rfqs_farther_apart_than_the_policy_allows_are_not_related(db) -> None:
    await came(db, EVA, line("AX-1002"), age=31)
    await came(db, EVA, line("AX-1002", "400"))
    await set_policy(db, related_days=30)

    assert await found(db) == set()


async def test_an_rfq_that_changes_is_related_again_and_so_are_the_later_ones(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    second = await came(db, EVA, line("AX-1002", "400"), age=1)
    assert await changes(db, second) == [("quantity", "250", "400")]

    await answer_again(db, first, line_items=[line("AX-1002", "300")], language="en")
    assert await changes(db, second) == [("quantity", "300", "400")]

    await answer_again(db, first, line_items=[line("ZZ-9999")], language="en")
    assert await found(db) == set()
    await answer_again(db, second, line_items=[line("ZZ-9999", "7")], language="en")
    assert await changes(db, second) == [("quantity", "250", "7")]


async def test_an_earlier_rfq_that_ends_after_the_later_one_is_found_all_the_same(db) -> None:
    second = await came(db, EVA, line("AX-1002", "400"))
    assert await found(db) == set()
    first = await came(db, EVA, line("AX-1002"), age=3)

    assert await found(db) == {(second, first, "revision")}


async def test_an_rfq_with_an_unchanged_answer_makes_no_other_due(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    await came(db, EVA, line("AX-1002", "400"))
    await found(db)

    await answer_again(db, first, line_items=[line("AX-1002")], language="en")

    assert await relate_due(RelatedStore(db)) == 1


async def test_corrected_values_are_compared(db) -> None:
    await came(db, EVA, line("AX-1002"), age=3)
    second = await came(db, EVA, line("AX-1002", "40"))
    await found(db)

    await DeskStore(db).correct(second, {"line_items[0].quantity": "400"}, "ada")

    assert await changes(db, second) == [("quantity", "250", "400")]


async def test_one_of_two_rfqs_that_are_related_at_the_same_moment_finds_the_other(db, open_connection) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    second = await came(db, EVA, line("AX-1002", "400"))
    stores = RelatedStore(db), RelatedStore(await open_connection())
    [one], [other] = await stores[0].claim(1, first), await stores[1].claim(1, second)
    # The later RFQ reads its candidates before the earlier one has written its keys.
    await enter(stores[1], other)
    assert await stores[1].candidates(second) == []
    await enter(stores[0], one)
    await record(stores[0], one)
    await record(stores[1], other)

    assert await found(db) == {(second, first, "revision")}


async def enter(store: RelatedStore, due: Any) -> None:
    await store.enter([{"rfq_id": due.rfq_id, "token": due.token, "keys": related_facts(due.facts).keys()}])


async def record(store: RelatedStore, due: Any, *related: dict[str, Any]) -> None:
    digest = related_facts(due.facts).digest()
    await store.record([{"rfq_id": due.rfq_id, "token": due.token, "digest": digest, "relations": list(related)}])


async def test_workers_that_relate_rfqs_of_one_customer_do_not_block_each_other(db, open_connection) -> None:
    ids = [await came(db, EVA, line("AX-1002", str(n)), age=n) for n in range(30)]
    stores = [RelatedStore(await open_connection()) for _ in range(3)]

    async def one_by_one(store: RelatedStore) -> None:
        while due := await store.claim(3):
            for one in due:
                await enter(store, one)
            await store.record([
                {"rfq_id": one.rfq_id, "token": one.token, "digest": "same", "relations": [{"related_id": other, "kind": "thread"} for other in ids]}
                for one in due
            ])  # fmt: skip

    async def forget(conn: asyncpg.Connection) -> None:
        for _ in range(10):
            await conn.execute("select ai.forget_related($1)", ids[::-5])

    await asyncio.gather(*(one_by_one(store) for store in stores), forget(db))

    await db.execute("select ai.request_related($1)", ids)
    assert len(await found(db)) == 29


async def test_an_rfq_that_a_dead_worker_had_taken_is_taken_again_five_times(db) -> None:
    rfq_id = await came(db, EVA, line("AX-1002"))
    store = RelatedStore(db)
    for _ in range(5):
        assert [one.rfq_id for one in await store.claim(9)] == [rfq_id]
        assert await store.claim(9) == []
        await db.execute("update ai.related_due set taken_at = taken_at - interval '3 minutes'")

    assert await store.claim(9) == []
    await db.execute("update ai.related_due set taken_at = taken_at - interval '2 days'")
    await db.execute("select ai.prune_related()")
    assert await db.fetchval("select count(*) from ai.related_due") == 0


async def test_a_result_computed_before_a_change_is_discarded(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    second = await came(db, EVA, line("AX-1002", "400"))
    store = RelatedStore(db)
    [due] = await store.claim(1, second)
    await answer_again(db, second, line_items=[line("AX-1002", "500")], language="en")
    await enter(store, due)
    await record(store, due, {"related_id": first, "kind": "thread"})

    assert await found(db) == {(second, first, "revision")}
    assert await changes(db, second) == [("quantity", "250", "500")]


@pytest.mark.parametrize("gone", ["earlier", "later"])
async def test_an_erased_person_leaves_no_trace(db, gone) -> None:
    earlier = await came(db, EVA if gone == "earlier" else TOM, line("AX-1002"), line("BX-2001", "3"), age=3)
    later = await came(db, TOM if gone == "earlier" else EVA, line("AX-1002"), line("BX-2001", "3"))
    assert await found(db) == {(later, earlier, "same_request")}
    erased, stays = (earlier, later) if gone == "earlier" else (later, earlier)

    await db.execute("select ai.erase_person($1)", EVA)
    await db.execute("select ai.refresh_desk()")

    assert await found(db) == set()
    assert str(erased) not in await everything(db)
    assert str(stays) in await everything(db)


@pytest.mark.parametrize("whose", ["of the erased person", "of another RFQ"])
async def test_a_worker_that_computes_during_an_erasure_writes_nothing_of_the_person(db, whose) -> None:
    erased = await came(db, EVA, line("AX-1002"), age=3)
    await found(db)
    other = await came(db, BOB, line("AX-1002", "400"))
    await db.execute("select ai.request_related(array[$1::uuid])", erased)
    store = RelatedStore(db)
    [due] = await store.claim(1, erased if whose == "of the erased person" else other)
    await enter(store, due)

    await db.execute("select ai.erase_person($1)", EVA)
    await enter(store, due)
    await record(store, due, {"related_id": erased, "kind": "thread"}, {"related_id": other, "kind": "thread"})

    assert str(erased) not in await everything(db)


async def test_an_rfq_that_the_application_deletes_loses_its_relations(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    await came(db, EVA, line("AX-1002", "400"))
    assert len(await found(db)) == 1

    await db.execute("delete from public.rfq_requests where id = $1", first)
    await db.execute("select ai.prune_related()")

    assert str(first) not in await everything(db)


async def test_relations_older_than_the_policy_allows_are_deleted(db) -> None:
    await came(db, EVA, line("AX-1002"), age=3)
    await came(db, EVA, line("AX-1002", "400"))
    assert len(await found(db)) == 1
    await db.execute("update ai.related_entries set entered_at = entered_at - interval '91 days'")

    await db.execute("select ai.prune_guards()")

    assert await everything(db) == ""


async def test_the_tables_hold_no_address_and_no_mail_id(db) -> None:
    await came(db, EVA, line("AX-1002"), message_id="<secret-17@acme-pumps.example>", age=3)
    await came(db, BOB, line("AX-1002", "400"), in_reply_to="<secret-17@acme-pumps.example>")
    assert len(await found(db)) == 2

    text = await everything(db)

    assert not [one for one in ("acme", "eva", "bob", "secret") if one in text]


async def test_a_hash_means_nothing_outside_the_installation(db) -> None:
    key = "select ai.related_key('c:acme-pumps.example')"
    here = await db.fetchval(key)
    await db.execute("update ai.hash_salt set salt = sha256(salt)")

    assert await db.fetchval(key) != here


async def test_a_backlog_takes_no_more_than_its_time(db) -> None:
    for number in range(BATCH + 2):
        await came(db, EVA, line(f"AX-10{number:02}"))

    assert await relate_due(RelatedStore(db), seconds=0) == BATCH
    assert await db.fetchval("select count(*) from ai.related_due") == 2
    assert await relate_due(RelatedStore(db)) == 2


async def test_a_part_in_thousands_of_rfqs_costs_no_more_than_its_bound(db) -> None:
    await db.execute(
        "insert into ai.related_entries (rfq_id, created_at) "
        "select gen_random_uuid(), now() - n * interval '1 minute' from generate_series(1, 10000) n"
    )
    await db.execute(
        'insert into ai.related_keys (key, created_at, rfq_id, kind) select ai.related_key(k), e.created_at, e.rfq_id, left(k, 1)::"char" '
        "from ai.related_entries e, unnest(array['i:AX1002', 'o:acme-pumps.example:AX1002', 'c:acme-pumps.example']) k"
    )
    await db.execute("analyze ai.related_keys")
    rfq_id = await came(db, EVA, line("AX-1002"))
    store = RelatedStore(db)
    [due] = await store.claim(1)
    await enter(store, due)

    related = await db.fetch("select * from ai.related_candidates($1)", rfq_id)
    plan = await db.fetchval("explain (analyze, buffers, format json) select * from ai.related_candidates($1)", rfq_id)
    pages = json.loads(plan)[0]["Plan"]["Shared Hit Blocks"] + json.loads(plan)[0]["Plan"]["Shared Read Blocks"]

    assert {row["kinds"] for row in related} == {"co"}, "a part of so many RFQs is from a catalogue"
    assert len(related) == 12
    assert pages < 150


async def test_unreadable_values_harm_their_own_rfq_alone(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    await came(
        db,
        EVA,
        {"description": ["x"], "part_number": {"a": 1}, "quantity": "9" * 500},
        references={"a": 1},
        message_id=7,
    )
    await answer_again(db, await came(db, EVA), line_items="none", due_date=[1])
    second = await came(db, EVA, line("AX-1002", "400"))

    assert (second, first, "revision") in await found(db)


async def test_a_number_that_python_refuses_harms_no_relations(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    await db.execute(
        """update public.rfq_requests set metadata = ('{"references": [' || repeat('9', 5000) || ']}')::jsonb where id = $1""",
        first,
    )
    second = await came(db, EVA, line("AX-1002", "400"))

    assert await found(db) == {(second, first, "revision")}


async def test_a_person_who_opens_an_rfq_need_not_wait_for_the_workers(db) -> None:
    first = await came(db, EVA, line("AX-1002"), age=3)
    second = await came(db, EVA, line("AX-1002", "400"))
    store = RelatedStore(db)
    await relate_now(store, first)

    await relate_now(store, second)

    assert [one.other_id for one in await store.of_rfq(second)] == [first]
    await relate_now(store, second)


@pytest.mark.parametrize("name", ["another schema", "a bigint key, answers apart", "a bigint key"])
async def test_relations_are_found_in_a_mapped_table(make_migrated, open_plain, name) -> None:
    shape = SHAPES[name]
    db = await open_plain(await make_migrated(shape.ddl, shape.mapping))
    ids = []
    for quantity in ("250", "400"):
        await db.execute(shape.insert(), f"about impellers, {quantity}")
        rfq_id = await db.fetchval("select rfq_id from ai.rfqs where message like $1", f"%{quantity}")
        await answer_again(db, rfq_id, line_items=[line("AX-1002", quantity)], language="en")
        ids.append(rfq_id)

    # The tables of this test have no address, so only the two companies are missing.
    await relate_due(RelatedStore(db))

    rows = await db.fetch(
        "select f.facts::text as facts from ai.related_facts($1, true) f order by f.created_at nulls last", ids
    )
    assert sorted(json.loads(row["facts"])["answer"]["line_items"][0]["quantity"] for row in rows) == ["250", "400"]
    assert await db.fetchval("select count(*) from ai.related_entries") == 2
    assert (
        relations(related_facts(json.loads(rows[1]["facts"])), related_facts(json.loads(rows[0]["facts"])), "i")
        is not None
    )
