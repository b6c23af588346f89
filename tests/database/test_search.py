"""The console's search: each filter finds what a slow, obvious query finds, and a filter by name uses an index."""

import datetime as dt
import random
import re
from dataclasses import replace

import pytest

from rfqflow.store.rfq_search import SearchFilter, exact, search

SLOW = """
select s.rfq_id from ai.rfq_status s join ai.rfqs r on r.rfq_id = s.rfq_id
where ($1::text is null or s.ai_status = $1) and ($2::text is null or s.route = $2) and (not $3 or r.ai_review is not null)
  and ($4::interval is null or r.created_at > now() - $4)
  and not exists (select from unnest($5::text[]) w where position(lower(w) in lower(concat_ws(' ', r.company, r.name,
    r.email, r.request_id, r.ai_summary, r.message))) = 0)
  and not exists (select from unnest($6::text[]) w where position(lower(w) in lower(concat_ws(' ', r.company, r.name,
    r.email, r.request_id, r.ai_summary, r.message))) > 0)
  and ($7::text is null or s.ai_reason = $7) and ($8::text is null or s.last_error_class = $8)
  and ($9::text is null or s.model = $9
    or s.model is null and exists (select from ai.rag_runs u where u.rfq_id = s.rfq_id and u.model = $9))
order by s.created_at desc, s.rfq_id desc
"""


def fetch_of(db):
    async def fetch(statement, *args):
        return [dict(row) for row in await db.fetch(statement, *args)]

    return fetch


async def fill(db, number: int) -> None:
    """All that a list can distinguish; some RFQs have the same time of submission."""
    await db.execute(
        "insert into public.rfq_requests (created_at, request_id, company, email, message) "
        "select now() - make_interval(hours => g / 3), 'ref-' || g, case when g % 3 = 0 then '100% Steel_' || g % 7 end, "
        "'m' || g % 11 || '@x.example', 'We need ' || g || ' pumps' from generate_series(1, $1::int) g",
        number,
    )
    await db.execute(
        "update public.rfq_requests set ai_status = case when right(request_id, 1) in ('1', '5') then 'skipped' else 'done' "
        "end, ai_route = case when request_id like '%7' then 'civil' else 'general' end, ai_summary = 'lot ' || request_id, "
        "ai_review = case when request_id like '%9' then 'low_confidence' end where request_id not like '%3'"
    )
    await db.execute(
        "delete from ai.outbox o using public.rfq_requests r where r.id = o.rfq_id and r.request_id not like '%3'"
    )
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class) select id, now(), 5, "
        "case when request_id like '%18' then 'invalid_output' else 'timeout' end, 'timeout' "
        "from public.rfq_requests where request_id like '%8'"
    )
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) select id, now(), now(), 0, "
        "case right(request_id, 2) when '14' then 'retry' when '24' then 'rate_limit' else 'budget' end "
        "from public.rfq_requests where request_id like '%4'"
    )
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, error_class, model) select id, 1, 'failed', "
        "case when request_id like '%5' then 'refusal' else 'timeout' end, 'm1' "
        "from public.rfq_requests where right(request_id, 1) in ('5', '8')"
    )
    await db.execute("update public.rfq_requests set ai_model = 'm2' where request_id like '%6'")
    await db.execute(
        "select ai.override_rfq(id, 'logistics', 'ada') from public.rfq_requests where request_id like '%47' or request_id like '%52'"
    )


@pytest.mark.parametrize("seed", range(3))
async def test_all_filters_together_find_what_a_slow_query_finds_without_repeats(db, monkeypatch, seed):
    draw = random.Random(seed)
    await fill(db, 700)
    monkeypatch.setattr("rfqflow.store.rfq_search.NAMED_MOST", draw.choice([1, 5_000]))
    texts = {  # what is typed; what must occur, and what must not
        None: ([], []), "pumps": (["pumps"], []), "steel_3": (["steel_3"], []), "100%": (["100%"], []),
        "REF-12": (["ref-12"], []), '"lot ref-5"': (["lot ref-5"], []), "m3@x": (["m3@x"], []), "%": (["%"], []),
        "nosuchword": (["nosuchword"], []), "ref-5 pumps lot": (["lot", "pumps", "ref-5"], []),
        "pumps -steel_3": (["pumps"], ["steel_3"]), "-%": ([], ["%"]), "-lot": ([], ["lot"]),
        'pumps -"need 5" -m3': (["pumps"], ["need 5", "m3"]), "steel pumps -m1": (["steel", "pumps"], ["m1"]),
    }  # fmt: skip
    for _ in range(40):
        asked = SearchFilter(
            draw.choice([7, 60]), status=draw.choice([None, "done", "skipped", "pending", "deferred", "failed"]),
            route=draw.choice([None, None, "civil", "logistics", "general"]), review=draw.random() < 0.2,
            within=draw.choice([None, dt.timedelta(days=3)]), text=draw.choice([None, None, *texts]),
            reason=draw.choice([None, None, "timeout", "rate_limit", "budget"]),
            error=draw.choice([None, None, "timeout", "refusal"]), model=draw.choice([None, None, "m1", "m2"]),
        )  # fmt: skip
        wanted = [row[0] for row in await db.fetch(
            SLOW, asked.status, asked.route, asked.review, asked.within, *texts[asked.text], asked.reason, asked.error,
            asked.model)]  # fmt: skip
        found, place = [], None
        for _ in range(200):
            page = await search(fetch_of(db), replace(asked, before=place), seconds=draw.choice([0, 5]))
            found += [row["rfq_id"] for row in page.rows]
            assert len(page.rows) <= asked.limit
            if page.reached:
                place = page.reached
            elif len(page.rows) == asked.limit:
                place = page.rows[-1]["created_at"], page.rows[-1]["rfq_id"]
            else:
                break
        assert found == wanted, asked


