-- Changes of settings that are rows of a table: routes, limits, parameters, webhooks, documents.

create table ai.setting_history (
  entry_id   bigint generated always as identity primary key,
  changed_at timestamptz not null default clock_timestamp(),
  setting    text not null,
  object     text not null,
  old        jsonb,
  new        jsonb,
  actor      text not null,
  reason     text,
  constraint setting_history_setting_is_known check (setting in ('route', 'limit', 'parameter', 'webhook', 'document')),
  constraint setting_history_says_something check (num_nonnulls(old, new) > 0)
);
create index setting_history_changed_at on ai.setting_history (changed_at);

comment on table ai.setting_history is
  'Every change of ai.routes, ai.model_limits, ai.model_parameters, ai.webhooks and ai.documents, written by triggers, whichever way it is made. Policies have ai.policy_history, prices are in ai.actions.';
comment on column ai.setting_history.entry_id is 'Rises with each change.';
comment on column ai.setting_history.changed_at is 'When.';
comment on column ai.setting_history.setting is 'route, limit, parameter, webhook or document.';
comment on column ai.setting_history.object is 'Which one: the slug, provider and model, the name, the document''s number.';
comment on column ai.setting_history.old is 'The columns that differ, before; null: it is new.';
comment on column ai.setting_history.new is 'The same, after; null: it is gone.';
comment on column ai.setting_history.actor is 'Who: the setting rfqflow.actor, else the session''s role.';
comment on column ai.setting_history.reason is 'Why, if told: the setting rfqflow.reason.';
comment on constraint setting_history_setting_is_known on ai.setting_history is 'A closed set.';
comment on constraint setting_history_says_something on ai.setting_history is 'Before or after.';
comment on index ai.setting_history_changed_at is 'Serves ai.audit, the latest first.';

-- For ai.audit, the latest first: none of these tables is written by a worker's every step.
create index actions_done_at on ai.actions (done_at);
create index overrides_created_at on ai.overrides (created_at);
create index overrides_withdrawn_at on ai.overrides (withdrawn_at) where withdrawn_at is not null;
create index corrections_created_at on ai.corrections (created_at);
create index corrections_withdrawn_at on ai.corrections (withdrawn_at) where withdrawn_at is not null;
create index desk_history_created_at on ai.desk_history (created_at);
create index policy_history_changed_at on ai.policy_history (changed_at);

comment on index ai.actions_done_at is 'Serves ai.audit.';
comment on index ai.overrides_created_at is 'Serves ai.audit.';
comment on index ai.overrides_withdrawn_at is 'Serves ai.audit.';
comment on index ai.corrections_created_at is 'Serves ai.audit.';
comment on index ai.corrections_withdrawn_at is 'Serves ai.audit.';
comment on index ai.desk_history_created_at is 'Serves ai.audit.';
comment on index ai.policy_history_changed_at is 'Serves ai.audit.';
