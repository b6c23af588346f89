-- Who else is told: targets by name, and what waits to be sent to them. Addresses and secrets are in daemons' environment only.

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

comment on table ai.webhooks is 'Which receiver gets what, by the names of RFQFLOW_WEBHOOK_URLS. Insert a row to begin, with what happens from then on.';
comment on column ai.webhooks.name is 'Name of the target: its address is in RFQFLOW_WEBHOOK_URLS.';
comment on column ai.webhooks.kinds is 'What it gets: done, failed, breaker, budget.';
comment on column ai.webhooks.format is 'json (signed), slack or teams.';
comment on column ai.webhooks.is_active is 'False: nothing new is noted for it; what waits stays, for a month at most.';
comment on column ai.webhooks.created_at is 'Nothing older is sent.';
comment on column ai.webhooks.runs_to is 'Runs before it have been noted for it.';
comment on constraint webhooks_name_is_a_slug on ai.webhooks is 'Lower case, digits, - and _.';
comment on constraint webhooks_kinds_are_known on ai.webhooks is 'A closed set.';
comment on constraint webhooks_format_is_known on ai.webhooks is 'A closed set.';

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

comment on table ai.webhook_outbox is 'Messages for webhooks. A row stays for a day after its delivery, so that no event is recorded twice. Workers give up after a month without delivery.';
comment on column ai.webhook_outbox.id is 'Goes with the message: a receiver that has seen it has seen this.';
comment on column ai.webhook_outbox.webhook is 'To whom.';
comment on column ai.webhook_outbox.event_key is 'Which run or event it is about: each is sent once.';
comment on column ai.webhook_outbox.kind is 'done, failed, breaker or budget; test: an operator tests it.';
comment on column ai.webhook_outbox.rfq_id is 'About which RFQ.';
comment on column ai.webhook_outbox.event_id is 'About which row of ai.events.';
comment on column ai.webhook_outbox.happened_at is 'When it was noted.';
comment on column ai.webhook_outbox.due_at is 'When it is sent (again); null: it has ended.';
comment on column ai.webhook_outbox.attempts is 'How often it was tried.';
comment on column ai.webhook_outbox.last_status is 'What came of the last try: an HTTP status or the name of an error.';
comment on column ai.webhook_outbox.ended_at is 'When it was delivered or given up.';
comment on column ai.webhook_outbox.is_delivered is 'A person took it.';
comment on constraint webhook_outbox_once on ai.webhook_outbox is 'Noted by the hook and found by the backstop: one message.';
comment on constraint webhook_outbox_ended_or_due on ai.webhook_outbox is 'A message that has not ended has a time for its next try.';
comment on constraint webhook_outbox_status_is_a_word on ai.webhook_outbox is 'A code, never a message.';
comment on constraint webhook_outbox_webhook_fkey on ai.webhook_outbox is 'With a target goes what waits for it.';
comment on index ai.webhook_outbox_due is 'Serves what is to be sent next.';
