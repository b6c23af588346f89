-- What all workers must agree on, as people set it.

create table ai.policy (
  key           text primary key,
  value         jsonb not null,
  unit          text,
  default_value jsonb not null,
  kind          text not null,
  minimum       numeric,
  maximum       numeric,
  choices       text[],
  is_whole      boolean not null generated always as (coalesce(unit, '') in (
    'attempts', 'weeks', 'blocks of 8 kB', 'documents', 'tokens', 'letters and digits', 'points', 'RFQs an hour', 'calls', 'days')) stored,
  description   text not null,
  constraint policy_value_has_its_kind check (jsonb_typeof(value) = kind),
  constraint policy_value_is_in_range check (
    kind <> 'number' or ((value)::numeric >= coalesce(minimum, '-infinity') and (value)::numeric <= coalesce(maximum, 'infinity'))),
  constraint policy_value_is_whole check (
    not is_whole or kind <> 'number' or (value)::numeric = trunc((value)::numeric)),
  constraint policy_value_is_a_choice check (choices is null or (value #>> '{}') = any (choices))
);

comment on table ai.policy is 'What all workers must agree on: one row per key, validated here; workers follow within a second.';
comment on column ai.policy.key is 'Name.';
comment on column ai.policy.value is 'The value that counts.';
comment on column ai.policy.unit is 'Unit of the value.';
comment on column ai.policy.default_value is 'As installed.';
comment on column ai.policy.kind is 'JSON type the value must have.';
comment on column ai.policy.minimum is 'Least number allowed.';
comment on column ai.policy.maximum is 'Largest number allowed.';
comment on column ai.policy.choices is 'Words allowed.';
comment on column ai.policy.is_whole is 'Whether it counts something: a whole number.';
comment on column ai.policy.description is 'What it decides.';
comment on constraint policy_value_has_its_kind on ai.policy is 'A new value has the type of the old one: number, text or switch.';
comment on constraint policy_value_is_in_range on ai.policy is 'Within minimum and maximum.';
comment on constraint policy_value_is_whole on ai.policy is 'No half attempts.';
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
  -- Queue, attempts and the sweep.
  ('mode', '"on"', '"on"', 'string', null, null, null, '{on,paused,detached}',
   'paused: workers claim nothing, RFQs wait; see ai.pause and ai.resume. detached: so does rfqflow detach, till the next migrate'),
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
   'Time between two steps of the sweep'),
  -- Prompts.
  ('active_prompt', '""', '""', 'string', null, null, null, null,
   'Version in ai.prompts that the next claim is asked with; empty until a worker has registered the shipped one'),
  -- Reference documents.
  ('rag', '"off"', '"off"', 'string', null, null, null, '{off,on}',
   'on: documents that fit an RFQ go into its prompt; switch it on when an evaluation shows that it helps'),
  ('rag_documents', '3', '3', 'number', 'documents', 0, 20, null,
   'Most documents retrieved for an RFQ'),
  ('rag_tokens', '600', '600', 'number', 'tokens', 50, 8000, null,
   'Most tokens the documents of one prompt take, estimated at 3 bytes each'),
  -- Gates, budgets and breakers.
  ('min_characters', '20', '20', 'number', 'letters and digits', 0, 1000, null,
   'RFQs with less are skipped as too_short, unless they name a number of something; a Chinese character counts as three'),
  ('gibberish', '"skip"', '"skip"', 'string', null, null, null, '{skip,pass}',
   'What becomes of texts that are no words of any language'),
  ('spam', '"skip"', '"skip"', 'string', null, null, null, '{skip,pass}',
   'What becomes of advertising and fraud: skip goes by the two scores below, pass looks for none'),
  ('spam_skip_score', '70', '70', 'number', 'points', 0, 100000, null,
   'RFQs with this spam score or more are skipped as spam'),
  ('spam_mark_score', '30', '30', 'number', 'points', 0, 100000, null,
   'RFQs with this spam score or more are enriched and marked for review'),
  ('duplicate_hours', '720', '720', 'number', 'hours', 0, 8760, null,
   'How long the same text by the same sender reuses the first answer; 0: never'),
  ('sender_per_hour', '60', '60', 'number', 'RFQs an hour', 0, 1000000, null,
   'How many RFQs of one e-mail address are enriched by a paid call; more are skipped as sender_rate; 0: no limit'),
  ('ip_per_hour', '120', '120', 'number', 'RFQs an hour', 0, 1000000, null,
   'The same for one IP address (IPv6: its /64), skipped as ip_rate; 0: no limit'),
  ('budget.global.day', '5', '5', 'number', 'USD', 0, 1000000000, null,
   'Most that all calls of a day may cost'),
  ('budget_exhausted_action', '"defer"', '"defer"', 'string', null, null, null, '{defer,skip}',
   'What becomes of RFQs that no budget is left for: they wait for the next window, or end without enrichment'),
  ('budget_time_zone', '"UTC"', '"UTC"', 'string', null, null, null, null,
   'In which time zone an hour, a day and a month begin'),
  ('unknown_price', '"auto"', '"auto"', 'string', null, null, null, '{auto,assume,refuse}',
   'Calls whose price is not known: assume (the prices below are held and booked), refuse (deferred as unknown_price); auto: refuse after an operator has set a budget'),
  ('assumed_input_usd', '1', '1', 'number', 'USD per million tokens', 0, 100000, null,
   'Assumed price of input tokens'),
  ('assumed_output_usd', '4', '4', 'number', 'USD per million tokens', 0, 100000, null,
   'Assumed price of output tokens'),
  ('breaker_failure_share', '0.5', '0.5', 'number', 'share', 0.01, 1, null,
   'Share of failed calls at which the breaker of a model opens'),
  ('breaker_min_calls', '10', '10', 'number', 'calls', 1, 100000, null,
   'Fewer calls in the window than this open no breaker'),
  ('breaker_window_seconds', '300', '300', 'number', 'seconds', 10, 86400, null,
   'How far back the breaker looks'),
  ('breaker_cooldown_seconds', '30', '30', 'number', 'seconds', 0.05, 86400, null,
   'How long a breaker stays open at first; doubled with each probe that fails'),
  ('breaker_cooldown_cap_seconds', '900', '900', 'number', 'seconds', 0.05, 604800, null,
   'Longest cool-down'),
  ('recovery_ramp_seconds', '60', '60', 'number', 'seconds', 0, 3600, null,
   'Over how long RFQs that waited come back, once what they waited for is over'),
  ('defer_limit_hours', '72', '72', 'number', 'hours', 0.001, 8760, null,
   'How long an RFQ may be deferred for a reason of its own before it ends as expired; waiting for a budget, a breaker, a key or the end of a pause does not count'),
  -- Figures.
  ('scorecard_days', '7', '7', 'number', 'days', 1, 366, null,
   'How many days, today included, ai.scorecard is about; days are of UTC'),
  -- Trials and the cascade.
  ('canary_prompt', '""', '""', 'string', null, null, null, null,
   'Version that a share of RFQs is asked with instead of the active one; empty: none. Set by `rfqflow prompt canary`'),
  ('canary_percent', '0', '0', 'number', 'percent', 0, 100, null,
   'Share of RFQs that get it, by the hash of their id: the same RFQ, the same arm'),
  ('cascade', '"off"', '"off"', 'string', null, null, null, '{off,rules,model}',
   'Who answers first: rules, or the model of cascade_model; the configured model is asked only where that one is not sure enough. `rfqflow eval cascade` says what it saves and costs'),
  ('cascade_model', '""', '""', 'string', null, null, null, null,
   'The cheap model that is asked first where cascade is model; at the address of the configured one'),
  ('cascade_confidence', '0.9', '0.9', 'number', 'share', 0, 1, null,
   'Least confidence of the first answer, after calibration, at which rfqflow accepts it'),
  ('cheap_tier', '"off"', '"off"', 'string', null, null, null, '{off,evaluation,evaluation_and_backfill}',
   'Which calls may use the provider''s cheap service tier (flex: half the price, slower, at times full), since nobody waits for them: evaluation (with shadows), and RFQs that are older than the installation or rerun without force. Where the tier is full, and for further attempts, the normal one'),
  ('budget.evaluation.day', '2', '2', 'number', 'USD', 0, 1000000000, null,
   'Most that the calls of one day may cost: evaluation and shadows, which no RFQ waits for'),
  ('budget.draft.day', '1', '1', 'number', 'USD', 0, 1000000000, null,
   'Most that the calls of one day may cost: drafts of replies that people ask a model for'),
  -- Retention.
  ('retention_days', '90', '90', 'number', 'days', 31, 36500, null,
   'A week of ai.rag_runs is archived and dropped once all of it is older; a month''s budget is never reconciled against less'),
  ('desk_days', '90', '90', 'number', 'days', 1, 36500, null,
   'How far back the desk lists RFQs; one that a person has taken stays until it is handled'),
  ('draft_days', '90', '90', 'number', 'days', 1, 36500, null,
   'How long the draft of a reply is kept after its last change'),
  ('failed_retention_days', '365', '365', 'number', 'days', 31, 36500, null,
   'How long runs that failed or were lost stay in the database, where that is longer'),
  ('restored_retention_days', '30', '30', 'number', 'days', 1, 3650, null,
   'How long a week that was brought back from its archive stays'),
  ('event_days', '365', '365', 'number', 'days', 32, 36500, null,
   'How long ai.events are kept; what a person did stays, and totals count on. A refused budget of a month is reported once within 32 days'),
  -- The console.
  ('console_session_hours', '12', '12', 'number', 'hours', 0.1, 720, null,
   'A session in the console ends that long after its login at the latest'),
  ('console_idle_minutes', '240', '240', 'number', 'minutes', 1, 43200, null,
   'A session in the console ends after that long without a page or an action of its own; what keeps itself up to date does not count'),
  ('console_proxy_accounts', '"existing"', '"existing"', 'string', null, null, null, '{existing,viewer}',
   'Who comes in by the header of a trusted proxy: existing: accounts only; viewer: for a name without one a viewer''s is made'),
  ('login_days', '90', '90', 'number', 'days', 1, 3650, null,
   'How long attempts to log in to the console, and sessions that ended, are kept');
