-- What a call that ended leaves behind: its hold is settled, its model's breaker told.

create or replace function ai.wake_deferred(p_reasons text[], p_limit integer default 1000)
returns integer
language plpgsql volatile security definer  -- workers touch tables through functions only
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_woken integer;
begin
  with woken as (
    select d.rfq_id, row_number() over (order by d.due_at) as place
    from (
      select x.rfq_id, x.due_at from ai.outbox_deferred x
      where x.reason = any (p_reasons) and x.due_at > clock_timestamp()
      order by x.due_at
      limit p_limit
      for update skip locked
    ) d
  )
  update ai.outbox_deferred d
  -- In a ramp and not as a herd: a few at once, the others spread over policy recovery_ramp_seconds.
  set due_at = clock_timestamp() + interval '1 second' * least(
      w.place * 0.01, (select (p.value)::float8 from ai.policy p where p.key = 'recovery_ramp_seconds'))
  from woken w
  where d.rfq_id = w.rfq_id;
  get diagnostics v_woken = row_count;
  if v_woken > 0 then
    perform ai.notify_workers();
  end if;
  return v_woken;
end
$$;
comment on function ai.wake_deferred(text[], integer) is
  'What RFQs waited for is over: the next p_limit that were deferred for one of these reasons come back in a ramp, the others when they are due. Returns how many.';

create or replace function ai.wake_missed_deferred()
returns integer
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  -- Longer than a lease: whoever was refused before that has lost its claim meanwhile. And longer than a transaction that
  -- puts RFQs back is open: it may have begun before the others were woken, and have been seen by nobody.
  v_while constant interval := '2 minutes';
  v_raised timestamptz;
  v_closed timestamptz;
  v_woken integer := 0;
begin
  select max(h.changed_at) into v_raised
  from (select x.key, x.changed_at from ai.policy_history x order by x.id desc limit 20) h
  where h.key like 'budget.%' and h.changed_at > v_now - v_while;
  select max(e.happened_at) into v_closed
  from ai.events e
  where e.kind = 'breaker_closed' and e.happened_at > v_now - v_while;
  if v_raised is null and v_closed is null then
    return 0;
  end if;
  update ai.outbox_deferred d
  set due_at = v_now + random() * ramp.seconds
  from (select (p.value)::float8 * interval '1 second' as seconds from ai.policy p where p.key = 'recovery_ramp_seconds') ramp
  where d.rfq_id = any (array(
    select x.rfq_id from ai.outbox_deferred x
    where x.due_at > v_now + ramp.seconds + interval '1 second'
      and (x.reason in ('budget', 'sender_budget') and x.deferred_at > v_raised - v_while
        or x.reason = 'breaker_open' and x.deferred_at > v_closed - v_while)
    limit 1000
    for update skip locked));
  get diagnostics v_woken = row_count;
  return v_woken;
end
$$;
comment on function ai.wake_missed_deferred() is
  'Wakes what was put back about when a cap was raised or a breaker closed: refused before, it was not there yet, or not committed, when the others were woken, and would wait for the end of the budget''s window or of a manual breaker. Returns how many.';

create or replace function ai.trip_breaker(
  p_provider text, p_model text, p_reason text, p_not_before timestamptz default null, p_actor text default null)
returns timestamptz
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_trips integer;
  v_until timestamptz;
begin
  select s.trips + 1 into v_trips from ai.model_states s where s.provider = p_provider and s.model = p_model;
  v_until := greatest(p_not_before, v_now + (0.9 + 0.2 * random()) * interval '1 second' * (
    select least(cap.value::float8, base.value::float8 * 2 ^ least(v_trips - 1, 30))
    from ai.policy base, ai.policy cap
    where base.key = 'breaker_cooldown_seconds' and cap.key = 'breaker_cooldown_cap_seconds'));
  update ai.model_states s
  set state = 'open', reason = p_reason, is_manual = false, trips = v_trips, open_until = v_until,
      opened_at = case when s.state = 'closed' then v_now else s.opened_at end,
      probe_claim_id = null, probe_until = null, ramp = 1, changed_at = v_now
  where s.provider = p_provider and s.model = p_model;
  delete from ai.breaker_windows b where b.provider = p_provider and (p_model = '*' or b.model = p_model);
  insert into ai.events (kind, provider, model, reason, actor, until)
  values ('breaker_opened', p_provider, p_model, p_reason, p_actor, v_until);
  return v_until;
