-- Many at once: what has ended is enriched again, what is older than the installation for the first time.

create or replace function ai.rerun_rfqs(p_rfq_ids uuid[], p_force boolean default false)
returns integer
language sql volatile security definer  -- operators need no right on the queue's tables
set search_path = pg_catalog, pg_temp
as $$
  select ai.enqueue_rfqs(p_rfq_ids, p_force);
$$;
comment on function ai.rerun_rfqs(uuid[], boolean) is
  'ai.rerun_rfq for many. Returns how many were enqueued or became forced; the others are queued already or do not exist.';

create or replace function ai.backfill_rfqs(
  p_limit integer default 1000, p_after uuid default null, p_since timestamptz default null,
  p_per_minute integer default 60)
returns table (last_id uuid, looked_at integer, enqueued integer)
language plpgsql volatile security definer  -- as ai.rerun_rfqs
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_from timestamptz;
begin
  if p_limit <= 0 or p_per_minute <= 0 then
    raise exception 'limit and RFQs per minute must be positive' using errcode = 'invalid_parameter_value';
  end if;
  perform ai.take_lock('backfill');  -- two backfills at once would share their times
  -- Behind what an earlier step has put there. One after the other at this pace: an RFQ that comes in meanwhile never
  -- finds more of them before it than the pace allows.
  v_from := greatest(clock_timestamp(), (
    select d.due_at from ai.outbox_deferred d where d.reason = 'backfill' order by d.due_at desc limit 1));

  return query
  with looked as materialized (
    select r.rfq_id, r.ai_status
    from ai.rfqs r
    where p_after is null or r.rfq_id > p_after
    order by r.rfq_id
    limit greatest(p_limit, 1000)
  ),
  older as materialized (
    select l.rfq_id, row_number() over (order by l.rfq_id) as place
    from looked l
    where l.ai_status is null
      and (p_since is null or ai.rfq_created_at(l.rfq_id) >= p_since)
      and not exists (select from ai.outbox o where o.rfq_id = l.rfq_id)
      and not exists (select from ai.outbox_dead x where x.rfq_id = l.rfq_id)
    order by l.rfq_id
    limit p_limit
  ),
  reached as (
    select case when (select count(*) from older) = p_limit
      then (select o.rfq_id from older o order by o.rfq_id desc limit 1)
      else (select l.rfq_id from looked l order by l.rfq_id desc limit 1) end as rfq_id
  ),
  put as (
    insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason)
    select o.rfq_id, clock_timestamp(), v_from + o.place * interval '1 minute' / p_per_minute, 0, 'backfill'
    from older o
    on conflict (rfq_id) do nothing
    returning 1
  ),
  -- Not counted again before the sweep comes by: until then they are not those that nobody has asked for.
  told as (
    update ai.sweep_progress s
    set older = greatest(s.older - p.rfqs, 0), older_so_far = greatest(s.older_so_far - p.rfqs, 0)
    from (select count(*) as rfqs from put) p
    where p.rfqs > 0 and greatest(s.older, s.older_so_far) > 0
  )
  select
    (select z.rfq_id from reached z),
    (select count(*) from looked l where l.rfq_id <= (select z.rfq_id from reached z))::integer,
    (select count(*) from put)::integer;
end
$$;
comment on function ai.backfill_rfqs(integer, uuid, timestamptz, integer) is
  'One step of a backfill: looks at RFQs after p_after, by id, p_limit or 1000 of them, and puts at most p_limit that are older than the installation (ai_status null, submitted since p_since) into ai.outbox_deferred, due one by one at p_per_minute. Returns the last id looked at (null: there was none), how many were looked at and how many enqueued. Safe to repeat.';
