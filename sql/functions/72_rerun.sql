-- Actions on many RFQs: enriching finished RFQs again, backfilling old RFQs, and discarding waiting RFQs.

create or replace function ai.rerun_rfqs(p_rfq_ids uuid[], p_force boolean default false)
returns integer
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select ai.enqueue_rfqs(p_rfq_ids, p_force);
$$;
comment on function ai.rerun_rfqs(uuid[], boolean) is
  'Calls ai.rerun_rfq for many RFQs. Returns how many were enqueued or became forced; the other RFQs are already in the queue, or do not exist.';

create or replace function ai.backfill_rfqs(
  p_limit integer default 1000, p_after uuid default null, p_since timestamptz default null,
  p_per_minute integer default 60)
returns table (last_id uuid, looked_at integer, enqueued integer)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_from timestamptz;
begin
  if p_limit <= 0 or p_per_minute <= 0 then
    raise exception 'p_limit and p_per_minute must be positive' using errcode = 'invalid_parameter_value';
  end if;
  perform ai.take_lock('backfill');  -- Two backfills at once would use the same due times.
  -- Continues after the due times of earlier steps, so that no more RFQs become due per minute than p_per_minute.
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
    returning outbox_deferred.rfq_id
  ),
  -- Subtracts the enqueued RFQs from the count of older RFQs, until the next pass of the sweep counts again.
  counted as (
    update ai.sweep_progress s
    set older = greatest(s.older - p.rfqs, 0), older_so_far = greatest(s.older_so_far - p.rfqs, 0)
    from (select count(*) as rfqs from put) p
    where p.rfqs > 0 and greatest(s.older, s.older_so_far) > 0
  )
  select
    (select z.rfq_id from reached z),
    (select count(*) from looked l where l.rfq_id <= (select z.rfq_id from reached z))::integer,
    -- The attachments of these RFQs may also be older than the installation.
    (select case when ai.note_older_attachments(array(select p.rfq_id from put p)) >= 0 then count(*) end from put)::integer;
end
$$;
comment on function ai.backfill_rfqs(integer, uuid, timestamptz, integer) is
  'One step of a backfill. Reads RFQs in order of id after p_after: p_limit of them, but at least 1000. Of these, puts at most p_limit into ai.outbox_deferred: RFQs that are older than the installation (ai_status null) and were submitted since p_since. They become due one by one at p_per_minute. Returns the last id read (null: none), the number of RFQs read, and the number enqueued. Safe to repeat.';

create or replace function ai.discard_rfqs(p_rfq_ids uuid[], p_actor text default null, p_reason text default null, p_batch uuid default null)
returns uuid[]
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_ids uuid[];
  v_deferred jsonb;
  v_dead jsonb;
  v_finished jsonb;
  v_claim constant bigint := floor(random() * 4e18)::bigint;
  v_left uuid[];
  v_done uuid[];