end
$$;
comment on function ai.trip_breaker(text, text, text, timestamptz, text) is
  'Opens a breaker whose row the caller has locked, for a cool-down that doubles with each trip in a row and is never shorter than what the provider asked for. Returns until when.';

create or replace function ai.settle_calls(p_finished jsonb)
returns void
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
set plan_cache_mode = force_generic_plan  -- planning anew, call by call, would take longer than the work itself
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_slice constant timestamptz := to_timestamp(floor(extract(epoch from clock_timestamp()) / 10) * 10);
  v_claim_ids constant bigint[] := array(
    select (f ->> 'claim_id')::bigint from jsonb_array_elements(p_finished) f);
  v_ended jsonb;
  v_policy jsonb;
  v_one record;
  v_state ai.model_states;
  v_calls integer;
  v_failures integer;
  v_opened boolean := false;
begin
  -- Models, then holds, then windows, each in one order: as ai.admit.
  perform from ai.model_states s
  where (s.provider, s.model) in (
    select h.provider, m.model
    from ai.holds h
    cross join lateral (values (h.model), ('*')) as m(model)
    where h.claim_id = any (v_claim_ids))
    -- The gates of all providers, for a transaction that settles twice (its finishes, then a claim it takes over): the
    -- second time it holds windows already and must not wait for another provider's models.
    or s.model = '*' and exists (select from ai.holds h where h.claim_id = any (v_claim_ids))
  order by s.provider collate "C", s.model collate "C"
  for update;
  with ended as (
    delete from ai.holds h
    using jsonb_to_recordset(p_finished) as f(
      claim_id bigint, call text, trip text, retry_after_ms float8, input_tokens numeric, output_tokens numeric,
      booked_nano numeric)
    where h.claim_id = f.claim_id and h.claim_id = any (v_claim_ids)
    returning h.claim_id, h.rfq_id, h.provider, h.model, h.amount_nano, h.tokens, h.is_probe, h.window_ids,
      -- What is beyond its column is no figure: a wait of a month at most, a bill that counts with its hold.
      f.call, f.trip, case when f.retry_after_ms > 2678400000 then 2678400000 else f.retry_after_ms end as retry_after_ms,
      case when f.booked_nano between 0 and 99999999999999 then f.booked_nano::bigint else h.amount_nano end as booked_nano,
      -- A bill nobody has seen used them all.
      case when f.booked_nano is null then h.tokens
        else least(coalesce(f.input_tokens, 0) + coalesce(f.output_tokens, 0), 1000000000)::integer end as used
  )
  select jsonb_agg(to_jsonb(e)) into v_ended from ended e;
  if v_ended is null then
    return;
  end if;
  v_policy := (select jsonb_object_agg(p.key, p.value) from ai.policy p where p.key like 'breaker%' or p.key like 'ramp%');

  for v_one in
    select e.provider, m.model,
      count(*) as ended,
      sum(e.tokens - e.used) as unused,
      count(*) filter (where e.call = 'ok') as succeeded,
      count(*) filter (where e.call = 'failed') as failed,
      count(*) filter (where e.call = 'rejected') as rejected,
      count(*) filter (where e.call = 'throttled') as throttled,
      -- What concerns the whole account trips the provider's own breaker, the rest the model's.
      min(e.trip) filter (
        where e.call is distinct from 'refused' and (m.model = '*') = (e.trip in ('auth', 'quota', 'not_sent'))) as trip,
      -- Without the provider's own word it may be this RFQ's alone.
      min(e.trip) filter (
        where e.call = 'refused' and (m.model = '*') = (e.trip in ('auth', 'quota', 'not_sent'))) as suspected,
      v_now + max(e.retry_after_ms) filter (where e.call in ('failed', 'throttled') or e.trip is not null)
        * interval '1 millisecond' as not_before,
      array_agg(e.claim_id) as claim_ids,
      jsonb_object_agg(e.claim_id, e.call) filter (where e.is_probe and e.call is not null) as probes
    from jsonb_to_recordset(v_ended) as e(
      claim_id bigint, provider text, model text, tokens integer, used integer, call text, trip text,
      retry_after_ms float8, is_probe boolean)
    cross join lateral (values (e.model), ('*')) as m(model)
    group by e.provider, m.model
    order by e.provider collate "C", m.model collate "C"
  loop
    select * into v_state from ai.model_states s where s.provider = v_one.provider and s.model = v_one.model;
    continue when not found;
    update ai.model_states s
    set in_flight = s.in_flight - v_one.ended,
        tokens = s.tokens + v_one.unused,
        -- Slow start: one more in flight for each that went well, until that is plenty.
        ramp = case
          when s.state <> 'closed' then s.ramp
          when v_one.throttled > 0 and v_one.model <> '*' then 1
          when s.ramp + v_one.succeeded > 1000 then null
          else s.ramp + v_one.succeeded end,
        answered_at = case when v_one.succeeded + v_one.rejected > 0 then v_now else s.answered_at end,
        not_before = case when v_one.throttled > 0 and v_one.model <> '*'
          then greatest(s.not_before, v_one.not_before, v_now + interval '1 second') else s.not_before end
    where s.provider = v_one.provider and s.model = v_one.model;

    if v_one.succeeded > 0 and v_one.model <> '*' and v_state.answered_at < v_now - interval '1 minute' then
      -- Where little comes in an outage may have passed without the breaker: this is the first to hear of its end.
      perform ai.wake_deferred(array['timeout', 'provider_5xx']);
    end if;
    if v_state.is_manual then
      null;  -- a person's word stands, whatever comes in late
    elsif v_state.state = 'half_open' and v_state.probe_claim_id = any (v_one.claim_ids) then
      if v_one.trip is not null then
        perform ai.trip_breaker(v_one.provider, v_one.model, v_one.trip, v_one.not_before);
        v_opened := true;
      elsif v_one.probes ->> v_state.probe_claim_id::text = 'ok'
        or v_one.probes ->> v_state.probe_claim_id::text = 'rejected' and v_state.reason is distinct from 'bad_request'
      then
        update ai.model_states s
        set state = 'closed', reason = null, trips = 0, open_until = null, probe_claim_id = null, probe_until = null,
            closed_at = v_now, changed_at = v_now, ramp = 2
        where s.provider = v_one.provider and s.model = v_one.model;
        insert into ai.events (kind, provider, model) values ('breaker_closed', v_one.provider, v_one.model);
        perform ai.refund_outage_attempts();
        perform ai.wake_deferred(array[
          'breaker_open', 'auth', 'quota', 'model_not_found', 'not_sent', 'connection', 'provider_5xx', 'timeout', 'rate_limit']);
      elsif v_one.probes ->> v_state.probe_claim_id::text in ('failed', 'rejected') then
        perform ai.trip_breaker(v_one.provider, v_one.model, coalesce(v_state.reason, 'failures'), v_one.not_before);
        v_opened := true;
      elsif v_one.probes ->> v_state.probe_claim_id::text = 'refused' and v_one.suspected is not null then
        -- Open again and for no longer than before: whoever sends what a firewall refuses must not keep the others waiting.
        update ai.model_states s set trips = greatest(s.trips - 1, 0)
        where s.provider = v_one.provider and s.model = v_one.model;
        perform ai.trip_breaker(v_one.provider, v_one.model, v_one.suspected, v_one.not_before);
        v_opened := true;
      else
        -- Throttled, cut off, lost: that says nothing about the model. Another probe may go.
        update ai.model_states s
        set state = 'open', open_until = greatest(
              v_now + case when v_one.throttled > 0 then interval '1 second' else interval '0' end, v_one.not_before),
            probe_claim_id = null, probe_until = null,
            changed_at = v_now
        where s.provider = v_one.provider and s.model = v_one.model;
      end if;
    elsif v_state.state = 'closed' and v_one.trip is not null then
      perform ai.trip_breaker(v_one.provider, v_one.model, v_one.trip, v_one.not_before);
      v_opened := true;
    elsif v_state.state = 'closed' and v_one.suspected is not null and v_one.succeeded = 0
      and ai.is_refused_to_all(v_one.provider, v_one.model, v_one.suspected, v_state.answered_at)
    then
      perform ai.trip_breaker(v_one.provider, v_one.model, v_one.suspected, v_one.not_before);
      v_opened := true;
    elsif v_state.state = 'closed' and v_one.model <> '*' and v_one.succeeded + v_one.failed + v_one.rejected > 0 then
      insert into ai.breaker_windows as b (provider, model, slice, calls, failures)
      values (v_one.provider, v_one.model, v_slice, v_one.succeeded + v_one.failed + v_one.rejected, v_one.failed)
      on conflict (provider, model, slice) do update
        set calls = b.calls + excluded.calls, failures = b.failures + excluded.failures;
      if v_one.failed > 0 then
        select sum(b.calls), sum(b.failures) into v_calls, v_failures
        from ai.breaker_windows b
        where b.provider = v_one.provider and b.model = v_one.model
          and b.slice > v_now - (v_policy ->> 'breaker_window_seconds')::float8 * interval '1 second';
        if v_calls >= (v_policy ->> 'breaker_min_calls')::numeric
          and v_failures >= (v_policy ->> 'breaker_failure_share')::float8 * v_calls
        then
          perform ai.trip_breaker(v_one.provider, v_one.model, 'failures', v_one.not_before);
          v_opened := true;
        end if;
      elsif v_one.rejected > 0 and (
        -- One request that is refused is a bad one; five different ones and no good one is a wrong setting.
        select case when count(distinct x.rfq_id) >= 5 then not exists (
          select from ai.rag_runs y
          where y.created_at > v_now - interval '5 minutes' and y.status = 'succeeded'
            and y.provider = v_one.provider and y.model = v_one.model) end
        from ai.rag_runs x
        where x.created_at > v_now - interval '5 minutes' and x.provider = v_one.provider and x.model = v_one.model
          and x.error_class in ('timeout', 'connection', 'provider_5xx', 'bad_request') and x.error_class = 'bad_request')
      then
        perform ai.trip_breaker(v_one.provider, v_one.model, 'bad_request', v_one.not_before);
        v_opened := true;
      end if;
    elsif v_state.state = 'open' and v_one.not_before > v_state.open_until then
      update ai.model_states s set open_until = v_one.not_before
      where s.provider = v_one.provider and s.model = v_one.model;
    end if;
    v_opened := v_opened or v_state.state <> 'closed' and v_one.failed > 0;
  end loop;

  if v_opened then
    perform ai.refund_outage_attempts();
  end if;

  -- A bill above its hold counts in full, and is told.
  insert into ai.events (kind, provider, model, amount_usd)
  select 'budget_overrun', e.provider, e.model, (sum(e.booked_nano - e.amount_nano) / 1e9)::numeric(14, 9)
  from jsonb_to_recordset(v_ended) as e(provider text, model text, amount_nano bigint, booked_nano bigint)
  where e.booked_nano > e.amount_nano
  group by e.provider, e.model;
  perform from ai.budget_windows w
  where w.window_id in (
    select u.window_id from jsonb_to_recordset(v_ended) as e(window_ids bigint[]), unnest(e.window_ids) as u(window_id))
  order by w.window_id
  for update;
  update ai.budget_windows w
  set spent_nano_usd = w.spent_nano_usd + n.booked, held_nano = w.held_nano - n.held
  from (
    select u.window_id, sum(e.booked_nano) as booked, sum(e.amount_nano) as held
    from jsonb_to_recordset(v_ended) as e(window_ids bigint[], amount_nano bigint, booked_nano bigint),
      unnest(e.window_ids) as u(window_id)
    group by u.window_id
  ) n
  where w.window_id = n.window_id;
