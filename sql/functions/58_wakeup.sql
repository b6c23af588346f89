-- Waking deferred RFQs and sleeping workers.

create or replace function ai.wake_deferred(p_reasons text[], p_limit integer default 1000)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
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
  -- A ramp makes a few RFQs due at once, and spreads the others over policy recovery_ramp_seconds.
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
  'Wakes the next p_limit RFQs that were deferred for one of these reasons, in a ramp. Other RFQs keep their due time. Returns the number of woken RFQs.';

create or replace function ai.wake_waiting(p_reasons text[])
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Limits the number of locked rows: an operator who sets a price or a cap may keep the transaction open.
  v_batch constant integer := 1000;
  v_woken integer := 0;
  v_sees_all constant boolean := current_setting('transaction_isolation') = 'read committed';
  v_transaction constant text := pg_current_xact_id()::text;
  v_before text[] := string_to_array(current_setting('rfqflow.woken', true), ',');
begin
  -- Wakes RFQs once per transaction. Otherwise a list of prices or caps would update the same RFQs for each of its rows.
  if v_before[1] is distinct from v_transaction then
    v_before := array[v_transaction];
  elsif p_reasons <@ v_before then
    return 0;
  end if;
  perform set_config('rfqflow.woken', array_to_string(v_before || p_reasons, ','), true);
  if v_sees_all then
    v_woken := ai.wake_deferred(p_reasons, v_batch);
  end if;
  -- In another isolation level, the update would fail on RFQs that were deferred again since the snapshot.
  if v_woken = v_batch or not v_sees_all then
    insert into ai.wake_requests (reasons) values (p_reasons);
  end if;
  return v_woken;
end
$$;
comment on function ai.wake_waiting(text[]) is
  'Wakes the RFQs deferred for one of these reasons after a price, a cap or a policy changed. It wakes one batch at once. After that, ai.wake_missed_deferred wakes one batch each second. Returns the number of RFQs woken at once.';

create or replace function ai.forget_refusals()
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off  -- of the many windows of senders, few have refused a call
as $$
  update ai.budget_windows w
  set refused_nano = null, refused_at = null
  where w.window_id = any (array(
    select x.window_id from ai.budget_windows x
    where x.refused_nano is not null and x.ends_at > clock_timestamp()
    -- Skips windows that an admission or a settlement has locked: a later heartbeat tries again.
    for update skip locked));
$$;
comment on function ai.forget_refusals() is
  'Clears the refused amounts of budget windows after the size of holds changed, since ai.health and ai.preview_budget must not use old sizes. The caller also wakes RFQs that wait for a budget.';

create or replace function ai.wake_missed_deferred()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  -- How long after a change late deferrals are woken. It is longer than a lease: a worker that was refused earlier has lost its claim by
  -- then. It is also longer than the transactions that defer RFQs. Such a transaction may begin before the other RFQs are woken, and commit
  -- after that.
  v_while constant interval := '2 minutes';
  v_batch constant integer := 1000;
  -- The time until all workers hold calls at the new price.
  v_settling constant interval := '5 seconds';
  v_ramp constant interval := (
    select (p.value)::float8 * interval '1 second' from ai.policy p where p.key = 'recovery_ramp_seconds');
  v_raised timestamptz;
  v_closed timestamptz;
  v_priced timestamptz;
  v_request ai.wake_requests;
  v_late integer;
  v_woken integer := 0;
begin
  -- Wakes the next batch of a request. One worker at a time does this.
  select q.* into v_request from ai.wake_requests q where q.asked_at <= v_now order by q.id limit 1 for update skip locked;
  if found then
    update ai.outbox_deferred d
    set due_at = v_now + random() * v_ramp
    where d.rfq_id = any (array(
      select x.rfq_id from ai.outbox_deferred x
      where x.due_at > v_now + v_ramp + interval '1 second' and x.reason = any (v_request.reasons) and x.deferred_at < v_request.asked_at
      limit v_batch
      for update skip locked));
    get diagnostics v_woken = row_count;
    if v_woken < v_batch then
      delete from ai.wake_requests q where q.id = v_request.id;
      if 'budget' = any (v_request.reasons) then
        perform ai.forget_refusals();
      end if;
    end if;
  end if;

  select max(h.changed_at + case when h.key like 'assumed_%' then v_settling else '0' end) into v_raised
  from (select x.key, x.changed_at from ai.policy_history x order by x.id desc limit 20) h
  where (h.key like 'budget.%' or h.key like 'assumed_%' or h.key = 'budget_exhausted_action') and h.changed_at > v_now - v_while;
  select max(greatest(p.set_at, p.valid_from)) into v_priced
  from ai.model_prices p
  where p.valid_from <= v_now and greatest(p.set_at, p.valid_from) > v_now - v_while;
  if v_priced > v_now - v_settling then
    perform ai.forget_refusals();
  end if;
  v_raised := greatest(v_raised, v_priced + v_settling);
  select max(e.happened_at) into v_closed
  from ai.events e
  where e.kind = 'breaker_closed' and e.happened_at > v_now - v_while;
  if v_raised is null and v_closed is null then
    return v_woken;
  end if;
  update ai.outbox_deferred d
  set due_at = v_now + random() * v_ramp
  where d.rfq_id = any (array(
    select x.rfq_id from ai.outbox_deferred x
    where x.due_at > v_now + v_ramp + interval '1 second'
      -- Wakes each RFQ once. RFQs that became due after the change were refused under the new settings, so they keep waiting.
      and (x.reason in ('budget', 'sender_budget') and x.deferred_at > v_raised - v_while and x.was_due_at < v_raised
        or x.reason = 'breaker_open' and x.deferred_at > v_closed - v_while and x.was_due_at < v_closed
        or x.reason = 'unknown_price' and x.deferred_at > v_priced - v_while and x.was_due_at < v_priced + v_settling)
    limit v_batch
    for update skip locked));
  get diagnostics v_late = row_count;
  return v_woken + v_late;