begin
  -- Lock order: the RFQ, then its row in the queue. Rows that the application or a worker locks are skipped.
  v_ids := array(
    select r.rfq_id from ai.rfqs r
    where r.rfq_id = any (p_rfq_ids) and (
      exists (select from ai.outbox o where o.rfq_id = r.rfq_id and o.claim_id is null)
      or exists (select from ai.outbox_deferred d where d.rfq_id = r.rfq_id)
      or exists (select from ai.outbox_dead x where x.rfq_id = r.rfq_id))
    for no key update of r skip locked);
  v_ids := array(
    select v.rfq_id from unnest(v_ids) v (rfq_id)
    where not exists (select from ai.outbox o where o.rfq_id = v.rfq_id)
    union
    select k.rfq_id
    from (select o.rfq_id from ai.outbox o where o.rfq_id = any (v_ids) and o.claim_id is null for update skip locked) k);

  with gone as (delete from ai.outbox_deferred d where d.rfq_id = any (v_ids) returning d.*)
  select coalesce(jsonb_agg(to_jsonb(g)), '[]') into v_deferred from gone g;
  with gone as (delete from ai.outbox_dead x where x.rfq_id = any (v_ids) returning x.*)
  select coalesce(jsonb_agg(to_jsonb(g)), '[]') into v_dead from gone g;
  -- Claims the RFQs and finishes them in this transaction, so that the discard is recorded like any other finish. No other session sees the
  -- claim.
  insert into ai.outbox (rfq_id, has_ended, claim_id, worker, lease_expires_at)
  select v.rfq_id, coalesce((
      select r.ai_status in ('done', 'skipped', 'failed') from ai.rfqs r where r.rfq_id = v.rfq_id limit 1), false)
      or exists (select from jsonb_array_elements(v_dead) x where x ->> 'rfq_id' = v.rfq_id::text),
    v_claim + v.place, 0, clock_timestamp() + interval '1 minute'
  from unnest(v_ids) with ordinality v (rfq_id, place)
  on conflict (rfq_id) do update
  set claim_id = excluded.claim_id, worker = 0, lease_expires_at = excluded.lease_expires_at
  where outbox.claim_id is null;

  select coalesce(jsonb_agg(jsonb_build_object(
    'outbox_id', o.id, 'rfq_id', o.rfq_id, 'claim_id', o.claim_id, 'worker', 0, 'attempt', o.attempt,
    -- If the RFQ has an accepted answer, the answer stays, and only the rerun is discarded.
    'verdict', case when r.ai_content_sha256 = r.content_sha256 then 'keep' else 'skip' end,
    'status', 'skipped', 'reason', 'discarded', 'content_sha256', r.content_sha256, 'request_id', ai.request_id_of(o.rfq_id))), '[]')
  into v_finished
  from ai.outbox o
  cross join lateral (select x.content_sha256, x.ai_content_sha256 from ai.rfqs x where x.rfq_id = o.rfq_id limit 1) r
  where o.rfq_id = any (v_ids) and o.claim_id between v_claim and v_claim + cardinality(v_ids);
  perform f.outcome from ai.finish_outbox(v_finished) f;

  -- If the application's table refuses the update, the RFQ stays as it is.
  v_left := array(
    select o.rfq_id from ai.outbox o
    where o.rfq_id = any (v_ids) and o.claim_id between v_claim and v_claim + cardinality(v_ids));
  if cardinality(v_left) > 0 then
    insert into ai.outbox_deferred select d.* from jsonb_populate_recordset(null::ai.outbox_deferred, v_deferred) d where d.rfq_id = any (v_left);
    insert into ai.outbox_dead select x.* from jsonb_populate_recordset(null::ai.outbox_dead, v_dead) x where x.rfq_id = any (v_left);
    delete from ai.outbox o
    where o.rfq_id = any (v_left) and (
      exists (select from ai.outbox_deferred d where d.rfq_id = o.rfq_id) or exists (select from ai.outbox_dead x where x.rfq_id = o.rfq_id));
    update ai.outbox o set claim_id = null, worker = null, lease_expires_at = null where o.rfq_id = any (v_left);
  end if;
  v_done := array(select v from unnest(v_ids) v where v <> all (v_left));
  insert into ai.actions (actor, action, rfq_id, detail)
  select coalesce(nullif(p_actor, ''), session_user), 'discard', v.rfq_id,
    jsonb_strip_nulls(jsonb_build_object('reason', nullif(p_reason, ''), 'batch', p_batch))
  from unnest(v_done) v (rfq_id);
  return v_done;
end
$$;
comment on function ai.discard_rfqs(uuid[], text, text, uuid) is
  'Discards waiting RFQs and dead letters: they are skipped with reason discarded, without a call. A rerun enriches them again. An accepted answer stays. RFQs that are locked, claimed or finished are not discarded, nor RFQs for which the application''s table refuses the update. Returns the discarded RFQs; ai.actions records each. Only the owner of schema ai and its members may call it.';
