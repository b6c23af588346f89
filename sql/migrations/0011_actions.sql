-- What people did through the console: who, what, to which RFQ.

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
  'Audit of what people did by hand, written in the transaction of the deed. Policies have their own history, overrides theirs.';
comment on column ai.actions.id is 'Rises with each action.';
comment on column ai.actions.done_at is 'When.';
comment on column ai.actions.actor is 'Who, by the name given at login; the console knows no more than that.';
comment on column ai.actions.action is 'What: rerun, redrive, override, withdraw, pause, resume, ...';
comment on column ai.actions.rfq_id is 'To which RFQ, if to one.';
comment on column ai.actions.detail is 'With which arguments; never text of a customer.';
comment on constraint actions_actor_is_a_name on ai.actions is 'Somebody did it.';
comment on constraint actions_action_is_a_word on ai.actions is 'A code, never a message.';
comment on index ai.actions_rfq_id is 'Serves an RFQ''s timeline.';
