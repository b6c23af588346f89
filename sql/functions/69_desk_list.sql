-- The desk's list: keys to sort, filter and count by, which follow the runs at a distance.

create or replace function ai.enter_desk(p_rfq_ids uuid[], p_run_ids bigint[] default null)
returns integer
language plpgsql volatile security definer  -- as ai.correct_rfq
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_locked uuid[];
  v_made uuid[];
  v_left uuid[];
begin
  -- One that is gone leaves, as far as somebody looks at it.
  delete from ai.desk_entries e
  where e.rfq_id = any (p_rfq_ids) and not exists (select from ai.rfqs r where r.rfq_id = e.rfq_id);
  -- Locked before its values are read: who comes second reads what the first has committed. In order: no deadlock.
  v_locked := array(
    select l.rfq_id
    from (select e.rfq_id from ai.desk_entries e where e.rfq_id = any (p_rfq_ids) order by e.rfq_id for update) l);
  with asked as (
    select u.rfq_id, max(u.run_id) as run_id from unnest(p_rfq_ids, p_run_ids) as u(rfq_id, run_id) group by u.rfq_id
  ), made as (
  insert into ai.desk_entries as e (rfq_id, run_id, created_at, status, state, is_open, route, urgency, review, owner, quote_by, due)
  select a.rfq_id, coalesce(a.run_id, 0), coalesce(t.created_at, now()), coalesce(r.ai_status, ''), x.state, x.state = 'open', coalesce(o.route, r.ai_route, ''),
    case coalesce(c.urgency #>> '{}', r.ai_urgency) when 'critical' then 3 when 'high' then 2 when 'low' then 0 else 1 end,
    r.ai_review is not null and (d.review_cleared is distinct from r.ai_review or d.review_cleared_on is distinct from r.ai_content_sha256),
    d.owner,
    case when c.quote_by is not null then ai.date_of(c.quote_by #>> '{}') else ai.date_of(r.ai_extracted ->> 'quote_deadline') end,
    case when c.due is not null then ai.date_of(c.due #>> '{}')
      else coalesce(ai.date_of(r.ai_extracted ->> 'due_date'), ai.date_of(r.ai_extracted ->> 'due_date_derived')) end
  from asked a
  join ai.rfqs r on r.rfq_id = a.rfq_id
  left join ai.rfq_times(p_rfq_ids) t on t.rfq_id = a.rfq_id
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
    run_id = greatest(e.run_id, excluded.run_id), status = excluded.status, state = excluded.state, route = excluded.route, urgency = excluded.urgency,
    review = excluded.review, is_open = excluded.is_open, owner = excluded.owner, quote_by = excluded.quote_by, due = excluded.due
  where e.rfq_id = any (v_locked)
  returning e.rfq_id
  )
  select coalesce(array_agg(m.rfq_id), '{}') into v_made from made m;
  if cardinality(v_made) < cardinality(p_rfq_ids) then
    -- Somebody else has made the entry since: these values may be older than that one's.
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
comment on function ai.enter_desk(uuid[], bigint[]) is
  'Makes the entries of these RFQs as they are now; those that the application has deleted leave. Returns how many it made.';

create or replace function ai.refresh_desk(p_limit integer default 2000)
returns boolean
language plpgsql volatile security definer  -- as ai.correct_rfq
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
set lock_timeout = '200ms'
as $$
declare
  v_progress record;
  v_behind uuid[];
  v_xmin constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_since timestamptz;
  v_ids uuid[];
  v_runs bigint[];
  v_last timestamptz;
  v_looked integer;
begin
  select * into v_progress from ai.desk_progress p for update skip locked;
  if not found then
    return false;  -- somebody else is at it
  end if;
  with taken as (delete from ai.desk_behind b returning b.rfq_id)
  select array_agg(distinct t.rfq_id) into v_behind from taken t;
  if v_behind is not null then
    perform ai.enter_desk(v_behind);
  end if;
  v_since := greatest(v_progress.read_to, now() - (select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'desk_days'));
  select array_agg(w.rfq_id), array_agg(w.run_id), max(w.created_at), max(w.looked) into v_ids, v_runs, v_last, v_looked
  from (
    select u.rfq_id, u.run_id, u.created_at, row_number() over (order by u.created_at, u.run_id)::integer as looked
    from ai.rag_runs u
    where u.created_at >= v_since and u.created_at < 'infinity'
      and not exists (select from ai.desk_entries e where e.rfq_id = u.rfq_id and e.run_id >= u.run_id)
    order by u.created_at, u.run_id
    limit p_limit
  ) w;
  if v_looked > 0 then
    perform ai.enter_desk(v_ids, v_runs);
  end if;
  if v_looked >= p_limit then
    -- Not caught up: what is before the last one looked at has been read, unless it may yet be committed.
    update ai.desk_progress p set read_to = greatest(p.read_to, least(v_last, coalesce(v_progress.next_at, v_last), now() - interval '1 minute'));
    return false;
  end if;
  -- A run is recorded with a time that comes before its commit: what was before next_at is complete only when all
  -- transactions of then have ended.
  if v_progress.next_xid is null or v_progress.next_xid <= v_xmin then
    update ai.desk_progress p
    set read_to = coalesce(v_progress.next_at, p.read_to), next_at = clock_timestamp() - interval '5 seconds',
        next_xid = pg_snapshot_xmax(pg_current_snapshot()), refreshed_at = clock_timestamp();
  else
    update ai.desk_progress p set refreshed_at = clock_timestamp();
  end if;
  return true;
exception when lock_not_available or deadlock_detected then
  return false;  -- somebody works on one of them at this moment: they come first
end
$$;
comment on function ai.refresh_desk(integer) is
  'Takes what has ended since into ai.desk_entries, at most p_limit runs of it. False: more is left, or somebody else is at it. The daemon calls it, and the desk before it reads.';

create or replace function ai.sweep_desk(p_limit integer default 2000)
returns integer
language plpgsql volatile security definer  -- as ai.correct_rfq
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
  where e.rfq_id = any (v_ids) and (e.rfq_id = any (v_gone) or e.created_at < v_since and not (e.is_open and e.owner is not null));
  get diagnostics v_removed = row_count;
  update ai.desk_progress p set swept_to = case when cardinality(v_ids) >= p_limit then v_ids[cardinality(v_ids)] end;
  return v_removed;
end
$$;
comment on function ai.sweep_desk(integer) is
  'Looks at the next entries of the desk''s list: those whose RFQ the application has deleted leave, and with them notes and the texts of corrections; so do those older than policy desk_days, unless somebody has taken them. Returns how many left.';

create or replace function ai.empty_desk(p_rfq_ids uuid[])
returns bigint
language plpgsql volatile security definer  -- as ai.erase_runs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_emptied bigint;
begin
  update ai.desk d set note = null, review_cleared = null, review_cleared_on = null, review_cleared_by = null, review_cleared_at = null
  where d.rfq_id = any (p_rfq_ids) and num_nonnulls(d.note, d.review_cleared) > 0;
  update ai.desk_history h set reason = null, what = case when h.action in ('assign', 'reassign', 'correct', 'withdraw') then h.what end
  where h.rfq_id = any (p_rfq_ids) and (h.reason is not null or h.action = 'clear_review' and h.what is not null);
  update ai.corrections c
  set ai_value = null, old = null, new = null, reason = null, withdrawn_reason = null, content_sha256 = null,
      line = case when c.line is not null then '{}'::jsonb end, target = 'erased:' || c.correction_id,
      withdrawn_at = coalesce(c.withdrawn_at, clock_timestamp()), withdrawn_by = coalesce(c.withdrawn_by, 'erased')
  where c.rfq_id = any (p_rfq_ids) and not starts_with(c.target, 'erased:');
  get diagnostics v_emptied = row_count;
  return v_emptied;
end
$$;
comment on function ai.empty_desk(uuid[]) is
  'Takes notes, reasons, cleared marks and the texts of corrections of these RFQs out; that something was corrected stays, and counts in edit rates. Returns how many corrections.';

create or replace function ai.follow_override()
returns trigger
language plpgsql volatile security definer  -- as ai.override_rfq
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
begin
  perform ai.enter_desk(array[new.rfq_id]);
  return null;
exception when others then
  -- The list must not hinder an override: it follows at the next refresh.
  insert into ai.desk_behind (rfq_id) values (new.rfq_id);
  return null;
end
$$;
comment on function ai.follow_override() is 'Trigger: the desk''s list shows an override at once, or, where somebody works on the entry for long, at the next refresh.';

create or replace trigger rfqflow_follow_override after insert or update of withdrawn_at on ai.overrides
  for each row execute function ai.follow_override();
comment on trigger rfqflow_follow_override on ai.overrides is 'See ai.follow_override.';
