"""What must never occur, in SQL: each statement returns no row while its promise holds.

The name's first word says which class of the checker a row belongs to.
"""

import asyncpg

# The sweep leaves an RFQ to `backfill` if it could not be enqueued, and if its created_at is older than the
# installation.
KNOWN = (
    "(r.created_at >= (select m.attached_at from ai.table_mapping m where m.one) "
    "or exists (select from chaos.movements m where m.rfq_id = r.id))"
)

INVARIANTS: dict[str, str] = {
    "sound:S2 one row per RFQ in all queues": """
        select rfq_id::text from (
          select rfq_id from ai.outbox union all select rfq_id from ai.outbox_deferred union all select rfq_id from ai.outbox_dead) q
        group by 1 having count(*) > 1""",
    "sound:S4 done is answered by an accepted run": """
        select r.id::text from public.rfq_requests r
        where r.ai_status = 'done' and not exists (
          select from ai.rag_runs u where u.rfq_id = r.id and u.status = 'succeeded'
            and u.content_sha256 = r.ai_content_sha256 and u.prompt_version = r.ai_prompt_version
            and u.output ->> 'summary' is not distinct from r.ai_summary and u.output ->> 'route' is not distinct from r.ai_route)""",
    "sound:S14 attempts stay within the policy": """
        select u.rfq_id::text || ' attempt ' || max(u.attempt) from ai.rag_runs u group by u.rfq_id
        having max(u.attempt) > 1 + (select (value)::integer from ai.policy where key = 'max_attempts')""",
    "sound:S16 an unknown outcome is recorded": """
        select m.rfq_id::text || ' claim ' || m.old_claim_id from chaos.movements m
        where m.place = 'outbox' and m.op = 'UPDATE' and m.old_claim_id is not null
          and m.claim_id is distinct from m.old_claim_id and m.old_worker is not null
          -- Given back without a call (a claim whose reply was lost, a stop), the attempt is refunded; no run is due.
          and m.attempt >= (select c.attempt from chaos.movements c where c.claim_id = m.old_claim_id order by c.seq limit 1)
          and not exists (select from ai.rag_runs u where u.rfq_id = m.rfq_id and u.claim_id = m.old_claim_id)""",
    "sound:S19 codes of the catalogue, not texts": """
        select concat_ws(' ', run_id, status, reason, error_class) from ai.rag_runs
        where reason not in (select code from ai.reasons) or error_class not in (select code from ai.reasons where kind = 'error_class')""",
    "sound:an RFQ shows a status and a reason of the catalogue": """
        select s.rfq_id::text || ' ' || s.ai_status || ' ' || s.ai_reason from ai.rfq_status s
        where s.ai_reason is not null and (s.ai_status, s.ai_reason) not in (
          select q.status, q.code from ai.reasons q where q.kind = 'reason' and q.status is not null)""",
    "sound:dead letters are failed RFQs": """
        select x.rfq_id::text from ai.outbox_dead x join public.rfq_requests r on r.id = x.rfq_id
        where r.ai_status is distinct from 'failed' and x.error_class is distinct from 'write_refused'""",
    "live:C1 no lease lives past its end": """
        select rfq_id::text from ai.outbox where lease_expires_at < clock_timestamp() - interval '5 s'""",
    "live:C3 every RFQ reached an end": """
        select r.id::text || ' ' || coalesce(r.ai_status, 'null') from public.rfq_requests r
        where (r.ai_status is null or r.ai_status not in ('done', 'skipped', 'failed'))
          -- Where the application refuses to have it written to the RFQ, the dead letter says it.
          and not exists (select from ai.outbox_dead x where x.rfq_id = r.id and x.error_class = 'write_refused')
          and """
    + KNOWN,
}

