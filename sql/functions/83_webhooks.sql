-- Webhooks: workers queue messages after a finish, never in its transaction, and send them with retries.

create or replace function ai.queue_end_webhooks(p_rfq_ids uuid[], p_claim_ids bigint[], p_kinds text[])
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_noted integer;
begin
  insert into ai.webhook_outbox (webhook, event_key, kind, rfq_id)
  select w.name, 'run:' || n.claim_id, n.kind, n.rfq_id
  from unnest(p_rfq_ids, p_claim_ids, p_kinds) n (rfq_id, claim_id, kind)
  join ai.webhooks w on w.is_active and n.kind = any (w.kinds)
  on conflict on constraint webhook_outbox_once do nothing;
  get diagnostics v_noted = row_count;
  return v_noted;
end
$$;
comment on function ai.queue_end_webhooks(uuid[], bigint[], text[]) is
  'Queues messages about finished RFQs for the webhooks that subscribe to them. A worker calls this function after the finish has committed. Returns the number of messages.';

create or replace function ai.queue_event_webhooks(p_limit integer default 5000)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_one record;
  v_to timestamptz;
  v_settled_to constant timestamptz := (select s.settled_to from ai.rollup_progress s);
  v_part integer;
  v_noted integer := 0;
begin
  for v_one in select * from ai.webhooks w where w.is_active for update skip locked loop
    -- A worker may have died between a finish and its message. So this reads all runs up to a time before which no run can still appear.
    if v_settled_to > v_one.runs_to then
      v_to := coalesce((
        select u.created_at from ai.rag_runs u
        where u.created_at >= v_one.runs_to and u.created_at < v_settled_to
        order by u.created_at offset p_limit limit 1), v_settled_to);
      v_to := greatest(v_to, v_one.runs_to + interval '1 microsecond');
      insert into ai.webhook_outbox (webhook, event_key, kind, rfq_id)
      select v_one.name, 'run:' || f.claim_id, f.kind, f.rfq_id
      from (
        select u.claim_id, u.rfq_id,
          case when u.status = 'succeeded' then 'done' when u.status = 'failed' and u.end_status = 'failed' then 'failed' end as kind
        from ai.rag_runs u
        where u.created_at >= v_one.runs_to and u.created_at < v_to and u.claim_id is not null
      ) f
      where f.kind = any (v_one.kinds)
      on conflict on constraint webhook_outbox_once do nothing;
      get diagnostics v_part = row_count;
      v_noted := v_noted + v_part;
      update ai.webhooks w set runs_to = v_to where w.name = v_one.name;
    end if;
    -- There are few events. Each is read for ten minutes, so that an event that commits late also gets a message.
    insert into ai.webhook_outbox (webhook, event_key, kind, event_id)
    select v_one.name, 'event:' || e.event_id, split_part(e.kind, '_', 1), e.event_id
    from ai.events e
    where e.happened_at > greatest(v_one.created_at, clock_timestamp() - interval '10 minutes')
      and split_part(e.kind, '_', 1) = any (v_one.kinds)
    on conflict on constraint webhook_outbox_once do nothing;
    get diagnostics v_part = row_count;
    v_noted := v_noted + v_part;
  end loop;
  -- If no worker has the address of a webhook, no worker sends its messages. Without this limit they would pile up for ever.
  update ai.webhook_outbox o
  set ended_at = clock_timestamp(), due_at = null, last_status = coalesce(o.last_status, 'expired')
  where o.id = any (array(
    select x.id from ai.webhook_outbox x
    where x.due_at is not null and x.happened_at < clock_timestamp() - interval '30 days'
    limit p_limit for update skip locked));
  delete from ai.webhook_outbox o
  where o.id in (
    select x.id from ai.webhook_outbox x
    where x.ended_at < clock_timestamp() - case when x.is_delivered then interval '1 day' else interval '30 days' end
    limit p_limit);
  return v_noted;
end
$$;
comment on function ai.queue_event_webhooks(integer) is
  'Queues messages about breakers and budgets, and about finished RFQs that have no message yet. Gives up messages older than a month. Deletes messages sent more than a day ago, or given up more than a month ago. Returns the number of new messages.';

