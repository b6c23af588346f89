-- What people set and all workers must agree on.

create table ai.routes (
  slug        text primary key,
  description text not null,
  keywords    text[] not null default '{}',
  is_fallback boolean not null default false,
  is_active   boolean not null default true,
  updated_at  timestamptz not null default clock_timestamp(),
  constraint routes_slug_is_a_slug check (slug ~ '^[a-z][a-z0-9_-]{0,39}$'),
  constraint routes_fallback_is_active check (is_active or not is_fallback)
);
create unique index routes_one_fallback on ai.routes (is_fallback) where is_fallback;

comment on table ai.routes is 'The teams an RFQ can be routed to. Change them by plain SQL; workers follow within a second.';
comment on column ai.routes.slug is 'What ai_route holds.';
comment on column ai.routes.description is 'What the team does: the model reads it.';
comment on column ai.routes.keywords is
  'Terms in any language that speak for the route: optional weight as suffix (^2, ^0.5), trailing * for a prefix.';
comment on column ai.routes.is_fallback is 'Takes what fits nowhere else; one route has it.';
comment on column ai.routes.is_active is 'False: no new RFQ is routed here.';
comment on column ai.routes.updated_at is 'Last change.';
comment on constraint routes_slug_is_a_slug on ai.routes is 'Lower case, digits, - and _.';
comment on constraint routes_fallback_is_active on ai.routes is 'The fallback can not be switched off.';
comment on index ai.routes_one_fallback is 'At most one fallback.';

create table ai.policy (
  key           text primary key,
  value         jsonb not null,
  unit          text,
  default_value jsonb not null,
  kind          text not null,
  minimum       numeric,
  maximum       numeric,
  choices       text[],
  description   text not null,
  constraint policy_value_has_its_kind check (jsonb_typeof(value) = kind),
  constraint policy_value_is_in_range check (
    kind <> 'number' or ((value)::numeric >= coalesce(minimum, '-infinity') and (value)::numeric <= coalesce(maximum, 'infinity'))),
  constraint policy_value_is_a_choice check (choices is null or (value #>> '{}') = any (choices))
);

comment on table ai.policy is 'What all workers must agree on: one row per key, validated here; workers follow within a second.';
comment on column ai.policy.key is 'Name.';
comment on column ai.policy.value is 'In force.';
comment on column ai.policy.unit is 'Unit of the value.';
comment on column ai.policy.default_value is 'As installed.';
comment on column ai.policy.kind is 'JSON type the value must have.';
comment on column ai.policy.minimum is 'Least number allowed.';
comment on column ai.policy.maximum is 'Largest number allowed.';
comment on column ai.policy.choices is 'Words allowed.';
comment on column ai.policy.description is 'What it decides.';
comment on constraint policy_value_has_its_kind on ai.policy is 'A number stays a number.';
comment on constraint policy_value_is_in_range on ai.policy is 'Within minimum and maximum.';
comment on constraint policy_value_is_a_choice on ai.policy is 'One of choices.';

create table ai.policy_history (
  id         bigint generated always as identity primary key,
  changed_at timestamptz not null default clock_timestamp(),
  key        text not null,
  old_value  jsonb,
  new_value  jsonb,
  actor      text not null,
  reason     text
);

comment on table ai.policy_history is 'Every change of ai.policy, written by a trigger; its highest id tells workers that something changed.';
comment on column ai.policy_history.id is 'Rises with each change.';
comment on column ai.policy_history.changed_at is 'When.';
comment on column ai.policy_history.key is 'What.';
comment on column ai.policy_history.old_value is 'Before.';
comment on column ai.policy_history.new_value is 'After.';
comment on column ai.policy_history.actor is 'Who: the setting rfqflow.actor, else the session''s role.';
comment on column ai.policy_history.reason is 'Why, if told: the setting rfqflow.reason.';

insert into ai.policy (key, value, default_value, kind, unit, minimum, maximum, choices, description) values
  ('mode', '"on"', '"on"', 'string', null, null, null, '{on,paused}',
   'paused: workers claim nothing, RFQs wait; see ai.pause and ai.resume'),
  ('notify', '"doorbell"', '"doorbell"', 'string', null, null, null, '{doorbell,always,off}',
   'When inserts NOTIFY: doorbell (only while a worker sleeps), always, off (workers poll; needed with two-phase commit)'),
  ('max_attempts', '5', '5', 'number', 'attempts', 1, 100, null,
   'Failed attempts after which an RFQ is discarded, unless the model has answered nobody meanwhile'),
  ('retry_base_seconds', '15', '15', 'number', 'seconds', 0.01, 3600, null,
   'Backoff after the first failed attempt; doubled with each further one, drawn with full jitter'),
  ('retry_cap_seconds', '900', '900', 'number', 'seconds', 0.01, 86400, null,
   'Longest backoff'),
  ('defer_seconds', '30', '30', 'number', 'seconds', 0.01, 86400, null,
   'How long an RFQ waits when the provider itself is out of order (wrong key, quota, rate limit) and names no time'),
  ('min_confidence', '0.35', '0.35', 'number', 'share', 0, 1, null,
   'Answers below it are marked for review (ai_review)'),
  ('partitions_ahead', '4', '4', 'number', 'weeks', 1, 52, null,
   'Partitions of ai.rag_runs made ahead'),
  ('sweep_blocks', '256', '256', 'number', 'blocks of 8 kB', 1, 100000, null,
   'How much of the RFQ table one step of the sweep reads'),
  ('sweep_seconds', '10', '10', 'number', 'seconds', 0.05, 86400, null,
   'Time between two steps of the sweep');
