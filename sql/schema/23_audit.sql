-- History of settings kept in tables: routes, limits, parameters, webhooks and documents.

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
  'Every change of ai.routes, ai.model_limits, ai.model_parameters, ai.webhooks and ai.documents, written by triggers. ai.policy_history records changes of policies, and ai.actions records changes of prices.';
comment on column ai.setting_history.entry_id is 'Number of the change, in order.';
comment on column ai.setting_history.changed_at is 'When the setting changed.';
comment on column ai.setting_history.setting is 'route, limit, parameter, webhook or document.';
comment on column ai.setting_history.object is 'The changed row: slug of a route, provider and model, name of a webhook, or number of a document.';
comment on column ai.setting_history.old is 'The changed columns before; null: the row is new.';
comment on column ai.setting_history.new is 'The changed columns after; null: the row was deleted.';
comment on column ai.setting_history.actor is 'Who changed the setting: the session setting rfqflow.actor, else the session''s role.';
comment on column ai.setting_history.reason is 'The reason for the change, from the session setting rfqflow.reason.';
comment on constraint setting_history_setting_is_known on ai.setting_history is 'One of the allowed values.';
comment on constraint setting_history_says_something on ai.setting_history is 'A change has a value before or after.';
comment on index ai.setting_history_changed_at is 'Used by ai.audit to list the latest changes first.';

-- Used by ai.audit to list the latest rows first. Workers write these tables rarely, so the indexes cost little.
create index actions_done_at on ai.actions (done_at);
create index overrides_created_at on ai.overrides (created_at);
create index overrides_withdrawn_at on ai.overrides (withdrawn_at) where withdrawn_at is not null;
create index corrections_created_at on ai.corrections (created_at);
create index corrections_withdrawn_at on ai.corrections (withdrawn_at) where withdrawn_at is not null;
create index desk_history_created_at on ai.desk_history (created_at);
create index policy_history_changed_at on ai.policy_history (changed_at);

comment on index ai.actions_done_at is 'Used by ai.audit.';
comment on index ai.overrides_created_at is 'Used by ai.audit.';
comment on index ai.overrides_withdrawn_at is 'Used by ai.audit.';
comment on index ai.corrections_created_at is 'Used by ai.audit.';
comment on index ai.corrections_withdrawn_at is 'Used by ai.audit.';
comment on index ai.desk_history_created_at is 'Used by ai.audit.';
comment on index ai.policy_history_changed_at is 'Used by ai.audit.';
