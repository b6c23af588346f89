-- The settings that all workers share, and their history.

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
    'attempts', 'weeks', 'blocks of 8 kB', 'documents', 'tokens', 'letters and digits', 'pictures', 'points', 'RFQs an hour', 'calls', 'days')) stored,
  description   text not null,
  constraint policy_value_has_its_kind check (jsonb_typeof(value) = kind),
  constraint policy_value_is_in_range check (
    kind <> 'number' or ((value)::numeric >= coalesce(minimum, '-infinity') and (value)::numeric <= coalesce(maximum, 'infinity'))),
  constraint policy_value_is_whole check (
    not is_whole or kind <> 'number' or (value)::numeric = trunc((value)::numeric)),
  constraint policy_value_is_a_choice check (choices is null or (value #>> '{}') = any (choices))
);

comment on table ai.policy is 'Settings of the whole fleet, one row per key. The database checks each value; workers apply a change within a second.';
comment on column ai.policy.key is 'Name of the setting.';
comment on column ai.policy.value is 'The value in effect.';
comment on column ai.policy.unit is 'Unit of the value.';
comment on column ai.policy.default_value is 'Value in a new installation.';
comment on column ai.policy.kind is 'JSON type the value must have.';
comment on column ai.policy.minimum is 'Least number allowed.';
comment on column ai.policy.maximum is 'Largest number allowed.';
comment on column ai.policy.choices is 'Allowed values, if there is a fixed set.';
comment on column ai.policy.is_whole is 'True: the value must be a whole number.';
comment on column ai.policy.description is 'What the setting does.';
comment on constraint policy_value_has_its_kind on ai.policy is 'A new value has the JSON type of the setting: number, text or boolean.';
comment on constraint policy_value_is_in_range on ai.policy is 'The value must be within minimum and maximum.';
comment on constraint policy_value_is_whole on ai.policy is 'The value must be a whole number.';
comment on constraint policy_value_is_a_choice on ai.policy is 'The value must be one of choices.';

create table ai.policy_history (
  id         bigint generated always as identity primary key,
  changed_at timestamptz not null default clock_timestamp(),
  key        text not null,
  old_value  jsonb,
  new_value  jsonb,
  actor      text not null,
  reason     text
);

comment on table ai.policy_history is 'Every change of ai.policy, written by a trigger. Workers read the settings again when the highest id rises.';
comment on column ai.policy_history.id is 'Number of the change, in order.';
comment on column ai.policy_history.changed_at is 'When it changed.';
comment on column ai.policy_history.key is 'The setting.';
comment on column ai.policy_history.old_value is 'The value before.';
comment on column ai.policy_history.new_value is 'The value after.';
comment on column ai.policy_history.actor is 'Who changed it: the setting rfqflow.actor, else the session''s role.';
comment on column ai.policy_history.reason is 'The reason given, from the setting rfqflow.reason.';

insert into ai.policy (key, value, default_value, kind, unit, minimum, maximum, choices, description) values
  -- Queue, attempts and the sweep.
  ('mode', '"on"', '"on"', 'string', null, null, null, '{on,paused,detached}',
   'on: workers claim RFQs. paused: workers claim nothing and RFQs wait; use ai.pause and ai.resume. detached: rfqflow detach sets it, and the next migrate ends it'),
  ('notify', '"doorbell"', '"doorbell"', 'string', null, null, null, '{doorbell,always,off}',
   'When an insert sends NOTIFY. doorbell: only while a worker sleeps. always: with each insert. off: workers poll, as two-phase commit requires'),
  ('max_attempts', '5', '5', 'number', 'attempts', 1, 100, null,
   'Failed attempts after which rfqflow discards an RFQ, unless the model has answered no other RFQ meanwhile'),
  ('retry_base_seconds', '15', '15', 'number', 'seconds', 0.01, 3600, null,
   'Backoff after the first failed attempt; each further attempt doubles it, and full jitter spreads it'),
  ('retry_cap_seconds', '900', '900', 'number', 'seconds', 0.01, 86400, null,
   'Longest backoff'),
  ('defer_seconds', '30', '30', 'number', 'seconds', 0.01, 86400, null,
   'How long an RFQ waits when the provider refuses all calls (wrong key, quota, rate limit) and names no time'),
  ('min_confidence', '0.35', '0.35', 'number', 'share', 0, 1, null,
   'rfqflow marks answers below this confidence for review (ai_review)'),
  ('partitions_ahead', '4', '4', 'number', 'weeks', 1, 52, null,
   'How many weekly partitions of ai.rag_runs rfqflow creates ahead'),
  ('sweep_blocks', '256', '256', 'number', 'blocks of 8 kB', 1, 100000, null,
   'How many blocks of the table of RFQs one step of the sweep reads'),
  ('sweep_seconds', '10', '10', 'number', 'seconds', 0.05, 86400, null,
   'Time between two steps of the sweep, which looks for RFQs that were never enqueued'),
  ('attachment_quiet_seconds', '5', '5', 'number', 'seconds', 0, 3600, null,
   'Time after the last late attachment until workers enrich its RFQ. Attachments of the RFQ''s own transaction do not wait'),
  ('attachment_retry_seconds', '300', '300', 'number', 'seconds', 0, 86400, null,
   'How long after its insert an RFQ waits for a file whose address gives none, before it is enriched without it. 0: not at all'),
  ('attachment_tokens', '12000', '12000', 'number', 'tokens', 500, 100000, null,
   'Room for the text of all attachments of an RFQ in a prompt, at four characters a token. Small files get what they need, the others share the rest'),
  ('attachment_list_tokens', '37500', '37500', 'number', 'tokens', 500, 100000, null,
   'The same for sheets and CSV files. Rules read most of their rows, which are not sent'),
  ('attachment_pictures', '0', '0', 'number', 'pictures', 0, 8, null,
   'Scanned pages and pictures of an RFQ''s files that workers send to a model that takes pictures. 0: none, and the files are marked as unread'),
  -- Prompts.
  ('active_prompt', '""', '""', 'string', null, null, null, null,
   'Prompt version that workers use from the next claim. Empty until a worker has registered the shipped version'),
  -- Reference documents.
  ('rag', '"off"', '"off"', 'string', null, null, null, '{off,on}',
   'on: workers add documents that fit an RFQ to its prompt. Turn it on when an evaluation shows that documents help'),
  ('rag_documents', '3', '3', 'number', 'documents', 0, 20, null,
   'Most documents that a worker adds for one RFQ'),
  ('rag_tokens', '600', '600', 'number', 'tokens', 50, 8000, null,
   'Most tokens of documents in one prompt, estimated at 3 bytes a token'),
  -- Gates, budgets and breakers.
  ('min_characters', '20', '20', 'number', 'letters and digits', 0, 1000, null,
   'rfqflow skips shorter RFQs as too_short, unless they state a quantity. A Chinese character counts as three'),
  ('gibberish', '"skip"', '"skip"', 'string', null, null, null, '{skip,pass}',
   'Texts without words of any language: skip them as gibberish, or pass them to the model'),
  ('spam', '"skip"', '"skip"', 'string', null, null, null, '{skip,pass}',
   'Advertising and fraud. skip: apply the two scores below. pass: do not look for spam'),
  ('spam_skip_score', '70', '70', 'number', 'points', 0, 100000, null,
   'rfqflow skips RFQs with this spam score or more as spam'),
  ('spam_mark_score', '30', '30', 'number', 'points', 0, 100000, null,
   'rfqflow enriches RFQs with this spam score or more, and marks them for review'),
  ('duplicate_hours', '720', '720', 'number', 'hours', 0, 8760, null,
   'For how long an RFQ with the same text and sender reuses the first answer; 0: never'),
  ('sender_per_hour', '60', '60', 'number', 'RFQs an hour', 0, 1000000, null,
   'Most RFQs an hour of one e-mail address that are enriched by a paid call; more are skipped as sender_rate. 0: no limit'),
  ('ip_per_hour', '120', '120', 'number', 'RFQs an hour', 0, 1000000, null,
   'Most RFQs an hour of one IP address (IPv6: its /64); more are skipped as ip_rate. 0: no limit'),
  ('budget.global.day', '5', '5', 'number', 'USD', 0, 1000000000, null,
   'Most that all calls of one day may cost'),
  ('budget_exhausted_action', '"defer"', '"defer"', 'string', null, null, null, '{defer,skip}',
   'RFQs for which no budget has room. defer: wait for the next window. skip: finish without an answer'),
  ('budget_time_zone', '"UTC"', '"UTC"', 'string', null, null, null, null,
   'Time zone of the hours, days and months of budgets'),
  ('unknown_price', '"auto"', '"auto"', 'string', null, null, null, '{auto,assume,refuse}',
   'Calls whose price is unknown. assume: hold and book the assumed prices below. refuse: defer the RFQ as unknown_price. auto: refuse once an operator has set a budget, else assume'),
  ('assumed_input_usd', '1', '1', 'number', 'USD per million tokens', 0, 100000, null,
   'Assumed price of input tokens'),
  ('assumed_output_usd', '4', '4', 'number', 'USD per million tokens', 0, 100000, null,
   'Assumed price of output tokens'),
  ('breaker_failure_share', '0.5', '0.5', 'number', 'share', 0.01, 1, null,
   'Share of failed calls at which a model''s breaker opens'),
  ('breaker_min_calls', '10', '10', 'number', 'calls', 1, 100000, null,
   'A breaker does not open with fewer calls than this in its window'),
  ('breaker_window_seconds', '300', '300', 'number', 'seconds', 10, 86400, null,
   'Length of the window in which a breaker counts calls'),
  ('breaker_cooldown_seconds', '30', '30', 'number', 'seconds', 0.05, 86400, null,
   'How long a breaker stays open the first time; each failed probe doubles it'),
  ('breaker_cooldown_cap_seconds', '900', '900', 'number', 'seconds', 0.05, 604800, null,
   'Longest cool-down'),
  ('recovery_ramp_seconds', '60', '60', 'number', 'seconds', 0, 3600, null,
   'After an outage or a full budget, rfqflow spreads the RFQs that waited over this time'),
  ('defer_limit_hours', '72', '72', 'number', 'hours', 0.001, 8760, null,
   'How long an RFQ may stay deferred before it is skipped as expired. Time spent waiting for a budget, a breaker, a key or the end of a pause does not count'),
  -- Figures.
  ('scorecard_days', '7', '7', 'number', 'days', 1, 366, null,
   'How many days, today included, ai.scorecard covers; days are in UTC'),
  -- Trials and the cascade.
  ('canary_prompt', '""', '""', 'string', null, null, null, null,
   'Prompt version that a share of RFQs uses instead of the active one; empty: none. `rfqflow prompt canary` sets it'),
  ('canary_percent', '0', '0', 'number', 'percent', 0, 100, null,
   'Share of RFQs that use canary_prompt, chosen by the hash of the RFQ''s id, so that an RFQ always gets the same version'),
  ('cascade', '"off"', '"off"', 'string', null, null, null, '{off,rules,model}',
   'Which is asked first: rules, or the model of cascade_model. Where its confidence is too low, the configured model is asked. `rfqflow eval cascade` estimates savings and losses'),
  ('cascade_model', '""', '""', 'string', null, null, null, null,
   'The cheaper model to ask first when cascade is model; it uses the base URL of the configured model'),
  ('cascade_confidence', '0.9', '0.9', 'number', 'share', 0, 1, null,
   'Lowest confidence, after calibration, at which rfqflow accepts the first answer'),
  ('cheap_tier', '"off"', '"off"', 'string', null, null, null, '{off,evaluation,evaluation_and_backfill}',
   'Which calls may use the provider''s cheaper service tier (flex: half the price, slower, sometimes full). evaluation: evaluations and shadows. evaluation_and_backfill: also RFQs that are backfilled, or rerun without force. A full tier and further attempts use the normal tier'),
  ('budget.evaluation.day', '2', '2', 'number', 'USD', 0, 1000000000, null,
   'Most that the calls of evaluations and shadows may cost in one day'),
  ('budget.draft.day', '1', '1', 'number', 'USD', 0, 1000000000, null,
   'Most that the calls for draft replies may cost in one day'),
  -- Retention.
  ('retention_days', '90', '90', 'number', 'days', 31, 36500, null,
   'rfqflow archives and drops a week of ai.rag_runs once all of it is older. The least value is 31, since the budget of a month needs its runs'),
  ('desk_days', '90', '90', 'number', 'days', 1, 36500, null,
   'How far back the desk''s list goes. An RFQ that a person has taken stays until it is handled'),
  ('draft_days', '90', '90', 'number', 'days', 1, 36500, null,
   'How long rfqflow keeps a draft reply after its last change'),
  ('related_days', '90', '90', 'number', 'days', 1, 3650, null,
   'How far apart two RFQs may be to count as related, and how long rfqflow keeps their relation after its last change'),
  ('failed_retention_days', '365', '365', 'number', 'days', 31, 36500, null,
   'How long failed and lost runs stay in the database, if longer than retention_days'),
  ('restored_retention_days', '30', '30', 'number', 'days', 1, 3650, null,
   'How long a week restored from its archive stays'),
  ('event_days', '365', '365', 'number', 'days', 32, 36500, null,
   'How long rfqflow keeps ai.events. Events caused by a person stay, and totals continue. rfqflow reports a refused budget of a month once within 32 days'),
  -- The console.
  ('console_session_hours', '12', '12', 'number', 'hours', 0.1, 720, null,
   'Longest duration of a console session, from its login'),
  ('console_idle_minutes', '240', '240', 'number', 'minutes', 1, 43200, null,
   'A console session ends after this time without a page or an action. Pages that refresh themselves do not count'),
  ('console_proxy_accounts', '"existing"', '"existing"', 'string', null, null, null, '{existing,viewer}',
   'Who may log in through a trusted proxy''s header. existing: names with an account. viewer: rfqflow creates a viewer account for any other name'),
  ('login_days', '90', '90', 'number', 'days', 1, 3650, null,
   'How long rfqflow keeps login attempts and ended sessions');