create or replace function ai.claim_webhooks(p_names text[], p_limit integer, p_lease interval default '60 seconds')
returns table (id bigint, webhook text, format text, body text)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  with mine as (
    select o.id from ai.webhook_outbox o
    join ai.webhooks w on w.name = o.webhook and w.is_active
    where o.due_at <= clock_timestamp() and o.webhook = any (p_names)
    order by o.due_at limit p_limit for update of o skip locked
  ),
  taken as (
    update ai.webhook_outbox o set due_at = clock_timestamp() + p_lease, attempts = o.attempts + 1
    from mine m where o.id = m.id
    returning o.id, o.webhook, o.kind, o.rfq_id, o.event_id, o.happened_at
  )
  select t.id, t.webhook, w.format,
    (jsonb_build_object('id', t.id, 'kind', t.kind, 'happened_at', t.happened_at)
      || case when t.rfq_id is not null then coalesce((
          select jsonb_build_object('rfq_id', s.rfq_id, 'request_id', r.request_id, 'status', s.ai_status,
            'reason', s.ai_reason, 'review', r.ai_review, 'route', s.route, 'route_source', s.route_source,
            'urgency', r.ai_urgency, 'confidence', r.ai_confidence)
          from ai.rfq_status s join ai.rfqs r on r.rfq_id = s.rfq_id
          where s.rfq_id = t.rfq_id), jsonb_build_object('rfq_id', t.rfq_id))
        else coalesce((
          select jsonb_build_object('event', e.kind, 'provider', e.provider, 'model', e.model, 'scope', e.scope,
            'reason', e.reason, 'amount_usd', e.amount_usd, 'until', e.until)
          from ai.events e where e.event_id = t.event_id), '{}') end)::text
  from taken t join ai.webhooks w on w.name = t.webhook;
end
$$;
comment on function ai.claim_webhooks(text[], integer, interval) is
  'Claims messages to send now, with their bodies: status, route and codes, but no text or address of a customer. If the worker does not settle a message within p_lease, another worker sends it again.';

create or replace function ai.settle_webhook(
  p_id bigint, p_delivered boolean, p_status text, p_give_up boolean default false, p_wait interval default null)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  update ai.webhook_outbox o
  set is_delivered = p_delivered, last_status = p_status,
      ended_at = case when p_delivered or p_give_up or o.attempts >= 15 then clock_timestamp() end,
      due_at = case when not (p_delivered or p_give_up or o.attempts >= 15) then
        -- Waits 2 s, 4 s and so on, at most an hour; about seven hours in total.
        clock_timestamp() + greatest(coalesce(p_wait, '0'), least(power(2, o.attempts), 3600) * (0.8 + 0.4 * random()) * interval '1 second')
        end
  where o.id = p_id and o.ended_at is null;
$$;
comment on function ai.settle_webhook(bigint, boolean, text, boolean, interval) is
  'Records the result of sending a message: delivered, given up (always after 15 attempts), or to be sent again with backoff, and not before p_wait has passed.';

create or replace function ai.retry_webhook(p_webhook text, p_actor text default null, p_reason text default null)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_messages integer;
begin
  update ai.webhook_outbox o
  set due_at = clock_timestamp(), ended_at = null, attempts = 0
  where o.webhook = p_webhook and not o.is_delivered;
  get diagnostics v_messages = row_count;
  perform ai.record_action(coalesce(nullif(p_actor, ''), session_user), 'retry_webhook', null,
    jsonb_build_object('webhook', p_webhook, 'messages', v_messages, 'reason', p_reason));
  return v_messages;
end
$$;
comment on function ai.retry_webhook(text, text, text) is
  'Makes this webhook''s waiting messages due now, and also messages given up in the last 30 days, with attempts from zero. Returns the number of messages.';

create or replace function ai.set_webhook_active(p_webhook text, p_active boolean, p_actor text default null, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_was boolean;
begin
  select w.is_active into v_was from ai.webhooks w where w.name = p_webhook for update;
  if not found then
    raise exception 'webhook % not found', p_webhook using errcode = 'RF004', hint = 'List them: select name from ai.webhooks';
  end if;
  update ai.webhooks w set is_active = p_active where w.name = p_webhook;
  perform ai.record_action(coalesce(nullif(p_actor, ''), session_user), case when p_active then 'webhook_on' else 'webhook_off' end, null,
    jsonb_build_object('webhook', p_webhook, 'old', v_was, 'new', p_active, 'reason', p_reason));
  return v_was;
end
$$;
comment on function ai.set_webhook_active(text, boolean, text, text) is
  'Turns a webhook on or off. While it is off, rfqflow queues no new messages. Waiting messages are sent after it is turned on again. Returns the previous state. Audited in ai.actions.';
