"""What must never be found, in SQL: each statement returns no row while its promise holds.

The name's first word says which class of the checker a row belongs to. A statement that needs tables which this
release does not have is left out: `needs` names one.
"""

import asyncpg

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
    "sound:S19 codes, not texts": """
        select run_id::text from ai.rag_runs
        where coalesce(reason, 'a') !~ '^[a-z][a-z0-9_]{0,39}$' or coalesce(error_class, 'a') !~ '^[a-z][a-z0-9_]{0,39}$'""",
    "sound:dead letters are failed RFQs": """
        select x.rfq_id::text from ai.outbox_dead x join public.rfq_requests r on r.id = x.rfq_id
        where r.ai_status is distinct from 'failed' and x.error_class is distinct from 'write_refused'""",
    "live:C1 no lease lives past its end": """
        select rfq_id::text from ai.outbox where lease_expires_at < clock_timestamp() - interval '5 s'""",
    "live:C3 every RFQ reached an end": """
        select id::text || ' ' || coalesce(ai_status, 'null') from public.rfq_requests where ai_status is null or ai_status not in ('done', 'skipped', 'failed')""",
}

# Switched on when the tables of the budget are there.
BUDGET: dict[str, str] = {
    "budget:S9 spent and held stay under the cap": """
        select scope || ' ' || period || ' ' || spent_usd || ' + ' || held_usd || ' > ' || cap_usd from ai.budget_status
        where cap_usd is not null and (spent_usd + held_usd > cap_usd or spent_usd < 0 or held_usd < 0)""",
    "budget:S9 what is held is the sum of the holds": """
        select b.scope || ' ' || b.period || ': ' || b.held_usd from ai.budget_status b
        where b.scope = 'global' and b.held_usd * 1000000000 <> (select coalesce(sum(amount_nano), 0) from ai.holds)""",
    "budget:S10 no hold outlives its claim": """
        select h.claim_id::text from ai.holds h where not exists (select from ai.outbox o where o.claim_id = h.claim_id)""",
    "budget:P6 a lost run is settled at its hold": """
        select u.run_id::text from ai.rag_runs u where u.status = 'lost' and u.cost_usd = 0 and u.cost_source <> 'free'
          and exists (select from ai.budget_status where cap_usd is not null)""",
}


async def broken(conn: asyncpg.Connection) -> dict[str, list[str]]:
    """The rows that each invariant returns, where it returns any."""
    statements = dict(INVARIANTS)
    if await conn.fetchval(
        "select to_regclass('ai.holds') is not null and to_regclass('ai.budget_status') is not null"
    ):
        statements |= BUDGET
    found = {}
    for name, statement in statements.items():
        rows = await conn.fetch(f"select * from ({statement}) broken limit 20", timeout=120)
        if rows:
            found[name] = [str(row[0]) for row in rows]
    return found
