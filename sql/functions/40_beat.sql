-- The heartbeat: each worker calls it once a second, in one statement.

create or replace function ai.has_claimable_work(p_from bigint)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
-- The settings force a scan of the primary key from the low-water mark on. Below the mark, an old snapshot may keep millions of dead rows.
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return exists (
    select from ai.outbox o
    where o.id >= p_from and (o.lease_expires_at is null or o.lease_expires_at < clock_timestamp())
    order by o.id
    limit 1);
end
$$;
comment on function ai.has_claimable_work(bigint) is 'True if a row of ai.outbox with this id or a higher one can be claimed now.';

create or replace function ai.heartbeat(
  p_worker integer, p_in_flight integer, p_policy_seen bigint, p_event_seen bigint, p_from bigint default 0)
returns table (
  known boolean, waiting boolean, next_due_ms float8, policy_seen bigint, policy text, routes text, prices text, parameters text,
  capabilities text, peers integer,
  event_seen bigint, events text, watched boolean, evaluation boolean, draft boolean, failed_steps text[])
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  failed_steps := '{}';
  -- Writes only every 5 s, since a heartbeat that writes nothing needs no flush to disk.
  update ai.workers w
  set beat_at = v_now, in_flight = p_in_flight
  where w.worker = p_worker and (w.beat_at < v_now - interval '5 seconds' or w.in_flight <> p_in_flight and w.beat_at < v_now - interval '1 second');

  -- Each step in its own block: an error in one must not stop the others.
  begin
    if exists (select from ai.outbox_missed) then
      perform ai.enqueue_missed();  -- first, before any lock that the fleet waits for
    end if;
  exception
    when lock_not_available or sqlstate 'RF008' then
      null;  -- an open transaction of the application locks one of the rows, or no table is attached
    when others then
      failed_steps := failed_steps || ('enqueue_missed ' || sqlstate);
  end;
  begin
    if exists (select from ai.attachment_changes) then
      perform ai.absorb_attachments();
    end if;
  exception
    when lock_not_available or sqlstate 'RF008' then
      null;
    when others then
      failed_steps := failed_steps || ('absorb_attachments ' || sqlstate);
  end;
  begin
    perform ai.reclaim_dead(p_worker);
  exception when sqlstate 'RF008' then
    null;  -- detached: the next migrate enqueues the RFQs
  when others then
    failed_steps := failed_steps || ('reclaim_dead ' || sqlstate);
  end;
  begin
    perform ai.reclaim_expired();
  exception when sqlstate 'RF008' then
    null;
  when others then
    failed_steps := failed_steps || ('reclaim_expired ' || sqlstate);
  end;
  begin
    perform ai.follow_prices();
  exception when others then
    failed_steps := failed_steps || ('follow_prices ' || sqlstate);
  end;
  begin
    perform ai.wake_missed_deferred();
  exception when others then
    failed_steps := failed_steps || ('wake_missed_deferred ' || sqlstate);
  end;
  begin
    if exists (select from ai.outbox_deferred d where d.due_at <= v_now) then
      perform ai.promote_deferred();
    end if;
  exception when others then
    failed_steps := failed_steps || ('promote_deferred ' || sqlstate);
  end;

  -- One number that changes with any of the settings, so that workers read them again.
  policy_seen := hashtextextended(concat_ws('|',
    -- Hashes the values. The highest id in ai.policy_history would not suffice, since ids do not commit in order.
    (select string_agg(concat(p.key, p.value), ',' order by p.key) from ai.policy p),
    (select concat_ws(',', count(*), max(r.updated_at)) from ai.routes r),
    (select string_agg(p::text, ',' order by p.provider, p.model, p.service_tier, p.valid_from)
     from ai.model_prices p where p.valid_from <= v_now),
    (select string_agg(p::text, ',' order by p.provider, p.model) from ai.model_parameters p),
    (select string_agg(c::text, ',' order by c.provider, c.server, c.model)
     from ai.model_capabilities c where c.learnt_at > v_now - interval '7 days'),
    (select concat_ws(',', count(*), max(c.created_at)) from ai.calibrations c)), 0);
  if policy_seen is distinct from p_policy_seen then
    policy := (
      select (jsonb_object_agg(p.key, p.value) || jsonb_build_object('calibrations', (
        select coalesce(jsonb_object_agg(c.prompt_version || ' ' || c.model, c.points), '{}') from ai.calibrations c)))::text
      from ai.policy p);
    routes := (
      select jsonb_agg(jsonb_build_object(
        'slug', r.slug, 'description', r.description, 'keywords', r.keywords, 'fallback', r.is_fallback)
        order by r.slug)::text
      from ai.routes r where r.is_active);
    prices := (
      select coalesce(jsonb_agg(to_jsonb(p)), '[]')::text
      from (
        select distinct on (m.provider, m.model, m.service_tier)
          m.provider, m.model, m.service_tier, m.input_usd_per_million, m.cached_input_usd_per_million, m.output_usd_per_million
        from ai.model_prices m where m.valid_from <= v_now
        order by m.provider, m.model, m.service_tier, m.valid_from desc
      ) p);
    parameters := (select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(p) - 'note')), '[]')::text from ai.model_parameters p);
    capabilities := (
      select coalesce(jsonb_agg(to_jsonb(c) - 'learnt_at'), '[]')::text
      from ai.model_capabilities c where c.learnt_at > v_now - interval '7 days');
  end if;
  known := exists (select from ai.workers w where w.worker = p_worker);
  waiting := ai.has_claimable_work(p_from);
  next_due_ms := (
    select greatest(0, extract(epoch from d.due_at - v_now) * 1000)
    from ai.outbox_deferred d order by d.due_at limit 1);
  event_seen := coalesce((select max(e.event_id) from ai.events e), 0);
  if event_seen > p_event_seen and p_event_seen >= 0 then
    events := (
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'kind', e.kind, 'provider', e.provider, 'model', e.model, 'scope', e.scope, 'reason', e.reason,
        'amount_usd', e.amount_usd, 'until', e.until)) order by e.event_id)::text
      from (select x.* from ai.events x where x.event_id > p_event_seen order by x.event_id limit 100) e);
  end if;
  watched := ai.watched();
  evaluation := exists (
    select from ai.eval_requests q
    where q.ended_at is null and (q.lease_expires_at is null or q.lease_expires_at < v_now));
  draft := exists (
    select from ai.draft_requests q
    where q.ended_at is null and (q.lease_expires_at is null or q.lease_expires_at < v_now));
  peers := (select count(*) from ai.workers w where w.worker <> p_worker)::integer;
  return next;
end
$$;
comment on function ai.heartbeat(integer, integer, bigint, bigint, bigint) is
  'A worker''s heartbeat: records that the worker lives, reclaims the claims of dead workers, and enqueues due and missed RFQs. Returns whether the worker is still registered (known), and whether a row of ai.outbox with id p_from or higher can be claimed (waiting). next_due_ms is the time in milliseconds until the next deferred RFQ is due. Returns policy, routes, prices, model parameters and capabilities if any of these changed since p_policy_seen. Returns events after p_event_seen (none for -1). Also returns the number of other workers (peers), and whether a session waits for finished RFQs (watched). evaluation is true if an evaluation waits for a worker, and draft if a request for a draft does. failed_steps names each step that failed, with its SQLSTATE.';
