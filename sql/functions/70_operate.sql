-- What operators do, from any SQL client.

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
    raise exception 'there is no policy %', p_key
      using errcode = 'RF004', hint = 'select key, value, description from ai.policy';
  end if;
  update ai.policy p set value = p_value where p.key = p_key;
  return v_old;
end
$$;
comment on function ai.set_policy(text, jsonb, text, text) is
  'Sets a policy, validated and audited. Returns the old value. Raises RF004 for an unknown key, 23514 for a value out of bounds.';

create or replace function ai.pause(p_actor text default null, p_reason text default null)
returns void
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  select ai.set_policy('mode', '"paused"', p_actor, p_reason);
$$;
comment on function ai.pause(text, text) is 'Workers claim nothing more; what is in flight ends. RFQs are taken in and wait.';

create or replace function ai.resume(p_actor text default null, p_reason text default null)
returns void
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  select ai.set_policy('mode', '"on"', p_actor, p_reason);
$$;
comment on function ai.resume(text, text) is 'Ends a pause; workers wake at once.';

create or replace function ai.rerun_rfq(p_rfq_id uuid, p_force boolean default false)
returns boolean
language plpgsql volatile security definer  -- operators need no right on the queue's tables
set search_path = pg_catalog, pg_temp
as $$
begin
  return ai.enqueue_rfqs(array[p_rfq_id], p_force) > 0;
end
$$;
comment on function ai.rerun_rfq(uuid, boolean) is
  'Makes one RFQ due now. Without p_force an answer for the same text and prompt version is kept and costs nothing. False: no such RFQ, or it is queued already.';

create or replace function ai.retry_discarded(p_rfq_ids uuid[] default null, p_limit integer default 1000)
returns integer
language plpgsql volatile security definer  -- as ai.rerun_rfq
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
  'Brings dead letters back, the named ones or the oldest p_limit. Returns how many.';
