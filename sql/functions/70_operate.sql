-- Functions for operators, from any SQL client.

create or replace function ai.set_policy(p_key text, p_value jsonb, p_actor text default null, p_reason text default null)
returns jsonb
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_old jsonb;
begin
  perform set_config('rfqflow.actor', coalesce(p_actor, ''), true);
  perform set_config('rfqflow.reason', coalesce(p_reason, ''), true);
  select p.value into v_old from ai.policy p where p.key = p_key for update;
  if not found then
    raise exception 'policy % not found', p_key
      using errcode = 'RF004', hint = 'List all keys: select key, value, description from ai.policy';
  end if;
  update ai.policy p set value = p_value where p.key = p_key;
  return v_old;
end
$$;
comment on function ai.set_policy(text, jsonb, text, text) is
  'Sets a policy; checks the value, and records the change. Returns the old value. Raises RF004 for an unknown key, 23514 for a value out of range.';

create or replace function ai.pause(p_actor text default null, p_reason text default null)
returns void
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  select ai.set_policy('mode', '"paused"', p_actor, p_reason);
$$;
comment on function ai.pause(text, text) is 'Stops workers from claiming RFQs. Calls in flight finish; inserts continue to queue.';

create or replace function ai.resume(p_actor text default null, p_reason text default null)
returns void
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  select ai.set_policy('mode', '"on"', p_actor, p_reason);
$$;
comment on function ai.resume(text, text) is 'Ends a pause; workers start at once.';

create or replace function ai.rerun_rfq(p_rfq_id uuid, p_force boolean default false)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  return ai.enqueue_rfqs(array[p_rfq_id], p_force) > 0;
end
$$;
comment on function ai.rerun_rfq(uuid, boolean) is
  'Makes one RFQ due now. Without p_force, an accepted answer for the same text and prompt version stays, and no model is called. Returns false if the RFQ does not exist or is already in the queue.';

create or replace function ai.retry_discarded(p_rfq_ids uuid[] default null, p_limit integer default 1000)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  return ai.enqueue_rfqs(array(
    select x.rfq_id from ai.outbox_dead x
    where p_rfq_ids is null or x.rfq_id = any (p_rfq_ids)
    order by x.discarded_at limit p_limit));
end
$$;
comment on function ai.retry_discarded(uuid[], integer) is
  'Enqueues dead letters again: the given ones, or the oldest p_limit. Returns the number of RFQs. To choose dead letters by cause, use ai.redrive_dead_letters.';

create or replace function ai.preview_budget(p_scope text, p_period text, p_cap_usd numeric)
returns jsonb
language plpgsql stable security definer  -- operators who set a budget have no rights on what it changes
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_zone constant text := coalesce((select p.value #>> '{}' from ai.policy p where p.key = 'budget_time_zone'), 'UTC');
  v_unpriced constant text := (select p.value #>> '{}' from ai.policy p where p.key = 'unknown_price');
  v_scope constant text := ai.budget_class(p_scope);
  v_old constant numeric := (select (p.value)::numeric from ai.policy p where p.key = ai.budget_key(p_scope, p_period));
  v_is_lower constant boolean := p_cap_usd is not null and (v_old is null or p_cap_usd < v_old);
  v_starts timestamptz;
  v_ends timestamptz;
  v_window ai.budget_windows;
  v_spent bigint;
  v_assumed bigint;
  v_call bigint;
  v_waiting bigint := 0;
  v_due bigint := 0;
begin
  select b.starts_at, b.ends_at into v_starts, v_ends from ai.budget_window(p_period, v_now, v_zone) b;
  select w.* into v_window
  from ai.budget_windows w
  where (w.scope = p_scope or p_scope = 'sender' and w.scope like 'sender:%')
    and w.period = p_period and w.starts_at <= v_now and w.ends_at > v_now
  order by w.spent_nano_usd + w.held_nano desc limit 1;
  v_spent := coalesce(v_window.spent_nano_usd, case when p_scope = 'sender' then 0 else ai.spent_nano_usd(p_scope, v_starts, v_ends) end);
  v_assumed := coalesce(v_window.assumed_nano_usd, case when p_scope = 'sender' then 0 else ai.assumed_nano_usd(p_scope, v_starts, v_ends) end);
  -- The smallest refused hold. If none was refused, the smallest hold in flight.
  v_call := coalesce(
    (select min(w.refused_nano) from ai.budget_windows w
     where w.refused_nano is not null and w.ends_at > v_now and ai.budget_class(w.scope) = v_scope),
    (select min(h.amount_nano) from ai.holds h where ai.budget_scope_of(h.rfq_id) = v_scope and h.amount_nano > 0));
  if v_scope = 'global' then
    select count(*) into v_waiting
    from (select from ai.outbox_deferred d where d.reason = case when p_scope = 'sender' then 'sender_budget' else 'budget' end limit 100001) d;
    select count(*) into v_due
    from (
      (select from ai.outbox o where o.claim_id is null limit 100001)
      union all
      (select from ai.outbox_deferred d where d.reason in ('retry', 'backfill') limit 100001)) d;
  end if;
  return jsonb_build_object(
    'window_start', coalesce(v_window.starts_at, v_starts), 'window_end', coalesce(v_window.ends_at, v_ends),
    'old_cap_usd', v_old, 'spent_usd', v_spent * 1e-9, 'assumed_usd', v_assumed * 1e-9,
    'held_usd', coalesce(v_window.held_nano, 0) * 1e-9, 'call_usd', v_call * 1e-9,
    'waiting', v_waiting, 'due', v_due, 'is_lower', v_is_lower,
    'ends_as_skipped', (select p.value = '"skip"' from ai.policy p where p.key = 'budget_exhausted_action'),
    -- True if calls of unknown price, so far made at an assumed price, would be refused from then on.
    'refuses_unpriced', v_is_lower and v_unpriced = 'auto' and not ai.refuses_unpriced('auto', v_scope),
    'unpriced', coalesce((
      select jsonb_agg(s.provider || ' ' || s.model order by s.provider, s.model)
      from ai.model_states s
      where s.model <> '*' and not exists (select from ai.price_in_force(s.provider, s.model, 'default'))
        and exists (
          select from ai.run_daily_counts c
          where c.day > (now() at time zone 'UTC')::date - 7 and c.provider = s.provider and c.model = s.model
            and c.calls_of_unknown_cost > 0)), '[]'),
    -- Other budgets that also have no room for a call.
    'also_full', coalesce((
      select jsonb_agg(b.scope || ' ' || b.period order by b.scope, b.period)
      from ai.budget_status b
      where (b.scope, b.period) <> (p_scope, p_period) and b.scope <> 'sender' and ai.budget_class(b.scope) = v_scope
        and b.left_usd * 1e9 < v_call), '[]'));
end
$$;
comment on function ai.preview_budget(text, text, numeric) is
  'Previews ai.set_budget without changing anything. Returns the running window''s spent, assumed and held amounts, the hold of one call, and how many RFQs wait for a budget or are due. Also returns whether calls of unknown price would be refused.';
