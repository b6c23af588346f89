-- Settles the hold of a call that ended, and updates its model's breaker.

create or replace function ai.settle_calls(p_finished jsonb)
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
set plan_cache_mode = force_generic_plan  -- planning each call would take longer than the work itself
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_claim_ids constant bigint[] := array(
    select (f ->> 'claim_id')::bigint from jsonb_array_elements(p_finished) f);
  v_ended jsonb;
  v_policy jsonb;
  v_one record;
  v_state ai.model_states;
  v_opened boolean := false;
begin
  -- Lock order as in ai.admit: models, holds, windows.
  perform from ai.model_states s
  where (s.provider, s.model) in (
    select h.provider, m.model
    from ai.holds h
    cross join lateral (values (h.model), ('*')) as m(model)
    where h.claim_id = any (v_claim_ids))
    -- Also locks the providers, for a transaction that settles twice: its finishes, then a claim that it takes over. The second time, the
    -- transaction holds windows, and must not wait for another provider's models.
    or s.model = '*' and exists (select from ai.holds h where h.claim_id = any (v_claim_ids))
  order by s.provider collate "C", s.model collate "C"
  for update;
  with ended as (
    delete from ai.holds h
    using jsonb_to_recordset(p_finished) as f(
      claim_id bigint, call text, trip text, retry_after_ms float8, input_tokens numeric, output_tokens numeric,
      booked_nano numeric, cost_usd text)
    where h.claim_id = f.claim_id and h.claim_id = any (v_claim_ids)
    returning h.claim_id, h.rfq_id, h.provider, h.model, h.amount_nano, h.tokens, h.is_probe, h.window_ids,
      -- Values that exceed their column cannot be real. A wait is limited to a month, and for such a bill the whole hold counts.
      f.call, f.trip, case when f.retry_after_ms > 2678400000 then 2678400000 else f.retry_after_ms end as retry_after_ms,
      case when f.booked_nano between 0 and 99999999999999 then f.booked_nano::bigint else h.amount_nano end as booked_nano,
      -- Same rule as for a run's cost_usd: the bill, or the hold at a known price, else an assumed price.
      f.cost_usd is null and case when f.booked_nano is null then not h.is_priced else f.booked_nano > 0 end as is_assumed,
      -- If the bill is unknown, all held tokens count as used.
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
      -- Refusals of the whole account open the provider's breaker; other refusals open the model's breaker.
      min(e.trip) filter (
        where e.call is distinct from 'refused' and (m.model = '*') = (e.trip in ('auth', 'quota', 'not_sent'))) as trip,
      -- If the provider gave no reason, the refusal may concern only this RFQ.
      min(e.trip) filter (
        where e.call = 'refused' and (m.model = '*') = (e.trip in ('auth', 'quota', 'not_sent'))) as suspected,
      v_now + max(e.retry_after_ms) filter (where e.call in ('failed', 'throttled') or e.trip is not null)
        * interval '1 millisecond' as not_before,
      array_agg(e.claim_id) filter (where e.is_probe) as probe_claim_ids,
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
        -- Slow start: each successful call allows one more in flight, up to a high number.
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
      -- With few RFQs, an outage may not open the breaker. Then this answer is the first sign that the outage has ended.
      perform ai.wake_deferred(array['timeout', 'provider_5xx']);
    end if;
    v_opened := ai.judge_breaker(v_state, to_jsonb(v_one), v_policy) or v_opened;
  end loop;

  if v_opened then
    perform ai.refund_outage_attempts();
  end if;

  -- A bill above its hold counts in full, and is recorded as an event.
  insert into ai.events (kind, provider, model, amount_usd)
  select 'budget_overrun', e.provider, e.model, sum(e.booked_nano - e.amount_nano) * 1e-9
  from jsonb_to_recordset(v_ended) as e(provider text, model text, amount_nano bigint, booked_nano bigint)
  where e.booked_nano > e.amount_nano
  group by e.provider, e.model;
  perform from ai.budget_windows w
  where w.window_id in (
    select u.window_id from jsonb_to_recordset(v_ended) as e(window_ids bigint[]), unnest(e.window_ids) as u(window_id))
  order by w.window_id
  for update;
  update ai.budget_windows w
  set spent_nano_usd = w.spent_nano_usd + n.booked, assumed_nano_usd = w.assumed_nano_usd + n.assumed, held_nano = w.held_nano - n.held
  from (
    select u.window_id, sum(e.booked_nano) as booked, sum(e.amount_nano) as held,
      coalesce(sum(e.booked_nano) filter (where e.is_assumed), 0) as assumed
    from jsonb_to_recordset(v_ended) as e(window_ids bigint[], amount_nano bigint, booked_nano bigint, is_assumed boolean),
      unnest(e.window_ids) as u(window_id)
    group by u.window_id
  ) n
  where w.window_id = n.window_id;
end
$$;
comment on function ai.settle_calls(jsonb) is
  'Settles the holds of calls that ended, each hold once, and updates the breakers. Objects have claim_id, call, trip, retry_after_ms, input_tokens, output_tokens, booked_nano (null: the whole hold) and cost_usd (null: booked_nano is at an assumed price). call is ok, rejected (the provider answered that the request was bad), failed (the provider''s fault), throttled, refused (with trip; the cause is unknown), or null (the call shows nothing about the model). trip is auth, quota, model_not_found or not_sent: it opens the breaker at once; with call refused, only after several RFQs. Runs in the transaction that records the runs, after all its other locks.';

create or replace function ai.judge_breaker(p_state ai.model_states, p_ended jsonb, p_policy jsonb)
returns boolean
language plpgsql volatile security definer  -- runs under the locks and settings of ai.settle_calls
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_slice constant timestamptz := to_timestamp(floor(extract(epoch from v_now) / 10) * 10);
  v_one record;
  v_calls integer;
  v_failures integer;
  v_opened boolean := false;
begin
  select * into v_one
  from jsonb_to_record(p_ended) as e(
    provider text, model text, succeeded bigint, failed bigint, rejected bigint, throttled bigint, trip text, suspected text,
    not_before timestamptz, probe_claim_ids bigint[], probes jsonb);
  if p_state.is_manual then
    null;  -- late results do not change a person's decision
  elsif p_state.state = 'half_open' and p_state.probe_claim_id = any (v_one.probe_claim_ids) then
    if v_one.trip is not null then
      perform ai.trip_breaker(v_one.provider, v_one.model, v_one.trip, v_one.not_before);
      v_opened := true;
    elsif v_one.probes ->> p_state.probe_claim_id::text = 'ok'
      or v_one.probes ->> p_state.probe_claim_id::text = 'rejected' and p_state.reason is distinct from 'bad_request'
    then
      update ai.model_states s
      set state = 'closed', reason = null, trips = 0, open_until = null, probe_claim_id = null, probe_until = null,
          closed_at = v_now, changed_at = v_now, ramp = 2
      where s.provider = v_one.provider and s.model = v_one.model;
      insert into ai.events (kind, provider, model) values ('breaker_closed', v_one.provider, v_one.model);
      perform ai.refund_outage_attempts();
      perform ai.wake_deferred(array[
        'breaker_open', 'auth', 'quota', 'model_not_found', 'not_sent', 'connection', 'provider_5xx', 'timeout', 'rate_limit']);
    elsif v_one.probes ->> p_state.probe_claim_id::text in ('failed', 'rejected') then
      perform ai.trip_breaker(v_one.provider, v_one.model, coalesce(p_state.reason, 'failures'), v_one.not_before);
      v_opened := true;
    elsif v_one.probes ->> p_state.probe_claim_id::text = 'refused' and v_one.suspected is not null then
      -- Opens the breaker again for the same time as before: texts that a firewall refuses must not make other RFQs wait longer.
      update ai.model_states s set trips = greatest(s.trips - 1, 0)
      where s.provider = v_one.provider and s.model = v_one.model;
      perform ai.trip_breaker(v_one.provider, v_one.model, v_one.suspected, v_one.not_before);
      v_opened := true;
    else
      -- A throttled, cut off or lost call is no evidence about the model. Allow another probe.
      update ai.model_states s
      set state = 'open', open_until = greatest(
            v_now + case when v_one.throttled > 0 then interval '1 second' else interval '0' end, v_one.not_before),
          probe_claim_id = null, probe_until = null,
          changed_at = v_now
      where s.provider = v_one.provider and s.model = v_one.model;
    end if;
  elsif p_state.state = 'closed' and v_one.trip is not null then
    perform ai.trip_breaker(v_one.provider, v_one.model, v_one.trip, v_one.not_before);
    v_opened := true;
  elsif p_state.state = 'closed' and v_one.suspected is not null and v_one.succeeded = 0
    and ai.is_refused_to_all(v_one.provider, v_one.model, v_one.suspected, p_state.answered_at)
  then
    perform ai.trip_breaker(v_one.provider, v_one.model, v_one.suspected, v_one.not_before);
    v_opened := true;
  elsif p_state.state = 'closed' and v_one.model <> '*' and v_one.succeeded + v_one.failed + v_one.rejected > 0 then
    insert into ai.breaker_windows as b (provider, model, slice, calls, failures)
    values (v_one.provider, v_one.model, v_slice, v_one.succeeded + v_one.failed + v_one.rejected, v_one.failed)
    on conflict (provider, model, slice) do update
      set calls = b.calls + excluded.calls, failures = b.failures + excluded.failures;
    if v_one.failed > 0 then
      select sum(b.calls), sum(b.failures) into v_calls, v_failures
      from ai.breaker_windows b
      where b.provider = v_one.provider and b.model = v_one.model
        and b.slice > v_now - (p_policy ->> 'breaker_window_seconds')::float8 * interval '1 second';
      if v_calls >= (p_policy ->> 'breaker_min_calls')::numeric
        and v_failures >= (p_policy ->> 'breaker_failure_share')::float8 * v_calls
        and not ai.is_failing_for_few(v_one.provider, v_one.model, v_calls, v_failures,
          (p_policy ->> 'breaker_window_seconds')::float8, (p_policy ->> 'breaker_failure_share')::float8)
      then
        perform ai.trip_breaker(v_one.provider, v_one.model, 'failures', v_one.not_before);
        v_opened := true;
      end if;
    elsif v_one.rejected > 0 and (
      -- One refused request may be a bad request. Refused requests of five RFQs without a success show a wrong setting.
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
  elsif p_state.state = 'open' and v_one.not_before > p_state.open_until then
    update ai.model_states s set open_until = v_one.not_before
    where s.provider = v_one.provider and s.model = v_one.model;
  end if;
  return v_opened or p_state.state <> 'closed' and v_one.failed > 0;
end
$$;
comment on function ai.judge_breaker(ai.model_states, jsonb, jsonb) is
  'Updates the breaker of one model after calls ended. p_state is the model''s state before these calls, and p_ended has their sums from ai.settle_calls. Returns true if the breaker opened, or if calls fail while it is not closed.';

create or replace function ai.settle_lost(p_claim_ids bigint[])
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select ai.settle_calls((select jsonb_agg(jsonb_build_object('claim_id', c)) from unnest(p_claim_ids) as c));
$$;
comment on function ai.settle_lost(bigint[]) is 'Settles in full the holds of claims that ended without a result, since the provider may have billed the calls.';

create or replace function ai.reap_holds()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  return ai.reap_claims(array(
    select h.claim_id from ai.holds h
    where h.admitted_at < clock_timestamp() - interval '15 minutes'  -- longer than any call
      and not exists (select from ai.outbox o where o.rfq_id = h.rfq_id and o.claim_id = h.claim_id)
    limit 1000));
end
$$;
comment on function ai.reap_holds() is
  'Settles in full the holds whose claim is no longer in the queue, because a session deleted the row. Returns the number of holds.';