end
$$;
comment on function ai.wake_missed_deferred() is
  'Wakes a batch of the RFQs that ai.wake_waiting left. After a raised cap, a new price or a closed breaker, also wakes late deferrals: RFQs that were refused before the change, and deferred after the other RFQs were woken. Returns the number of RFQs.';

create or replace function ai.follow_policy()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_reasons text[];
begin
  case new.key
    when 'unknown_price' then
      v_reasons := array['unknown_price'];
    when 'budget_exhausted_action' then  -- the RFQs are skipped, or keep waiting
      v_reasons := array['budget', 'sender_budget'];
    when 'assumed_input_usd', 'assumed_output_usd' then
      v_reasons := array['budget', 'sender_budget'];
    when 'defer_seconds' then
      v_reasons := array['unknown_price', 'auth', 'quota', 'rate_limit', 'model_not_found', 'not_sent', 'connection', 'provider_5xx', 'timeout'];
    when 'retry_base_seconds', 'retry_cap_seconds' then
      v_reasons := array['retry'];
    when 'duplicate_hours' then
      v_reasons := array['duplicate_running'];
    when 'defer_limit_hours' then  -- RFQs that the policy concerns
      v_reasons := array['sender_budget', 'not_sent'];
  end case;
  if jsonb_typeof(new.value) = 'number' and (new.value)::numeric > (old.value)::numeric then
    return null;  -- the new value makes waits longer or calls more expensive, so no RFQ is due sooner
  end if;
  if new.key like 'assumed_%' and current_setting('transaction_isolation') = 'read committed' then
    perform ai.forget_refusals();
  end if;
  perform ai.wake_waiting(v_reasons);
  return null;
end
$$;
comment on function ai.follow_policy() is 'Trigger: after a change of a policy that may end their wait, wakes deferred RFQs. It charges no attempt.';

create or replace trigger rfqflow_follow_policy after update of value on ai.policy
  for each row when (old.value is distinct from new.value and new.key in (
    'unknown_price', 'budget_exhausted_action', 'assumed_input_usd', 'assumed_output_usd', 'defer_seconds', 'retry_base_seconds',
    'retry_cap_seconds', 'duplicate_hours', 'defer_limit_hours'))
  execute function ai.follow_policy();
comment on trigger rfqflow_follow_policy on ai.policy is 'Wakes the RFQs that wait because of the changed policy.';

create or replace function ai.follow_parameters()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_isolation') = 'read committed' then
    perform ai.forget_refusals();
  end if;
  perform ai.wake_waiting(array['budget', 'sender_budget']);
  return null;
end
$$;
comment on function ai.follow_parameters() is
  'Trigger: wakes RFQs that wait for a budget after a change of parameters, since the parameters of a call decide its hold.';

create or replace trigger rfqflow_follow_parameters after insert or update or delete on ai.model_parameters
  for each statement execute function ai.follow_parameters();
comment on trigger rfqflow_follow_parameters on ai.model_parameters is 'Wakes RFQs that wait for a budget.';

create or replace function ai.acquire_doorbell(p_wait interval)
returns boolean
language plpgsql volatile security definer  -- only definer functions may call ai.lock_key
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Waits for the lock instead of only trying. While this session waits, new inserts send NOTIFY instead of taking the lock, so the worker
  -- gets the lock even on a busy table. The wait is short, since a waiting session keeps an old snapshot.
  perform set_config('lock_timeout', (extract(epoch from p_wait) * 1000)::integer::text, true);
  perform pg_advisory_lock(ai.lock_key('doorbell'), 0);
  return true;
exception when lock_not_available then
  return false;
end
$$;
comment on function ai.acquire_doorbell(interval) is
  'Acquires the doorbell for this session, waiting at most p_wait. From then on every insert sends NOTIFY. Call LISTEN first, and look for work once more afterwards.';

create or replace function ai.release_doorbell()
returns boolean
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select pg_advisory_unlock(ai.lock_key('doorbell'), 0);
$$;
comment on function ai.release_doorbell() is 'Releases the doorbell. From then on inserts send no NOTIFY, unless another session acquires the doorbell.';

create or replace function ai.hand_off_doorbell()
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select pg_notify('rfqflow_wake', '') where pg_notification_queue_usage() < 0.5;
$$;
comment on function ai.hand_off_doorbell() is 'Releases the doorbell for another worker, when the holder has no free slot. The next idle worker wakes and acquires the doorbell.';
