-- The desk's list: the values by which the desk sorts, filters and counts RFQs. They follow the runs with a short delay.

create or replace function ai.forget_predecessors(p_rfq_ids uuid[])
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_again uuid[];
begin
  -- An RFQ that was submitted after the last action, with another text, is a new RFQ under a deleted RFQ's id. If the times differ by whole
  -- quarters of an hour, they may be the same time in two zones.
  v_again := array(
    select d.rfq_id
    from ai.desk d
    join ai.desk_entries e on e.rfq_id = d.rfq_id
    join ai.rfq_times(p_rfq_ids) t on t.rfq_id = d.rfq_id
    where d.rfq_id = any (p_rfq_ids) and t.created_at > d.updated_at and isfinite(t.created_at) and isfinite(e.created_at)
      and extract(epoch from t.created_at - e.created_at)::numeric % 900 <> 0
      and d.content_sha256 <> (select r.content_sha256 from ai.rfqs r where r.rfq_id = d.rfq_id));
  if v_again <> '{}' then
    perform ai.empty_desk(v_again);
    delete from ai.desk d where d.rfq_id = any (v_again);
  end if;
end
$$;
comment on function ai.forget_predecessors(uuid[]) is
  'Deletes notes, owners and corrections of RFQs whose row is now another RFQ, inserted under the id of a deleted one.';

create or replace function ai.enter_desk(p_rfq_ids uuid[], p_run_ids bigint[] default null, p_active_at timestamptz[] default null)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_locked uuid[];
  v_made uuid[];
  v_ended uuid[];
  v_left uuid[];