@pytest.mark.parametrize("most", [1, 5_000])
async def test_errors_and_reasons_are_found_with_any_status_by_either_filter(db, monkeypatch, most):
    await fill(db, 300)
    monkeypatch.setattr("rfqflow.store.rfq_search.NAMED_MOST", most)
    for status in (None, "done", "skipped", "pending", "deferred", "failed"):
        for key in (
            {},
            {"error": "timeout"},
            {"error": "refusal"},
            {"reason": "timeout"},
            {"reason": "budget"},
            {"model": "m1"},
        ):
            asked = SearchFilter(400, status=status, **key)
            wanted = await db.fetch(SLOW, status, None, False, None, [], [], asked.reason, asked.error, asked.model)
            found = (await search(fetch_of(db), asked)).rows
            assert [row["rfq_id"] for row in found] == [row[0] for row in wanted], asked


async def test_a_search_out_of_time_reports_how_far_it_went(db):
    await fill(db, 1_200)
    page = await search(fetch_of(db), SearchFilter(50, text="nosuchword"), seconds=0)
    oldest = await db.fetchrow(
        "select created_at, id from public.rfq_requests order by created_at desc, id desc offset 499 limit 1"
    )
    assert (page.rows, page.looked_at, page.reached) == ([], 500, tuple(oldest))
    assert (await search(fetch_of(db), SearchFilter(50, text="nosuchword"))).reached is None


async def test_a_reference_of_any_age_is_found_by_an_index(db):
    rfq_id = await db.fetchval(
        "insert into public.rfq_requests (created_at, request_id, message) values (now() - interval '9 years', 'ref-9', 'm') "
        "returning id"
    )
    await db.execute(
        "insert into ai.rag_runs (rfq_id, claim_id, worker, attempt, status, request_id, email_hash) "
        "values ($1, 1, 1, 1, 'failed', 'ref-9', repeat('ab', 16))",
        rfq_id,
    )
    for text, email_hash in ((str(rfq_id), None), ("ref-9", None), ("ab" * 16, None), ("ada@x.example", "ab" * 16)):
        assert [row["rfq_id"] for row in await exact(fetch_of(db), text, email_hash)] == [rfq_id], text
    assert await exact(fetch_of(db), "ref-10", None) == []
    await db.execute("set enable_seqscan = off")

    async def explained(statement, *args):
        return [{"line": row[0]} for row in await db.fetch("explain " + statement, *args)]

    for text in (str(rfq_id), "ref-9"):
        plan = "\n".join(row["line"] for row in await exact(explained, text, "ab" * 16))
        assert re.findall(r"Seq Scan on (?:rag_runs|rfq_requests)\w*", plan) == []
        assert f"request_id = '{text}'" in plan


async def test_searching_costs_an_insert_nothing(db):
    found = await db.fetch(
        "select indexname from pg_indexes where schemaname = 'public' and tablename = 'rfq_requests'"
    )
    assert {row[0] for row in found} == {"rfq_requests_pkey", "rfq_requests_created_at"}


async def test_an_active_override_is_the_route_before_the_models(db):
    await fill(db, 300)
    (set_by_hand,) = await db.fetch("select count(*) from ai.rfq_status where route = 'logistics'")
    found = await search(fetch_of(db), SearchFilter(60, route="logistics"))
    assert len(found.rows) == set_by_hand[0] > 3
    civil = await search(fetch_of(db), SearchFilter(60, route="civil"))
    assert {row["route"] for row in civil.rows} == {"civil"}  # the RFQs ending in 47 have another route
