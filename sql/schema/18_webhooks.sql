-- Webhook targets by name, and messages to send. Addresses and secrets are only in the environment of the workers.

create table ai.webhooks (
  name       text primary key,
  kinds      text[] not null default '{done,failed,breaker,budget}',
  format     text not null default 'json',
  is_active  boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  runs_to    timestamptz not null default clock_timestamp(),
  constraint webhooks_name_is_a_slug check (name ~ '^[a-z][a-z0-9_-]{0,39}$'),
  constraint webhooks_kinds_are_known check (kinds <@ '{done,failed,breaker,budget}'::text[] and cardinality(kinds) > 0),
  constraint webhooks_format_is_known check (format in ('json', 'slack', 'teams'))
);

comment on table ai.webhooks is 'Webhook targets, and the kinds of events that each receives. Use the names in RFQFLOW_WEBHOOK_URLS. A new target receives only events after its creation.';
comment on column ai.webhooks.name is 'Name of the target. RFQFLOW_WEBHOOK_URLS has its address.';
comment on column ai.webhooks.kinds is 'Kinds of events that the target receives: done, failed, breaker, budget.';
comment on column ai.webhooks.format is 'Format of messages: json (signed), slack or teams.';
comment on column ai.webhooks.is_active is 'False: rfqflow queues no new messages for the target. Queued messages stay for at most a month.';
comment on column ai.webhooks.created_at is 'When the row was created. The target receives no older events.';
comment on column ai.webhooks.runs_to is 'rfqflow has queued messages for all runs before this time.';
comment on constraint webhooks_name_is_a_slug on ai.webhooks is 'Lower case letters, digits, - and _.';
comment on constraint webhooks_kinds_are_known on ai.webhooks is 'One of the allowed values.';
comment on constraint webhooks_format_is_known on ai.webhooks is 'One of the allowed values.';

create table ai.webhook_outbox (
  id           bigint generated always as identity primary key,
  webhook      text not null references ai.webhooks (name) on delete cascade on update cascade,
  event_key    text not null,
  kind         text not null,
  rfq_id       uuid,
  event_id     bigint,
  happened_at  timestamptz not null default clock_timestamp(),
  due_at       timestamptz default clock_timestamp(),
  attempts     integer not null default 0,
  last_status  text,
  ended_at     timestamptz,
  is_delivered boolean not null default false,
  constraint webhook_outbox_once unique (webhook, event_key),
  constraint webhook_outbox_ended_or_due check ((ended_at is null) = (due_at is not null)),
  constraint webhook_outbox_status_is_a_word check (last_status ~ '^[A-Za-z0-9_]{1,40}$')
);
create index webhook_outbox_due on ai.webhook_outbox (due_at) where due_at is not null;

comment on table ai.webhook_outbox is 'Messages for webhooks. A row stays for a day after its delivery, so that an event is queued only once. After a month, workers give up a message.';
comment on column ai.webhook_outbox.id is 'Id sent with the message. Receivers detect repeated messages by it.';
comment on column ai.webhook_outbox.webhook is 'Name of the target.';
comment on column ai.webhook_outbox.event_key is 'The run or event that the message is about. For each, one message is queued.';
comment on column ai.webhook_outbox.kind is 'done, failed, breaker or budget; test: an operator requested a test message.';
comment on column ai.webhook_outbox.rfq_id is 'The RFQ that the message is about.';
comment on column ai.webhook_outbox.event_id is 'The row of ai.events that the message is about.';
comment on column ai.webhook_outbox.happened_at is 'When the message was queued.';
comment on column ai.webhook_outbox.due_at is 'When the next attempt is due; null: no more attempts.';
comment on column ai.webhook_outbox.attempts is 'Number of attempts.';
comment on column ai.webhook_outbox.last_status is 'Outcome of the last attempt: an HTTP status or the name of an error.';
comment on column ai.webhook_outbox.ended_at is 'When the message was delivered or given up.';
comment on column ai.webhook_outbox.is_delivered is 'True: the receiver accepted the message.';
comment on constraint webhook_outbox_once on ai.webhook_outbox is 'One message per target and event. rfqflow queues a message at the finish, and also in a later search for missed messages.';
comment on constraint webhook_outbox_ended_or_due on ai.webhook_outbox is 'A message that has not ended has a time for its next attempt.';
comment on constraint webhook_outbox_status_is_a_word on ai.webhook_outbox is 'A code, never a message.';
comment on constraint webhook_outbox_webhook_fkey on ai.webhook_outbox is 'Queued messages are deleted with their target.';
comment on index ai.webhook_outbox_due is 'Used to find the next messages to send.';