end
$$;
comment on function ai.settle_calls(jsonb) is
  'Settles the holds of calls that ended, each once, and tells the breakers: objects with claim_id, call (ok; rejected: the provider answered, the request was bad; failed: the provider''s fault; throttled; refused: with trip, by whom is not known; null: no verdict), trip (auth, quota, model_not_found, not_sent: opens the breaker at once, where refused once it is so for several RFQs), retry_after_ms, tokens, booked_nano (null: at the held amount). In the transaction that records the runs, after all its other locks.';

create or replace function ai.refund_outage_attempts()
returns integer
language sql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  -- An outage is no RFQ's fault: what it charged before the breaker knew is given back, and waits for the breaker. Rows
  -- that somebody holds are left out: an edit may hold one, and wait for what this transaction holds.
  with failed as materialized (
    select x.rfq_id, count(*)::smallint as failures, (array_agg(x.attempt order by x.created_at desc))[1] as last_attempt
    from ai.rag_runs x
    where x.created_at > clock_timestamp() - interval '1 second' * (
        select (p.value)::float8 from ai.policy p where p.key = 'breaker_window_seconds')
      and x.status = 'failed' and x.error_class in ('timeout', 'connection', 'provider_5xx', 'bad_request')
      and x.error_class <> 'bad_request'
    group by x.rfq_id
  ),
  waiting as materialized (
    select d.rfq_id
    from ai.outbox_deferred d
    where d.rfq_id = any (array(select f.rfq_id from failed f)) and d.attempt > 0
      -- Or it was claimed once more when the breaker opened, and put back.
      and (d.reason = 'retry' and d.error_class in ('timeout', 'connection', 'provider_5xx') or d.reason = 'breaker_open')
    for update skip locked
  ),
  forgiven as (
    update ai.outbox_deferred d
    set attempt = greatest(d.attempt - f.failures, 0), deferrals = d.deferrals + 1, reason = 'breaker_open'
    from waiting w
    join failed f on f.rfq_id = w.rfq_id
    where d.rfq_id = w.rfq_id and d.attempt = f.last_attempt  -- else it has been forgiven already
    returning d.rfq_id
  ),
  due as materialized (
    select o.id, o.rfq_id
    from ai.outbox o
    where o.rfq_id = any (array(select f.rfq_id from failed f)) and o.claim_id is null and o.attempt > 0
    for update skip locked
  ),
  again as (
    update ai.outbox o
    set attempt = greatest(o.attempt - f.failures, 0)
    from due u
    join failed f on f.rfq_id = u.rfq_id
    where o.id = u.id and o.attempt = f.last_attempt
    returning o.rfq_id
  )
  select ((select count(*) from forgiven) + (select count(*) from again))::integer;
