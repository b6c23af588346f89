-- State of the maintenance steps and webhooks.

create or replace view ai.maintenance_status as
select m.step, m.ran_at, m.rows, m.took_ms, nullif(m.next_at, '-infinity') as next_at, m.failed_at, m.sqlstate,
  m.failed_at is not null and (m.ran_at is null or m.failed_at > m.ran_at) as is_failing,
  -- Archives are optional: if no worker has RFQFLOW_ARCHIVE_DIR, the step is not late.
  m.next_at > '-infinity' and m.next_at < clock_timestamp() - interval '1 hour' and m.step <> 'archive' as is_late
from ai.maintenance m;

comment on view ai.maintenance_status is 'Maintenance steps: when each step last ran, what it did, and when it is due again.';
comment on column ai.maintenance_status.step is 'Name of the step.';
comment on column ai.maintenance_status.ran_at is 'When the step last succeeded.';
comment on column ai.maintenance_status.rows is 'Number of rows that the step processed.';
comment on column ai.maintenance_status.took_ms is 'Duration of that run in milliseconds.';
comment on column ai.maintenance_status.next_at is 'When the step is due again.';
comment on column ai.maintenance_status.failed_at is 'When the step last failed.';
comment on column ai.maintenance_status.sqlstate is 'SQLSTATE or name of the error at failed_at.';
comment on column ai.maintenance_status.is_failing is 'True: the last attempt failed.';
comment on column ai.maintenance_status.is_late is 'True: the step was due more than an hour ago. Always false for archive, which is optional.';

create or replace view ai.webhook_status as
select w.name as webhook, w.format, w.kinds, w.is_active,
  coalesce(o.waiting, 0) as waiting, o.oldest_seconds, coalesce(o.given_up, 0) as given_up, o.last_delivered_at,
  (select x.last_status from ai.webhook_outbox x where x.webhook = w.name and x.last_status is not null order by x.id desc limit 1)
    as last_status
from ai.webhooks w
left join (
  select x.webhook, count(*) filter (where x.due_at is not null) as waiting,
    extract(epoch from clock_timestamp() - min(x.happened_at) filter (where x.due_at is not null))::float8 as oldest_seconds,
    count(*) filter (where x.ended_at is not null and not x.is_delivered) as given_up,
    max(x.ended_at) filter (where x.is_delivered) as last_delivered_at
  from ai.webhook_outbox x group by 1
) o on o.webhook = w.name;

comment on view ai.webhook_status is 'Webhook targets, and whether rfqflow delivers their messages.';
comment on column ai.webhook_status.webhook is 'Name of the target.';
comment on column ai.webhook_status.format is 'json, slack or teams.';
comment on column ai.webhook_status.kinds is 'Kinds of events that the target receives.';
comment on column ai.webhook_status.is_active is 'False: rfqflow queues no new messages for the target.';
comment on column ai.webhook_status.waiting is 'Number of messages that wait to be sent.';
comment on column ai.webhook_status.oldest_seconds is 'Age of the oldest waiting message in seconds. It grows while no worker has the target''s address.';
comment on column ai.webhook_status.given_up is 'Number of messages given up in the last 30 days.';
comment on column ai.webhook_status.last_delivered_at is 'When a message was last delivered.';
comment on column ai.webhook_status.last_status is 'Result of the latest attempt: an HTTP status or the name of an error.';