# What the guards promise: money, breaker, limits.
INVARIANTS |= {
    "budget:S9 no hold beyond the cap, at any commit": """
        select scope || ' ' || period || ' ' || spent_nano_usd || ' + ' || held_nano || ' > ' || cap_nano from chaos.overspent""",
    "budget:S9 spent is what the runs booked, held is what is on hold": """
        select scope || ' ' || period || ' spent ' || spent_usd || ' runs ' || runs_usd || ' held ' || held_usd || ' holds ' || holds_usd
        from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> holds_usd""",
    "budget:S10 no hold outlives its claim": """
        select h.claim_id::text from ai.holds h where not exists (select from ai.outbox o where o.claim_id = h.claim_id)""",
    "budget:S10 each hold is settled once": """
        select claim_id::text from chaos.holds group by claim_id
        having count(*) filter (where op = 'INSERT') <> 1 or count(*) filter (where op = 'DELETE') > 1""",
    "budget:P6 an unknown outcome costs what was held": """
        select h.claim_id::text || ' booked ' || coalesce(sum(u.booked_usd)::text, 'nothing')
        -- With what was held in addition for a second call, as the hold was when it ended.
        from (select claim_id, max(amount_nano) as amount_nano from chaos.holds group by claim_id) h
        join ai.rag_runs u on u.claim_id = h.claim_id
        group by h.claim_id, h.amount_nano
        -- What a hurried stop cut off is settled by the worker itself.
        having bool_or(u.status = 'lost' and u.reason in ('worker_died', 'lease_expired', 'claim_gone'))
          and sum(u.booked_usd) is distinct from (h.amount_nano / 1e9)::numeric(14, 9)""",
    "budget:P6 no run books less than it cost": """
        select run_id::text from ai.rag_runs where booked_usd < cost_usd and cost_source <> 'assumed'""",
    "sound:S12 calls in flight are those on hold": """
        select s.model || ' ' || s.in_flight || ' held ' || count(h.claim_id)
        from ai.model_states s left join ai.holds h on h.provider = s.provider and (h.model = s.model or s.model = '*')
        group by s.model, s.in_flight having s.in_flight <> count(h.claim_id)""",
    "sound:S12 the fleet keeps the limit of calls in flight": """
        select model || ' ' || most || ' at once' from (
          select x.model, max(x.held) as most from (
            select model, sum(case op when 'INSERT' then 1 else -1 end) over (partition by model order by at, seq) as held from chaos.holds) x
          group by x.model) m
        join ai.model_limits l using (model) where m.most > l.most_in_flight""",
    "sound:S13 while the breaker is open, only one probe is called": """
        with states as (
          select happened_at as since, lead(happened_at) over (partition by model order by event_id) as until, model, kind
          from ai.events where kind in ('breaker_opened', 'breaker_half_opened', 'breaker_closed'))
        select t.model || ' ' || h.claim_id from states t join chaos.holds h
          on h.op = 'INSERT' and not h.is_probe and t.model in (h.model, '*')
          and h.at > t.since and h.at < coalesce(t.until, 'infinity')
        where t.kind <> 'breaker_closed'""",
}


async def reap(conn: asyncpg.Connection) -> int:
    """Settles holds that were granted just after their claim was lost. The reaper does so after a quarter of an hour."""
    orphans = "not exists (select from ai.outbox o where o.rfq_id = h.rfq_id and o.claim_id = h.claim_id)"
    await conn.execute(f"update ai.holds h set admitted_at = admitted_at - interval '16 minutes' where {orphans}")
    reaped: int = await conn.fetchval("select ai.reap_holds()")
    return reaped


async def broken(conn: asyncpg.Connection, rfqs: str) -> dict[str, list[str]]:
    """The rows of each invariant that returns any. `rfqs` stands for public.rfq_requests."""
    found = {}
    for name, invariant in INVARIANTS.items():
        statement = invariant.replace("public.rfq_requests", rfqs)
        rows = await conn.fetch(f"select * from ({statement}) broken limit 20", timeout=600)
        if rows:
            found[name] = [str(row[0]) for row in rows]
    return found
