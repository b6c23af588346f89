-- What wakes: RFQs that were deferred, and workers that sleep.

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

create or replace function ai.acquire_doorbell(p_wait interval)
returns boolean
language plpgsql volatile security definer  -- so that the key is written in sql/ only
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Waiting, not trying: the wait itself makes new inserters ring, so a busy table can not starve the sleeper. Short,
  -- since a waiter pins the oldest snapshot of the database.
  perform set_config('lock_timeout', (extract(epoch from p_wait) * 1000)::integer::text, true);
  perform pg_advisory_lock(ai.lock_key('doorbell'), 0);
  return true;
exception when lock_not_available then
  return false;
end
$$;
comment on function ai.acquire_doorbell(interval) is
  'Takes the doorbell for this session, waiting at most p_wait: from now on every insert rings. LISTEN first, and look for work once more afterwards.';

create or replace function ai.release_doorbell()
returns boolean
language sql volatile security definer  -- as ai.acquire_doorbell
set search_path = pg_catalog, pg_temp
as $$
  select pg_advisory_unlock(ai.lock_key('doorbell'), 0);
$$;
comment on function ai.release_doorbell() is 'Gives the doorbell up: inserts ring no more, unless somebody else takes it.';

create or replace function ai.hand_off_doorbell()
returns void
language sql volatile security definer  -- as ai.acquire_doorbell
set search_path = pg_catalog, pg_temp
as $$
  select pg_notify('rfqflow_wake', '') where pg_notification_queue_usage() < 0.5;
$$;
comment on function ai.hand_off_doorbell() is 'The holder of the doorbell is full and gives it up: the next idle worker wakes and takes it.';
