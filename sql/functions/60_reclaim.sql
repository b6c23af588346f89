-- Functions that return RFQs to the queue: claims of dead workers, deferred RFQs that are due, and RFQs that the trigger could not enqueue.

create or replace function ai.reclaim_worker(p_worker integer)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids bigint[];
begin
  v_ids := array(
    select o.id from ai.outbox o where o.worker = p_worker and o.claim_id is not null for update skip locked);
  if cardinality(v_ids) > 0 then
    perform ai.record_lost_claims(v_ids);
    update ai.outbox o set claim_id = null, worker = null, lease_expires_at = null where o.id = any (v_ids);
    perform ai.notify_workers();
  end if;
  -- A statement of the dead worker may still lock some rows. Then the worker's row stays, and the next call tries again.
  delete from ai.workers w
  where w.worker = p_worker and not exists (select from ai.outbox o where o.worker = p_worker);
  return cardinality(v_ids);
end
$$;
comment on function ai.reclaim_worker(integer) is
  'Requeues a dead worker''s claims, and records each as a lost run with its attempt charged. Each call reads the whole queue, which is acceptable because workers rarely die. Returns the number of claims.';

create or replace function ai.reclaim_dead(p_worker integer)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_dead integer;
  v_reclaimed integer := 0;
begin
  for v_dead in
    select w.worker
    from ai.workers w
    where w.worker <> p_worker
      and case when w.has_lock
        -- A worker locks its id once, before other sessions see its row. If the lock is free, the worker is dead.
        then pg_try_advisory_xact_lock_shared(ai.lock_key('worker'), w.worker)
          -- Any role could lock a dead worker's id. So after a minute without a heartbeat, this also checks which role holds the lock.
          or w.beat_at < clock_timestamp() - interval '1 minute' and not exists (
            select
            from pg_locks l
            join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'advisory' and l.classid = ai.lock_key('worker')::oid and l.objid = w.worker::oid and l.objsubid = 2 and l.granted
              and l.database = (select d.oid from pg_database d where d.datname = current_database())
              and ai.is_trusted(a.usename))
        -- A worker without a lock counts as dead only after a long silence. Its claims return to the queue when their leases expire.
        else w.beat_at < clock_timestamp() - interval '10 minutes' end
    for update skip locked
  loop
    v_reclaimed := v_reclaimed + ai.reclaim_worker(v_dead);
  end loop;
  return v_reclaimed;
end
$$;
comment on function ai.reclaim_dead(integer) is 'Finds dead workers, whose advisory lock is free, and requeues their claims. Returns the number of claims.';

create or replace function ai.reclaim_expired()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_ids bigint[];
begin
  select array_agg(x.id)
  into v_ids
  from (
    select o.id
    from ai.holds h
    join ai.outbox o on o.rfq_id = h.rfq_id and o.claim_id = h.claim_id
    where o.lease_expires_at < clock_timestamp()
    for update of o skip locked
  ) x;
  if v_ids is null then
    return 0;
  end if;
  perform ai.record_lost_claims(v_ids);
  update ai.outbox o set claim_id = null, worker = null, lease_expires_at = null where o.id = any (v_ids);
  perform ai.notify_workers();
  return cardinality(v_ids);
end
$$;
comment on function ai.reclaim_expired() is
  'Requeues admitted claims whose lease has expired, and records each as lost. A later claim would also take over such a row, but perhaps much later: a row claimed out of turn is behind the whole backlog, and until then its hold counts as a call in flight. Returns the number of claims.';

create or replace function ai.promote_deferred(p_limit integer default 500)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_promoted integer;
begin
  with due as (
    delete from ai.outbox_deferred d
    where d.rfq_id = any (array(
      select x.rfq_id from ai.outbox_deferred x
      where x.due_at <= clock_timestamp()
      order by x.due_at limit p_limit
      for update skip locked))
    returning d.rfq_id, d.attempt, d.forced, d.has_ended
  )
  insert into ai.outbox (rfq_id, attempt, forced, has_ended)
  select due.rfq_id, due.attempt, due.forced, due.has_ended from due
  on conflict (rfq_id) do nothing;
  get diagnostics v_promoted = row_count;
  if v_promoted > 0 then
    perform ai.notify_workers();
  end if;
  return v_promoted;
end
$$;
comment on function ai.promote_deferred(integer) is 'Moves due rows from ai.outbox_deferred to ai.outbox, at most p_limit. Returns the number of rows.';