$$;
comment on function ai.refund_outage_attempts() is
  'Gives back the attempts that failed within the breaker''s window for what turned out to be an outage. Returns how many RFQs.';

create or replace function ai.settle_lost(p_claim_ids bigint[])
returns void
language sql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
as $$
  select ai.settle_calls((select jsonb_agg(jsonb_build_object('claim_id', c)) from unnest(p_claim_ids) as c));
$$;
comment on function ai.settle_lost(bigint[]) is 'Settles holds of claims that ended without a word at what they held: the calls may have been made and billed.';

create or replace function ai.reap_holds()
returns integer
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  return ai.reap_claims(array(
    select h.claim_id from ai.holds h
    where h.admitted_at < clock_timestamp() - interval '5 minutes'
      and not exists (select from ai.outbox o where o.rfq_id = h.rfq_id and o.claim_id = h.claim_id)
    limit 1000));
end
$$;
comment on function ai.reap_holds() is
  'The backstop: holds whose claim is gone from the queue (somebody deleted the row) are settled at what they held. Returns how many.';

create or replace function ai.open_breaker(p_provider text, p_model text, p_actor text, p_reason text default null)
returns void
language plpgsql volatile security definer  -- operators need no right on the guards' tables
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_provider !~ '^[^[:space:][:cntrl:]]{1,100}$' or p_model !~ '^[^[:space:][:cntrl:]]{1,100}$' then
    raise exception 'a provider and a model have a name without spaces'
      using errcode = 'RF004', hint = 'select provider, model from ai.breaker_status lists those that were asked.';
  end if;
  insert into ai.model_states (provider, model) values (p_provider, p_model) on conflict do nothing;
  update ai.model_states s
  set state = 'open', reason = 'manual', is_manual = true, opened_at = clock_timestamp(), open_until = 'infinity',
      probe_claim_id = null, probe_until = null, changed_at = clock_timestamp()
  where s.provider = p_provider and s.model = p_model;
  insert into ai.events (kind, provider, model, reason, actor)
  values ('breaker_opened', p_provider, p_model, 'manual', coalesce(p_actor, session_user) || coalesce(': ' || p_reason, ''));
