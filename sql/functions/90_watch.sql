-- Pages that wait for an RFQ's end: who waits holds a shared lock, and only then do workers tell of ends. Nothing of
-- this is in the finish, where a NOTIFY would cost a quarter of its rate.

create or replace function ai.watch()
returns void
language plpgsql volatile security definer  -- keeps the lock's key in sql/
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
  -- A worker's beat may have it for a moment. Whoever else has it keeps this session from being told, and no more.
  perform pg_advisory_lock_shared(ai.lock_key('worker'), 0);
exception when lock_not_available then
  raise warning 'rfqflow: another session holds the lock (%, 0): ends are not told here', ai.lock_key('worker')
    using hint = 'rfqflow doctor names it.';
end
$$;
comment on function ai.watch() is
  'Says that this session watches: until it ends, workers send rfqflow_done. LISTEN first, then this, then look at the RFQ once more: no notification was sent for what ended before.';

create or replace function ai.watched()
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_try_advisory_xact_lock(ai.lock_key('worker'), 0) then
    return false;
  end if;
  -- Refused: by a watcher, or by another worker that asks at this very moment.
  return exists (
    select
    from pg_catalog.pg_locks l
    join pg_catalog.pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.classid = ai.lock_key('worker')::oid and l.objid = 0 and l.mode = 'ShareLock' and l.granted
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
      -- Any role may take the lock; only one that may watch counts.
      and has_function_privilege(a.usesysid, 'ai.watch()', 'execute'));
end
$$;
comment on function ai.watched() is 'Whether a session watches; asked with each beat.';

create or replace function ai.announce(p_rfq_ids uuid[], p_statuses text[])
returns integer
language plpgsql volatile security definer  -- a worker sends it after the finish has committed
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_notification_queue_usage() >= 0.5 then
    return 0;  -- a full queue fails other people's COMMIT; whoever waits polls as well
  end if;
  perform pg_notify('rfqflow_done', n.rfq_id || ' ' || n.status) from unnest(p_rfq_ids, p_statuses) n (rfq_id, status);
  return cardinality(p_rfq_ids);
end
$$;
comment on function ai.announce(uuid[], text[]) is
  'Tells watchers what became of RFQs: on channel rfqflow_done, payload "rfq_id status". Returns how many were sent.';

create or replace function ai.record_action(p_actor text, p_action text, p_rfq_id uuid default null, p_detail jsonb default '{}')
returns bigint
language sql volatile security definer  -- people have no rights on the audit's table
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.actions (actor, action, rfq_id, detail) values (p_actor, p_action, p_rfq_id, p_detail) returning id;
$$;
comment on function ai.record_action(text, text, uuid, jsonb) is
  'Notes what a person did, in the same transaction as the action. Returns the note''s number.';
