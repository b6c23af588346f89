-- Circuit breakers: opening, closing, and refunding attempts charged during an outage.

create or replace function ai.trip_breaker(
  p_provider text, p_model text, p_reason text, p_not_before timestamptz default null, p_actor text default null)
returns timestamptz
language plpgsql volatile security definer  -- callers have no rights on the tables
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
  'Opens a breaker whose row the caller has locked. The cool-down doubles with each opening in a row, and is never shorter than the provider''s Retry-After. Returns the end of the cool-down.';

create or replace function ai.refund_outage_attempts()
returns integer
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  -- An outage is not an RFQ's fault. This statement refunds attempts charged before the breaker opened, and makes their RFQs wait for the
  -- breaker. It skips locked rows: an edit may hold such a lock, and wait for a lock of this transaction.
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
      -- Reason breaker_open: a worker had claimed the RFQ again when the breaker opened, and deferred it.
      and (d.reason = 'retry' and d.error_class in ('timeout', 'connection', 'provider_5xx') or d.reason = 'breaker_open')
    for update skip locked
  ),
  forgiven as (
    update ai.outbox_deferred d
    set attempt = greatest(d.attempt - f.failures, 0), deferrals = d.deferrals + 1, reason = 'breaker_open'
    from waiting w
    join failed f on f.rfq_id = w.rfq_id
    where d.rfq_id = w.rfq_id and d.attempt = f.last_attempt  -- otherwise an earlier call has refunded it
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
  'Refunds the attempts that failed within the breaker''s window, since an outage was the cause. Returns the number of RFQs.';

create or replace function ai.open_breaker(p_provider text, p_model text, p_actor text, p_reason text default null)
returns void
language plpgsql volatile security definer  -- operators have no rights on the gates' tables
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_provider !~ '^[^[:space:][:cntrl:]]{1,100}$' or p_model !~ '^[^[:space:][:cntrl:]]{1,100}$' then
    raise exception 'names of providers and models must not contain spaces'
      using errcode = 'RF004', hint = 'List the known names: select provider, model from ai.breaker_status';
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
  'Blocks all calls to a model (or *, the whole provider) until an operator closes the breaker. RFQs are deferred. Audited in ai.events.';

create or replace function ai.close_breaker(p_provider text, p_model text, p_actor text, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
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
    'breaker_open', 'auth', 'quota', 'model_not_found', 'not_sent', 'connection', 'provider_5xx', 'timeout', 'rate_limit'], 100000);  -- their due times were set an hour ahead
  return true;
end
$$;
comment on function ai.close_breaker(text, text, text, text) is
  'Closes a breaker by hand, even if a person opened it. Calls resume in a ramp. Returns false if the breaker was already closed. Audited in ai.events.';

create or replace function ai.reset_breaker(p_provider text, p_model text, p_actor text, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
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
  'Closes a breaker as ai.close_breaker does, and also clears the ramp and the counts of failures. Returns false if the breaker was already closed.';