begin
  -- Removes deleted RFQs from the list, of the RFQs in this call.
  delete from ai.desk_entries e
  where e.rfq_id = any (p_rfq_ids) and not exists (select from ai.rfqs r where r.rfq_id = e.rfq_id);
  -- Locks each entry before it reads the values, so that a second session reads what the first has committed. Locks in order of id, to
  -- avoid deadlocks.
  v_locked := array(
    select l.rfq_id
    from (select e.rfq_id from ai.desk_entries e where e.rfq_id = any (p_rfq_ids) order by e.rfq_id for update) l);
  perform ai.forget_predecessors(v_locked);
  with asked as (
    select u.rfq_id, max(u.run_id) as run_id, max(u.active_at) as active_at
    from unnest(p_rfq_ids, p_run_ids, p_active_at) as u(rfq_id, run_id, active_at) group by u.rfq_id
  ), made as (
  insert into ai.desk_entries as e (rfq_id, run_id, created_at, active_at, status, state, route, urgency, review, owner, quote_by, due)
  select a.rfq_id, coalesce(a.run_id, 0), coalesce(t.created_at, k.created_at, now()), coalesce(a.active_at, clock_timestamp()), coalesce(r.ai_status, ''), x.state,
    coalesce(o.route, r.ai_route, ''),
    case coalesce(c.urgency #>> '{}', r.ai_urgency) when 'critical' then 3 when 'high' then 2 when 'low' then 0 else 1 end,
    r.ai_review is not null and (d.review_cleared is distinct from r.ai_review or d.review_cleared_on is distinct from r.ai_content_sha256),
    d.owner,
    case when c.quote_by is not null then ai.date_of(c.quote_by #>> '{}') else ai.date_of(r.ai_extracted ->> 'quote_deadline') end,
    case when c.due is not null then ai.date_of(c.due #>> '{}')
      else coalesce(ai.date_of(r.ai_extracted ->> 'due_date'), ai.date_of(r.ai_extracted ->> 'due_date_derived')) end
  from asked a
  join ai.rfqs r on r.rfq_id = a.rfq_id
  left join ai.rfq_times(p_rfq_ids) t on t.rfq_id = a.rfq_id
  left join ai.desk_entries k on k.rfq_id = a.rfq_id
  left join ai.desk d on d.rfq_id = a.rfq_id
  left join ai.overrides o on o.rfq_id = a.rfq_id and o.withdrawn_at is null
  left join lateral (
    select max(k.new::text) filter (where k.field = 'urgency')::jsonb as urgency,
      max(k.new::text) filter (where k.field = 'quote_deadline')::jsonb as quote_by,
      max(k.new::text) filter (where k.field = 'due_date')::jsonb as due
    from ai.corrections k where k.rfq_id = a.rfq_id and k.withdrawn_at is null and k.field in ('urgency', 'quote_deadline', 'due_date')
  ) c on true
  cross join lateral (
    select case when r.ai_reason is not distinct from 'erased' then 'none' when d.state = 'handled' then 'handled'
      when r.ai_status in ('done', 'failed') then 'open' when r.ai_status = 'skipped' then 'none' else 'waiting' end as state
  ) x
  order by a.rfq_id
  on conflict (rfq_id) do update set
    run_id = greatest(e.run_id, excluded.run_id), active_at = greatest(e.active_at, excluded.active_at), created_at = excluded.created_at,
    status = excluded.status, state = excluded.state, route = excluded.route, urgency = excluded.urgency,
    review = excluded.review, owner = excluded.owner, quote_by = excluded.quote_by, due = excluded.due
  where e.rfq_id = any (v_locked)
  returning e.rfq_id, e.state
  )
  select coalesce(array_agg(m.rfq_id), '{}'), array_agg(m.rfq_id) filter (where m.state <> 'waiting') into v_made, v_ended from made m;
  perform ai.request_related(v_ended);
  if cardinality(v_made) < cardinality(p_rfq_ids) then
    -- Another session has written these entries meanwhile, so the values read here may be older. Try again.
    v_left := array(select e.rfq_id from ai.desk_entries e where e.rfq_id = any (p_rfq_ids) except select unnest(v_made));
    if v_left <> '{}' then
      return cardinality(v_made) + ai.enter_desk(v_left, array(
        select (select max(u.run_id) from unnest(p_rfq_ids, p_run_ids) as u(rfq_id, run_id) where u.rfq_id = l.rfq_id)
        from unnest(v_left) with ordinality l(rfq_id, place) order by l.place));
    end if;
  end if;
  return cardinality(v_made);
end
$$;
comment on function ai.enter_desk(uuid[], bigint[], timestamptz[]) is
  'Writes the present state of these RFQs to ai.desk_entries, and removes RFQs that the application deleted. Marks the relations of finished RFQs as due. Without p_active_at, the present time counts as their last activity. Returns the number of entries written.';

create or replace function ai.enter_desk_or_put_by(p_rfq_ids uuid[], p_run_ids bigint[] default null, p_active_at timestamptz[] default null)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_busy uuid[];
  v_free integer[];
  v_failed integer := 0;
  v_place integer;
begin
  if coalesce(cardinality(p_rfq_ids), 0) = 0 then
    return 0;
  end if;
  v_busy := array(
    select e.rfq_id from ai.desk_entries e where e.rfq_id = any (p_rfq_ids)
    except
    select l.rfq_id from (select e.rfq_id from ai.desk_entries e where e.rfq_id = any (p_rfq_ids) order by e.rfq_id for update skip locked) l);
  v_free := array(select i from generate_subscripts(p_rfq_ids, 1) i where p_rfq_ids[i] <> all (v_busy));
  begin
    perform ai.enter_desk(
      array(select p_rfq_ids[i] from unnest(v_free) i), array(select p_run_ids[i] from unnest(v_free) i), array(select p_active_at[i] from unnest(v_free) i));
  exception when lock_not_available or deadlock_detected then
    -- Another session is writing one of these entries, and has not committed. Try each entry alone to find out which.
    foreach v_place in array v_free loop
      begin
        perform ai.enter_desk(array[p_rfq_ids[v_place]], array[p_run_ids[v_place]], array[p_active_at[v_place]]);
      exception when lock_not_available or deadlock_detected then
        v_busy := v_busy || p_rfq_ids[v_place];
        v_failed := v_failed + 1;
        exit when v_failed = 3;  -- the next refresh tries the rest
      end;
    end loop;
  end;
  insert into ai.desk_behind (rfq_id)
  select b from unnest(v_busy) b where not exists (select from ai.desk_behind x where x.rfq_id = b);
  return cardinality(v_busy);
end
$$;
comment on function ai.enter_desk_or_put_by(uuid[], bigint[], timestamptz[]) is
  'Calls ai.enter_desk for RFQs whose entries no other session is writing. The other RFQs go to ai.desk_behind for a later refresh. Returns the number of RFQs that go there.';

create or replace function ai.enter_waiting(p_limit integer)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
as $$
declare
  v_progress record;
  v_queue_to bigint;
  v_deferred_to uuid;
  v_ids uuid[];
begin
  select * into v_progress from ai.desk_progress;
  -- Each refresh reads the newest rows and the next part of the queue, so the cost does not grow with the backlog.
  select max(o.id) into v_queue_to
  from (select o.id from ai.outbox o where o.id > coalesce(v_progress.queue_to, 0) order by o.id limit p_limit) o having count(*) = p_limit;
  select case when count(*) = p_limit then (array_agg(d.rfq_id order by d.rfq_id desc))[1] end into v_deferred_to
  from (
    select d.rfq_id from ai.outbox_deferred d where v_progress.deferred_to is null or d.rfq_id > v_progress.deferred_to
    order by d.rfq_id limit p_limit) d;
  v_ids := array(
    select q.rfq_id
    from (
      (select o.rfq_id, o.enqueued_at from ai.outbox o order by o.id desc limit p_limit)
      union
      (select o.rfq_id, o.enqueued_at from ai.outbox o where o.id > coalesce(v_progress.queue_to, 0) order by o.id limit p_limit)
      union
      (select d.rfq_id, null from ai.outbox_deferred d where v_progress.deferred_to is null or d.rfq_id > v_progress.deferred_to
        order by d.rfq_id limit p_limit)) q
    where not exists (select from ai.desk_entries e where e.rfq_id = q.rfq_id and e.active_at >= coalesce(q.enqueued_at, '-infinity'))
      and not exists (select from ai.desk_behind b where b.rfq_id = q.rfq_id)
      and exists (select from ai.rfqs r where r.rfq_id = q.rfq_id));
  perform ai.enter_desk_or_put_by(v_ids);
  update ai.desk_progress p set queue_to = v_queue_to, deferred_to = v_deferred_to
  where p.queue_to is distinct from v_queue_to or p.deferred_to is distinct from v_deferred_to;
  return cardinality(v_ids);
end
$$;
comment on function ai.enter_waiting(integer) is
  'Adds waiting and claimed RFQs to ai.desk_entries: the newest p_limit of the queue, the next p_limit of the queue, and the next p_limit deferred RFQs. Returns how many were new. For ai.refresh_desk.';

create or replace function ai.refresh_desk(p_limit integer default 2000)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
set lock_timeout = '200ms'
as $$
declare
  v_progress record;
  v_behind uuid[];
  v_xmin constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_days constant float8 := (select (p.value)::float8 from ai.policy p where p.key = 'desk_days');
  v_since timestamptz;
  v_ids uuid[];
  v_runs bigint[];
  v_times timestamptz[];
  v_last timestamptz;
begin
  select * into v_progress from ai.desk_progress p for update skip locked;
  if not found then
    return false;  -- another session runs this function
  end if;
  v_behind := array(select b.rfq_id from ai.desk_behind b group by b.rfq_id order by min(b.behind_id) limit 200);
  delete from ai.desk_behind b where b.rfq_id = any (v_behind);
  perform ai.enter_desk_or_put_by(v_behind);
  perform ai.enter_waiting(greatest(p_limit / 4, 1));
  if v_days > v_progress.days then
    v_progress.read_to := '-infinity';  -- Policy desk_days was raised: read older RFQs too.
    v_progress.next_at := null;
    v_progress.next_xid := null;
  end if;
  v_since := greatest(v_progress.read_to, now() - v_days * interval '1 day');
  select array_agg(w.rfq_id), array_agg(w.run_id), array_agg(w.created_at), max(w.created_at) into v_ids, v_runs, v_times, v_last
  from (
    select u.rfq_id, u.run_id, u.created_at
    from ai.rag_runs u
    where u.created_at >= v_since and u.created_at < 'infinity'
      and not exists (select from ai.desk_entries e where e.rfq_id = u.rfq_id and e.run_id >= u.run_id)
      and not exists (select from ai.desk_behind b where b.rfq_id = u.rfq_id)
      -- Leaves out deleted RFQs, which get no entry, so that they do not use up the limit.
      and exists (select from ai.rfqs r where r.rfq_id = u.rfq_id)
    order by u.created_at, u.run_id
    limit p_limit
  ) w;
  perform ai.enter_desk_or_put_by(v_ids, v_runs, v_times);
  if cardinality(v_ids) >= p_limit then
    -- Some runs are left. Runs before the last one read are complete, unless an open transaction may still commit an earlier run.
    update ai.desk_progress p
    set read_to = greatest(v_progress.read_to, least(v_last, coalesce(v_progress.next_at, v_last), now() - interval '1 minute')),
        next_at = v_progress.next_at, next_xid = v_progress.next_xid, days = v_days;
    return false;
  end if;
  -- A run's time is earlier than its commit. Runs before next_at are complete only when all transactions that were open at that time have
  -- ended.
  if v_progress.next_xid is null or v_progress.next_xid <= v_xmin then
    update ai.desk_progress p
    set read_to = coalesce(v_progress.next_at, v_progress.read_to), next_at = clock_timestamp() - interval '5 seconds',
        next_xid = pg_snapshot_xmax(pg_current_snapshot()), refreshed_at = clock_timestamp(), days = v_days;
  else
    update ai.desk_progress p set refreshed_at = clock_timestamp(), days = v_days;
  end if;
  return true;
exception when lock_not_available or deadlock_detected then
  return false;  -- another session is writing one of the entries: the next refresh tries again
end
$$;
comment on function ai.refresh_desk(integer) is
  'Adds new waiting and finished RFQs to ai.desk_entries, at most p_limit runs at once. Returns false if runs are left, or if another session runs this function. Workers call it, and so does the desk before it reads.';

create or replace function ai.sweep_desk(p_limit integer default 2000)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
as $$
declare
  v_from uuid;
  v_ids uuid[];
  v_gone uuid[];
  v_since constant timestamptz := now() - (select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'desk_days');
  v_removed integer;
begin
  select p.swept_to into v_from from ai.desk_progress p for update skip locked;
  if not found then
    return 0;
  end if;
  v_ids := array(
    select x.rfq_id from (
      (select e.rfq_id from ai.desk_entries e where v_from is null or e.rfq_id > v_from order by e.rfq_id limit p_limit)
      union
      (select d.rfq_id from ai.desk d where v_from is null or d.rfq_id > v_from order by d.rfq_id limit p_limit)) x
    order by x.rfq_id limit p_limit);
  v_gone := array(select i from unnest(v_ids) i where not exists (select from ai.rfqs r where r.rfq_id = i));
  perform ai.empty_desk(v_gone);
  delete from ai.desk d where d.rfq_id = any (v_gone);
  delete from ai.desk_entries e
  where e.rfq_id = any (v_ids)
    and (e.rfq_id = any (v_gone) or e.active_at < v_since and not (e.state in ('open', 'waiting') and e.owner is not null));
  get diagnostics v_removed = row_count;
  update ai.desk_progress p set swept_to = case when cardinality(v_ids) >= p_limit then v_ids[cardinality(v_ids)] end;
  return v_removed;
end
$$;
comment on function ai.sweep_desk(integer) is
  'Checks the next entries of the desk''s list. Removes deleted RFQs, with their notes and the texts of their corrections. Also removes RFQs without activity for policy desk_days, unless a person has taken them. Returns the number of removed RFQs.';

create or replace function ai.empty_desk(p_rfq_ids uuid[])
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_emptied bigint;
begin
  update ai.desk d
  set note = null, review_cleared = null, review_cleared_on = null, review_cleared_by = null, review_cleared_at = null,
      content_sha256 = null, seen_answer = null, confirmed_answer = case when d.confirmed_answer is not null then 'erased' end
  where d.rfq_id = any (p_rfq_ids) and (num_nonnulls(d.note, d.review_cleared, d.content_sha256, d.seen_answer) > 0 or d.confirmed_answer <> 'erased');
  update ai.desk_history h set reason = null, what = case when h.action in ('assign', 'reassign', 'correct', 'withdraw') then h.what end
  where h.rfq_id = any (p_rfq_ids) and (h.reason is not null or h.action = 'clear_review' and h.what is not null);
  update ai.corrections c
  set ai_value = null, old = null, new = null, reason = null, withdrawn_reason = null, content_sha256 = null,
      line = case when c.line is not null then '{}'::jsonb end, target = 'erased:' || c.correction_id, answer_version = 'erased',
      erased_at = case when c.withdrawn_at is null then clock_timestamp() end,
      withdrawn_at = coalesce(c.withdrawn_at, clock_timestamp()), withdrawn_by = coalesce(c.withdrawn_by, 'erased')
  where c.rfq_id = any (p_rfq_ids) and not starts_with(c.target, 'erased:');
  get diagnostics v_emptied = row_count;
  perform ai.erase_drafts(p_rfq_ids);
  return v_emptied;
end
$$;
comment on function ai.empty_desk(uuid[]) is
  'Erases notes, reasons, cleared marks, hashes of answers, drafts and texts of corrections of these RFQs. The fact that a field was corrected stays recorded, and counts in edit rates. Returns the number of corrections.';

create or replace function ai.follow_override()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
begin
  perform ai.enter_desk(array[new.rfq_id]);
  return null;
exception when others then
  -- The list must not block an override, so it may show the override only after the next refresh.
  insert into ai.desk_behind (rfq_id) values (new.rfq_id);
  return null;
end
$$;
comment on function ai.follow_override() is 'Trigger: shows an override in the desk''s list at once. If another session is writing the entry, the list shows it at the next refresh.';

create or replace trigger rfqflow_follow_override after insert or update of withdrawn_at on ai.overrides
  for each row execute function ai.follow_override();
comment on trigger rfqflow_follow_override on ai.overrides is 'See ai.follow_override.';