create or replace function ai.enqueue_rfqs(p_rfq_ids uuid[], p_forced boolean default false)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_enqueued integer;
begin
  perform ai.note_older_attachments(p_rfq_ids);
  -- Deferred RFQs become due now, and dead letters get another chance.
  with waited as (
    delete from ai.outbox_deferred d where d.rfq_id = any (p_rfq_ids) returning d.rfq_id, d.has_ended
  ),
  dead as (
    delete from ai.outbox_dead x where x.rfq_id = any (p_rfq_ids) returning x.rfq_id
  )
  insert into ai.outbox (rfq_id, forced, has_ended)
  select distinct on (r.rfq_id) r.rfq_id, p_forced, coalesce(r.ai_status in ('done', 'skipped', 'failed'), false)
      or coalesce(w.has_ended, false) or x.rfq_id is not null
  from ai.rfqs r
  left join waited w on w.rfq_id = r.rfq_id
  left join dead x on x.rfq_id = r.rfq_id
  where r.rfq_id = any (p_rfq_ids)
  on conflict (rfq_id) do update set forced = true where excluded.forced and not outbox.forced;
  get diagnostics v_enqueued = row_count;
  if v_enqueued > 0 then
    perform ai.notify_workers();
  end if;
  return v_enqueued;
end
$$;
comment on function ai.enqueue_rfqs(uuid[], boolean) is
  'Makes RFQs due now, even deferred RFQs and dead letters. An RFQ in the queue keeps its row. Returns how many RFQs were enqueued or became forced.';

create or replace function ai.enqueue_missed(p_limit integer default 5000)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_drained integer;
begin
  with missed as (
    delete from ai.outbox_missed m
    where m.ctid = any (array(
      select x.ctid from ai.outbox_missed x limit p_limit for update skip locked))
    returning m.rfq_id, m.is_file
  ),
  files as (
    insert into ai.attachment_changes (rfq_id, began_at) select distinct m.rfq_id, 'infinity'::timestamptz from missed m where m.is_file
  ),
  -- Some of these RFQs may have been edited. Do for them what ai.enqueue_edited_rfq would have done.
  hastened as (
    update ai.outbox_deferred d
    set attempt = 0,
        due_at = case when d.reason = 'retry' then clock_timestamp() else d.due_at end
    from missed m
    where d.rfq_id = m.rfq_id and not m.is_file
  ),
  revived as (
    delete from ai.outbox_dead x using missed m where x.rfq_id = m.rfq_id and not m.is_file
  )
  insert into ai.outbox (rfq_id, has_ended)
  select distinct m.rfq_id, r.ai_content_sha256 is not null or exists (select from ai.outbox_dead x where x.rfq_id = r.rfq_id)
  from missed m
  join ai.rfqs r on r.rfq_id = m.rfq_id
  where not m.is_file and not exists (select from ai.outbox_deferred d where d.rfq_id = m.rfq_id)
    -- The RFQ was recorded twice, or inserted under another RFQ's id. There is nothing to do.
    and not case when r.ai_status = 'done' then r.ai_content_sha256 is not distinct from ai.content_sha256_of(r.rfq_id) else false end
  on conflict (rfq_id) do nothing;
  get diagnostics v_drained = row_count;
  if v_drained > 0 then
    perform ai.notify_workers();
  end if;
  return v_drained;
end
$$;
comment on function ai.enqueue_missed(integer) is 'Enqueues the RFQs that the trigger could not enqueue, and records the attachments that it could not record. Returns how many RFQs it enqueued.';

create or replace function ai.find_unqueued_rfqs()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
set enable_seqscan = off  -- reads a range of blocks in order, never the whole table
set jit = off
as $$
declare
  v_mapping constant ai.table_mapping := (select m from ai.table_mapping m where m.one);
  v_from bigint;
  v_blocks bigint;
  v_end bigint;
  v_found integer;
  v_older bigint;
  v_mended integer;
  v_ids uuid[];