end
$$;
comment on function ai.open_breaker(text, text, text, text) is
  'Lets no call through to a model (or *, the whole provider) until somebody closes it; RFQs wait, deferred. Audited in ai.events.';

create or replace function ai.close_breaker(p_provider text, p_model text, p_actor text, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- as ai.open_breaker
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.model_states s
  set state = 'closed', reason = null, is_manual = false, trips = 0, open_until = null, not_before = null,
      probe_claim_id = null, probe_until = null, ramp = 2, closed_at = clock_timestamp(), changed_at = clock_timestamp()
  where s.provider = p_provider and s.model = p_model and (s.state <> 'closed' or s.not_before > clock_timestamp());
  if not found then
    return false;
  end if;
  delete from ai.breaker_windows b where b.provider = p_provider and (p_model = '*' or b.model = p_model);
  insert into ai.events (kind, provider, model, reason, actor)
  values ('breaker_closed', p_provider, p_model, 'manual', coalesce(p_actor, session_user) || coalesce(': ' || p_reason, ''));
  perform ai.wake_deferred(array[
    'breaker_open', 'auth', 'quota', 'model_not_found', 'not_sent', 'connection', 'provider_5xx', 'timeout', 'rate_limit'], 100000);  -- their time is an hour off
  return true;
end
$$;
comment on function ai.close_breaker(text, text, text, text) is
  'Closes a breaker by hand, whatever opened it; calls come back in a ramp. False: it was closed. Audited in ai.events.';

create or replace function ai.reset_breaker(p_provider text, p_model text, p_actor text, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- as ai.open_breaker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_was_open constant boolean := ai.close_breaker(p_provider, p_model, p_actor, p_reason);
begin
  update ai.model_states s
  set ramp = null, trips = 0, not_before = null
  where s.provider = p_provider and s.model = p_model;
  delete from ai.breaker_windows b where b.provider = p_provider and (p_model = '*' or b.model = p_model);
  return v_was_open;
end
$$;
comment on function ai.reset_breaker(text, text, text, text) is
  'As ai.close_breaker, and forgets ramp and counts: as if nothing had happened. False: it was closed.';

create or replace function ai.set_budget(
  p_scope text, p_period text, p_cap_usd numeric, p_actor text default null, p_reason text default null)
returns numeric
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key constant text := 'budget.' || p_scope || '.' || p_period;
  v_old numeric;
begin
  if v_key !~ '^budget[.](global|evaluation|sender|model:[^[:space:][:cntrl:]]{1,100})[.](hour|day|month)$' then
    raise exception 'there is no budget %', v_key
      using errcode = 'check_violation',
            hint = 'A scope is global, evaluation, sender or model:NAME, a period hour, day or month.';
  end if;
  perform set_config('rfqflow.actor', coalesce(p_actor, ''), true);
  perform set_config('rfqflow.reason', coalesce(p_reason, ''), true);
  select (p.value)::numeric into v_old from ai.policy p where p.key = v_key for update;
  if p_cap_usd is null then
    delete from ai.policy p where p.key = v_key;
  elsif found then
    update ai.policy p set value = to_jsonb(p_cap_usd) where p.key = v_key;
  else
    insert into ai.policy (key, value, default_value, kind, unit, minimum, maximum, description)
    values (v_key, to_jsonb(p_cap_usd), to_jsonb(p_cap_usd), 'number', 'USD', 0, 1000000000,
      'Most that the calls of one ' || p_period || ' may cost: ' || p_scope);
  end if;
  return v_old;
end
$$;
comment on function ai.set_budget(text, text, numeric, text, text) is
  'Sets what a scope (global, evaluation, sender: each sender, model:NAME) may spend per hour, day or month; null: no cap. What was spent in the running window counts. Raising a cap wakes what waited for it. Returns the old cap. Audited as ai.policy.';

create or replace function ai.move_windows(p_zone text)
returns void
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
as $$
declare
  v_scopes text[];
  v_periods text[];
  v_spent bigint[];
  v_models text[];
  v_now timestamptz;
begin
  -- No call is admitted and none settles meanwhile; who is being admitted by the old zone finds it changed.
  lock table ai.holds in share row exclusive mode;
  v_now := clock_timestamp();
  -- Nothing says which sender a run was for: his windows take along all that the new one may have to count.
  with periods as materialized (
    select p.period, b.starts_at
    from unnest(array['hour', 'day', 'month']) as p(period) cross join lateral ai.budget_window(p.period, v_now, p_zone) b
  ),
  gone as (
    delete from ai.budget_windows w
    using periods p
    where w.scope like 'sender:%' and p.period = w.period and w.ends_at > p.starts_at
    returning w.scope, w.period, w.spent_nano_usd + w.held_nano as nano
  ),
  sums as (select g.scope, g.period, sum(g.nano)::bigint as nano from gone g group by g.scope, g.period)
  select array_agg(s.scope), array_agg(s.period), array_agg(s.nano) into v_scopes, v_periods, v_spent from sums s where s.nano > 0;
  insert into ai.budget_windows (scope, period, starts_at, ends_at, spent_nano_usd)
  select s.scope, s.period, b.starts_at, b.ends_at, s.nano
  from unnest(array['hour', 'day', 'month']) as p(period)
  cross join lateral ai.budget_window(p.period, v_now, p_zone) b
  join unnest(v_scopes, v_periods, v_spent) as s(scope, period, nano) on s.period = p.period;
  -- The others count from the runs, and so will the old zone's, should it come back.
  delete from ai.budget_windows w where w.ends_at > v_now and w.scope not like 'sender:%';
  v_models := array(
    select substring(p.key from '^budget[.]model:(.*)[.][a-z]+$') from ai.policy p where p.key like 'budget.model:%');
  perform ai.ensure_budget_windows('global', v_models, '{}', p_zone, v_now);
  perform ai.ensure_budget_windows('evaluation', v_models, '{}', p_zone, v_now);
end
$$;
comment on function ai.move_windows(text) is
  'Makes the running budget windows those of another time zone: with all that was spent since they began, and is held.';

create or replace function ai.follow_budget()
returns trigger
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key constant text := coalesce(new.key, old.key);
begin
  if v_key = 'budget_time_zone' then
    perform ai.move_windows(case tg_op when 'DELETE' then 'UTC' else new.value #>> '{}' end);
    perform ai.wake_deferred(array['budget', 'sender_budget'], 100000);
    return null;
  end if;
  if tg_op = 'DELETE' then
    -- It is not kept any more: whoever sets a cap again counts from the runs.
    delete from ai.budget_windows w
    where (w.scope = substring(v_key from '^budget[.](.*)[.][a-z]+$') or v_key like 'budget.sender.%' and w.scope like 'sender:%')
      and w.period = substring(v_key from '([a-z]+)$') and w.ends_at > clock_timestamp();
  end if;
  if tg_op = 'DELETE' or tg_op = 'UPDATE' and (new.value)::numeric > (old.value)::numeric then
    perform ai.wake_deferred(array['budget', 'sender_budget'], 100000);
  end if;
  return null;
end
$$;
comment on function ai.follow_budget() is 'Trigger: a cap that was raised or taken away wakes what waited for it.';

create or replace trigger rfqflow_follow_budget after update or delete on ai.policy
  for each row when (old.key like 'budget.%' or old.key = 'budget_time_zone')
  execute function ai.follow_budget();
comment on trigger rfqflow_follow_budget on ai.policy is 'Follows changed caps.';

create or replace function ai.reconcile_budget(p_correct boolean default false)
returns table (scope text, period text, starts_at timestamptz, spent_usd numeric, runs_usd numeric, held_usd numeric, holds_usd numeric)
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  lock table ai.holds in share row exclusive mode;  -- nothing is admitted or settled meanwhile
  return query
  with counted as (
    select w.window_id, w.scope, w.period, w.starts_at, w.spent_nano_usd, w.held_nano,
      ai.spent_nano_usd(w.scope, w.starts_at, w.ends_at) as runs_nano,
      coalesce((select sum(h.amount_nano) from ai.holds h where w.window_id = any (h.window_ids)), 0)::bigint as holds_nano
    from ai.budget_windows w
    where w.ends_at > clock_timestamp() and w.scope not like 'sender:%'
  ),
  corrected as (
    update ai.budget_windows w
    set spent_nano_usd = c.runs_nano, held_nano = c.holds_nano
    from counted c
    where p_correct and w.window_id = c.window_id and (c.spent_nano_usd <> c.runs_nano or c.held_nano <> c.holds_nano)
    returning w.scope, c.runs_nano - c.spent_nano_usd as by_nano
  ),
  told as (
    insert into ai.events (kind, scope, amount_usd, actor)
    select 'budget_corrected', x.scope, (x.by_nano / 1e9)::numeric(14, 9), session_user from corrected x
  )
  select c.scope, c.period, c.starts_at, (c.spent_nano_usd / 1e9)::numeric(14, 9), (c.runs_nano / 1e9)::numeric(14, 9),
    (c.held_nano / 1e9)::numeric(14, 9), (c.holds_nano / 1e9)::numeric(14, 9)
  from counted c
  order by c.scope, c.starts_at;
end
$$;
comment on function ai.reconcile_budget(boolean) is
  'Holds the running budget windows against the runs and the live holds they count: spent_usd is runs_usd and held_usd is holds_usd, or something has been changed by hand. With p_correct it puts that right, and tells. Calls wait while it counts.';

create or replace function ai.sampled_block_range(p_table regclass, out from_row tid, out to_row tid)
language plpgsql stable security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocks constant bigint := pg_relation_size(p_table) / current_setting('block_size')::bigint;
  v_size constant bigint := greatest(1024, ceil(v_blocks / 60.0));
  v_minute constant bigint := floor(extract(epoch from clock_timestamp()) / 60);
  v_from constant bigint := v_size * (v_minute % greatest(1, ceil(v_blocks::numeric / v_size))::bigint);
begin
  from_row := ('(' || v_from || ',0)')::tid;
  to_row := ('(' || v_from + v_size || ',0)')::tid;
end
$$;
comment on function ai.sampled_block_range(regclass, out tid, out tid) is
  'This minute''s part of a table, to look for what is too old without an index that each RFQ would pay for: all of a small one (8 MB), a sixtieth of a large one, so that an hour sees it all.';

create or replace function ai.prune_dead()
returns integer
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
-- Each is looked up by its key: the application's table is never read as a whole.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_slice record;
  v_pruned integer;
begin
  -- Under row-level security an RFQ may be there and not be seen.
  if row_security_active((select to_regclass(m.table_name) from ai.table_mapping m where m.one)) then
    return 0;
  end if;
  select * into v_slice from ai.sampled_block_range('ai.outbox_dead');
  delete from ai.outbox_dead d where d.ctid = any (array(
    select x.ctid from ai.outbox_dead x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row
      and not exists (select from ai.rfqs r where r.rfq_id = x.rfq_id)
    limit 5000 for update of x skip locked));
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$$;
comment on function ai.prune_dead() is
  'Forgets dead letters whose RFQ has been deleted, at most 5,000 in this minute''s part (ai.sampled_block_range); the others wait for a person. Returns how many.';

create or replace function ai.prune_guards()
returns integer
language plpgsql volatile security definer  -- as ai.wake_deferred
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_pruned integer := 0;
  v_rows integer;
  v_slice record;
begin
  if not ai.take_lock('guards', false) then
    return 0;  -- somebody else is at it
  end if;
  select * into v_slice from ai.sampled_block_range('ai.duplicate_fingerprints');
  delete from ai.duplicate_fingerprints o where o.ctid = any (array(
    select x.ctid from ai.duplicate_fingerprints x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row
      and x.seen_at < v_now - interval '1 hour' * (select greatest(24, (p.value)::float8) from ai.policy p where p.key = 'duplicate_hours')
    limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  -- Untouched for an hour it is full again.
  delete from ai.rate_limit_buckets b where b.ctid = any (array(
    select x.ctid from ai.rate_limit_buckets x where x.filled_at < v_now - interval '61 minutes' limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.breaker_windows b
  where b.slice < v_now - interval '1 second' * (select (p.value)::float8 from ai.policy p where p.key = 'breaker_window_seconds');
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.budget_windows w where w.ctid = any (array(
    select x.ctid from ai.budget_windows x
    where x.held_nano = 0 and (x.ends_at < v_now - interval '400 days' or x.scope like 'sender:%' and x.ends_at < v_now - interval '1 day')
    limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.eval_calls c where c.ctid = any (array(
    select x.ctid from ai.eval_calls x where x.admitted_at < v_now - interval '400 days' limit 5000));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  -- A trial that has ended keeps its figures; the single answers have served.
  delete from ai.shadow_results s where s.ctid = any (array(
    select x.ctid from ai.shadow_results x join ai.trials t on t.trial = x.trial
    where t.ended_at < v_now - interval '90 days' limit 5000));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  select * into v_slice from ai.sampled_block_range('ai.submissions');
  delete from ai.submissions s where s.ctid = any (array(
    select x.ctid from ai.submissions x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row and x.created_at < v_now - interval '31 days' limit 5000));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  -- What a person did stays; the rest is counted in the statement that deletes it, so that a total never falls.
  with gone as (
    delete from ai.events e where e.ctid = any (array(
      select x.ctid from ai.events x
      where x.happened_at < v_now - interval '1 day' * (select (p.value)::float8 from ai.policy p where p.key = 'event_days')
        and x.actor is null
      order by x.happened_at limit 5000 for update skip locked))
    returning e.kind, e.provider, e.model, e.reason
  ),
  counted as (
    insert into ai.event_totals as t (kind, provider, model, reason, events)
    select g.kind, coalesce(g.provider, ''), coalesce(g.model, ''), coalesce(g.reason, ''), count(*)
    from gone g group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict on constraint event_totals_pkey do update set events = t.events + excluded.events
  )
  select count(*) into v_rows from gone;
  v_pruned := v_pruned + v_rows;
  v_pruned := v_pruned + ai.prune_dead();
  -- They have served for a day; ai.actions keeps the ids.
  delete from ai.erasures e where e.ctid = any (array(
    select x.ctid from ai.erasures x where x.erased_at < v_now - interval '31 days' limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  return v_pruned + v_rows;
end
$$;
comment on function ai.prune_guards() is
  'Forgets what is needed no more: old texts, full buckets, past windows and evaluation calls, answers of shadows that ended long ago, submissions and erasures of a month ago, events past event_days (counted in ai.event_totals), dead letters whose RFQ has been deleted; at most 5,000 rows each, of large tables in this minute''s part (ai.sampled_block_range). Returns how many.';
