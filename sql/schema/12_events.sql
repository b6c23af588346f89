-- Events of the fleet, and actions of people.

create table ai.events (
  event_id    bigint generated always as identity primary key,
  happened_at timestamptz not null default clock_timestamp(),
  kind        text not null,
  provider    text,
  model       text,
  scope       text,
  reason      text,
  actor       text,
  amount_usd  numeric(20, 9),
  until       timestamptz,
  constraint events_kind_is_known check (kind in (
    'breaker_opened', 'breaker_half_opened', 'breaker_closed', 'budget_refused', 'budget_overrun', 'budget_corrected',
    'drift_moved', 'table_attached', 'table_lost')),
  constraint events_reason_is_a_word check (reason ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index events_happened_at on ai.events (happened_at);

comment on table ai.events is
  'Events of the fleet that operators need to know, such as opened breakers and refused budgets. Workers log each new event. Rows never change. After policy event_days, they are deleted, except events that a person caused.';
comment on column ai.events.event_id is 'Number of the event, in order.';
comment on column ai.events.happened_at is 'When the event happened.';
comment on column ai.events.kind is 'Kind of the event.';
comment on column ai.events.provider is 'The provider that the event is about.';
comment on column ai.events.model is 'The model that the event is about; * is the whole provider.';
comment on column ai.events.scope is 'The budget or table that the event is about; for a drift, the figure that changed.';
comment on column ai.events.reason is 'Code of the reason.';
comment on column ai.events.actor is 'The person who caused the event, if any.';
comment on column ai.events.amount_usd is 'Amount in US dollars.';
comment on column ai.events.until is 'When the state that began with this event ends.';
comment on constraint events_kind_is_known on ai.events is 'One of the allowed values.';
comment on constraint events_reason_is_a_word on ai.events is 'A code, never a message.';
comment on constraint events_kind_is_known on ai.events is 'One of the allowed values.';
comment on index ai.events_happened_at is 'Used to list recent events.';

create table ai.event_totals (
  kind     text not null,
  provider text not null,
  model    text not null,
  reason   text not null,
  events   bigint not null,
  constraint event_totals_pkey primary key (kind, provider, model, reason)
);

comment on table ai.event_totals is
  'Number of events deleted from ai.events, one row per kind, model and reason. Add the rows of ai.events to get the number of all events.';
comment on column ai.event_totals.kind is 'Same values as ai.events.kind.';
comment on column ai.event_totals.provider is 'Same values as ai.events.provider; empty if the event had none.';
comment on column ai.event_totals.model is 'Same values as ai.events.model; empty if the event had none.';
comment on column ai.event_totals.reason is 'Same values as ai.events.reason; empty if the event had none.';
comment on column ai.event_totals.events is 'Number of deleted events.';
comment on constraint event_totals_pkey on ai.event_totals is 'One row per kind, model and reason.';

create table ai.actions (
  id      bigint generated always as identity primary key,
  done_at timestamptz not null default clock_timestamp(),
  actor   text not null,
  action  text not null,
  rfq_id  uuid,
  detail  jsonb not null default '{}',
  constraint actions_actor_is_a_name check (actor ~ '\S' and length(actor) <= 80),
  constraint actions_action_is_a_word check (action ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index actions_rfq_id on ai.actions (rfq_id) where rfq_id is not null;

comment on table ai.actions is
  'Audit of people''s actions, written in the transaction of the action. ai.policy_history and ai.overrides record changes of policies and overrides.';
comment on column ai.actions.id is 'Number of the action, in order.';
comment on column ai.actions.done_at is 'When the person acted.';
comment on column ai.actions.actor is 'Who acted: the account''s name in the console, or the value of --actor.';
comment on column ai.actions.action is 'What the person did: rerun, redrive, override, withdraw, pause, resume, ...';
comment on column ai.actions.rfq_id is 'The RFQ that the action is about, if any.';
comment on column ai.actions.detail is 'Arguments of the action. They never contain a customer''s text.';
comment on constraint actions_actor_is_a_name on ai.actions is 'An action has the name of the person who acted.';
comment on constraint actions_action_is_a_word on ai.actions is 'A code, never a message.';
comment on index ai.actions_rfq_id is 'Used by an RFQ''s timeline.';