begin
  select s.next_block into v_from from ai.sweep_progress s for update skip locked;
  if not found then
    return 0;  -- another session runs this function
  end if;
  v_blocks := (select (p.value)::bigint from ai.policy p where p.key = 'sweep_blocks');
  -- The table or, if it is partitioned, its largest partition: each step reads the same blocks of each partition.
  v_end := (
    select max(pg_relation_size(t.relid)) / current_setting('block_size')::bigint
    from (
      select to_regclass(m.table_name) as relid from ai.table_mapping m where m.one
      union all
      select p.relid from ai.table_mapping m cross join lateral pg_partition_tree(to_regclass(m.table_name)) p where m.one
    ) t);

  if not v_mapping.id_is_unique then
    -- Also records the ids of rows inserted before rfqflow recorded ids, or without the trigger.
    insert into ai.rfq_ids (rfq_id)
    select r.rfq_id from ai.rfqs r
    where r.place >= ('(' || v_from || ',0)')::tid and r.place < ('(' || v_from + v_blocks || ',0)')::tid and r.rfq_id is not null
    on conflict do nothing;
  end if;

  with looked as materialized (
    select r.rfq_id, r.ai_status, r.ai_content_sha256,
      -- RFQs older than the installation need an explicit backfill, since rfqflow must not cause cost without a request. The exception is
      -- an answered RFQ that was edited.
      coalesce(r.ai_status is not null and (v_mapping.ai_columns = 'enrichment' or r.part = any (v_mapping.marked))
        or r.created_at >= v_mapping.attached_at or r.ai_content_sha256 is not null, false) as is_newer
    from ai.rfqs_at(v_from, v_from + v_blocks) r
    where (r.ai_status is null or r.ai_status in ('pending', 'deferred'))
      and not exists (select from ai.outbox o where o.rfq_id = r.rfq_id)
      and not exists (select from ai.outbox_deferred d where d.rfq_id = r.rfq_id)
  ),
  found as (
    insert into ai.outbox (rfq_id, has_ended)
    select r.rfq_id, r.ai_content_sha256 is not null or exists (select from ai.outbox_dead x where x.rfq_id = r.rfq_id)
    from looked r
    where r.is_newer
      -- The RFQ of a dead letter has status failed. If the status is pending, the RFQ was edited, with two exceptions: the status could not
      -- be written, or the application overwrote the row with an older copy of the same text.
      and not exists (
        select from ai.outbox_dead x
        where x.rfq_id = r.rfq_id and (x.error_class in ('write_refused', 'unreadable') or exists (
          select from ai.rag_runs u where u.rfq_id = r.rfq_id and u.content_sha256 = ai.content_sha256_of(r.rfq_id))))
    on conflict (rfq_id) do nothing
    returning outbox.rfq_id
  ),
  revived as (
    delete from ai.outbox_dead x using found f where x.rfq_id = f.rfq_id
  )
  select array(select f.rfq_id from found f), (select count(*) from looked l where l.ai_status is null and not l.is_newer)
  into v_ids, v_older;
  v_found := cardinality(v_ids);
  if v_found > 0 then
    perform ai.note_older_attachments(v_ids);  -- the trigger may have missed the attachments too
  end if;

  -- The application may have repaired an unreadable RFQ in any column, and no trigger reports that. Each step tries a few of these RFQs
  -- again, less often after more failures. It selects them before it counts their failures, since each count reads every weekly partition
  -- of the runs.
  with drawn as materialized (
    select x.rfq_id, x.discarded_at
    from ai.outbox_dead x
    where 'unreadable' in (x.reason, x.error_class)
    order by random()
    limit 100
  ),
  tried as materialized (
    select d.rfq_id
    from drawn d
    where d.discarded_at < clock_timestamp() - interval '10 s' * power(4, least(10, (
      select count(*) from ai.rag_runs u where u.rfq_id = d.rfq_id and 'unreadable' in (u.reason, u.error_class))))
    limit 20
  ),
  mended as (
    delete from ai.outbox_dead x
    using ai.read_rfqs(array(select t.rfq_id from tried t), 1048576) r
    where x.rfq_id = r.rfq_id and r.unreadable is null and r.message is not null
    returning x.rfq_id
  )
  insert into ai.outbox (rfq_id, has_ended) select m.rfq_id, true from mended m
  on conflict (rfq_id) do nothing;
  get diagnostics v_mended = row_count;
  v_found := v_found + v_mended;

  update ai.sweep_progress s
  set next_block = case when v_from + v_blocks >= v_end then 0 else v_from + v_blocks end,
      pass = s.pass + case when v_from + v_blocks >= v_end then 1 else 0 end,
      completed_at = case when v_from + v_blocks >= v_end then clock_timestamp() else s.completed_at end,
      found = s.found + v_found,
      older = case when v_from + v_blocks >= v_end then s.older_so_far + v_older else s.older end,
      older_so_far = case when v_from + v_blocks >= v_end then 0 else s.older_so_far + v_older end,
      stepped_at = clock_timestamp();
  if v_found > 0 then
    perform ai.notify_workers();
  end if;
  return v_found;
end
$$;
comment on function ai.find_unqueued_rfqs() is
  'One step of the sweep: reads the next blocks of the RFQ table, enqueues RFQs that are pending and in no queue, and remembers its position. Such RFQs come from a disabled trigger, a replica load, a restored dump, or an edit while the queue was locked. It skips RFQs that are older than the installation and were never answered. It also skips dead letters whose text is unchanged, unless the RFQ could not be read and now can be read. Returns the number of RFQs.';

create or replace function ai.renew_leases(p_ids bigint[], p_claim_ids bigint[], p_lease interval)
returns setof bigint
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  update ai.outbox o
  set lease_expires_at = clock_timestamp() + p_lease
  from unnest(p_ids, p_claim_ids) as c(id, claim_id)
  where o.id = c.id and o.claim_id = c.claim_id
  returning o.id;
$$;
comment on function ai.renew_leases(bigint[], bigint[], interval) is
  'Extends the leases of claims whose results cannot be written yet, because their RFQs are locked. Returns the ids that the worker still holds.';
