-- Sessions that wait for an RFQ to finish, such as pages. A waiting session holds a shared lock, and workers send NOTIFY only while such a
-- lock is held. The finish itself sends no NOTIFY, which would make it slower by a quarter.

create or replace function ai.watch()
returns void
language plpgsql volatile security definer  -- only definer functions may call ai.lock_key
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
  -- A worker's heartbeat may hold the lock for a moment. If another session holds it, this session gets no notification, but can poll.
  perform pg_advisory_lock_shared(ai.lock_key('worker'), 0);
exception when lock_not_available then
  raise warning 'rfqflow: another session holds the lock (%, 0), so this session is not notified of finished RFQs', ai.lock_key('worker')
    using hint = 'Run rfqflow doctor: it names the session.';
end
$$;
comment on function ai.watch() is
  'Registers this session as a watcher. Until the session ends, workers send NOTIFY rfqflow_done for finished RFQs. Call LISTEN first, then this function, and then read the RFQ once more, since no notification is sent for RFQs that finished before.';

create or replace function ai.watched()
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_try_advisory_xact_lock(ai.lock_key('worker'), 0) then
    return false;
  end if;
  -- The lock was not free: a watcher holds it, or another worker just tried it.
  return exists (
    select
    from pg_catalog.pg_locks l
    join pg_catalog.pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.classid = ai.lock_key('worker')::oid and l.objid = 0 and l.mode = 'ShareLock' and l.granted
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
      -- Any role can take the lock; only roles that may watch count.
      and has_function_privilege(a.usesysid, 'ai.watch()', 'execute'));
end
$$;
comment on function ai.watched() is 'True if a session waits for finished RFQs (ai.watch). Each heartbeat calls it.';

create or replace function ai.announce(p_rfq_ids uuid[], p_statuses text[])
returns integer
language plpgsql volatile security definer  -- a worker sends it after the finish has committed
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_notification_queue_usage() >= 0.5 then
    return 0;  -- a full notification queue would fail COMMITs of other sessions; watchers also poll
  end if;
  perform pg_notify('rfqflow_done', n.rfq_id || ' ' || n.status) from unnest(p_rfq_ids, p_statuses) n (rfq_id, status);
  return cardinality(p_rfq_ids);
end
$$;
comment on function ai.announce(uuid[], text[]) is
  'Notifies watchers of finished RFQs on channel rfqflow_done, with payload "rfq_id status". Returns the number of notifications.';

create or replace function ai.record_action(p_actor text, p_action text, p_rfq_id uuid default null, p_detail jsonb default '{}')
returns bigint
language sql volatile security definer  -- people have no rights on the audit's table
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.actions (actor, action, rfq_id, detail) values (p_actor, p_action, p_rfq_id, p_detail) returning id;
$$;
comment on function ai.record_action(text, text, uuid, jsonb) is
  'Records a person''s action in ai.actions, in the transaction of the action. Returns the number of the record.';
