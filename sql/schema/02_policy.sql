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
comment on column ai.policy.kind is 'JSON type that the value must have.';
comment on column ai.policy.minimum is 'Smallest number allowed.';
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
comment on column ai.policy_history.changed_at is 'When the setting changed.';
comment on column ai.policy_history.key is 'The setting.';
comment on column ai.policy_history.old_value is 'The value before.';
comment on column ai.policy_history.new_value is 'The value after.';
comment on column ai.policy_history.actor is 'Who changed the setting: the session setting rfqflow.actor, else the session''s role.';
comment on column ai.policy_history.reason is 'The reason for the change, from the session setting rfqflow.reason.';

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
   'How long an RFQ waits when the provider refuses all calls (wrong key, quota, rate limit) and sends no Retry-After'),
  ('min_confidence', '0.35', '0.35', 'number', 'share', 0, 1, null,
   'rfqflow marks answers below this confidence for review (ai_review)'),
  ('partitions_ahead', '4', '4', 'number', 'weeks', 1, 52, null,
   'How many weekly partitions of ai.rag_runs rfqflow creates ahead'),
  ('sweep_blocks', '256', '256', 'number', 'blocks of 8 kB', 1, 100000, null,
   'How many blocks of the table of RFQs one step of the sweep reads'),
  ('sweep_seconds', '10', '10', 'number', 'seconds', 0.05, 86400, null,
   'Time between two steps of the sweep, which searches for RFQs that were never enqueued'),
  ('attachment_quiet_seconds', '5', '5', 'number', 'seconds', 0, 3600, null,
   'How long workers wait for more attachments after a late one before they enrich its RFQ. Attachments from the RFQ''s own transaction cause no wait'),
  ('attachment_retry_seconds', '300', '300', 'number', 'seconds', 0, 86400, null,
   'How long after its insert an RFQ waits for a file that its address does not deliver. After that, rfqflow enriches the RFQ without the file. 0: no wait'),
  ('attachment_tokens', '12000', '12000', 'number', 'tokens', 500, 100000, null,
   'Room in a prompt for the text of all attachments of an RFQ, at four characters per token. Small files get what they need; large files share the rest'),
  ('attachment_list_tokens', '37500', '37500', 'number', 'tokens', 500, 100000, null,
   'Room in a prompt for the text of spreadsheets and CSV files, like attachment_tokens. The built-in rules read most rows of such files, and these rows are not sent'),
  ('attachment_pictures', '0', '0', 'number', 'pictures', 0, 8, null,
   'Most scanned pages and pictures of an RFQ''s files that workers send to a model that accepts pictures. 0: none, and workers mark such files as unread'),
  -- Prompts.
  ('active_prompt', '""', '""', 'string', null, null, null, null,
   'Prompt version that workers use from the next claim. Empty until a worker has added the version of its release'),
  -- Reference documents.
  ('rag', '"off"', '"off"', 'string', null, null, null, '{off,on}',
   'on: workers add reference documents that match an RFQ to its prompt. Turn it on if an evaluation shows that documents help'),
  ('rag_documents', '3', '3', 'number', 'documents', 0, 20, null,
   'Most reference documents that a worker adds for one RFQ'),
  ('rag_tokens', '600', '600', 'number', 'tokens', 50, 8000, null,
   'Most tokens of reference documents in one prompt, estimated at 3 bytes per token'),
  -- Gates, budgets and breakers.
  ('min_characters', '20', '20', 'number', 'letters and digits', 0, 1000, null,
   'rfqflow skips RFQs with fewer letters and digits as too_short, unless they state a quantity. A Chinese character counts as three'),
  ('gibberish', '"skip"', '"skip"', 'string', null, null, null, '{skip,pass}',
   'Texts without words of any language: skip them as gibberish, or pass them to the model'),
  ('spam', '"skip"', '"skip"', 'string', null, null, null, '{skip,pass}',
   'Advertising and fraud. skip: apply spam_skip_score and spam_mark_score. pass: do not check for spam'),
  ('spam_skip_score', '70', '70', 'number', 'points', 0, 100000, null,
   'rfqflow skips RFQs with this spam score or more as spam'),
  ('spam_mark_score', '30', '30', 'number', 'points', 0, 100000, null,
   'rfqflow enriches RFQs with this spam score or more, and marks them for review'),
  ('duplicate_hours', '720', '720', 'number', 'hours', 0, 8760, null,
   'How long an RFQ with the same text and sender reuses the answer of the first; 0: never'),
  ('sender_per_hour', '60', '60', 'number', 'RFQs an hour', 0, 1000000, null,
   'Most RFQs per hour from one e-mail address that rfqflow enriches by a paid call. It skips more as sender_rate. 0: no limit'),
  ('ip_per_hour', '120', '120', 'number', 'RFQs an hour', 0, 1000000, null,
   'Most RFQs per hour from one IP address (IPv6: from its /64 network) that rfqflow enriches by a paid call. It skips more as ip_rate. 0: no limit'),
  ('budget.global.day', '5', '5', 'number', 'USD', 0, 1000000000, null,
   'Limit on the cost of all calls for RFQs per day'),
  ('budget_exhausted_action', '"defer"', '"defer"', 'string', null, null, null, '{defer,skip}',
   'What happens to an RFQ if a budget has no room. defer: it waits for the next window. skip: it finishes without an answer'),
  ('budget_time_zone', '"UTC"', '"UTC"', 'string', null, null, null, null,
   'Time zone of the hours, days and months of budgets'),
  ('unknown_price', '"auto"', '"auto"', 'string', null, null, null, '{auto,assume,refuse}',
   'Calls of a model without a known price. assume: hold and book assumed_input_usd and assumed_output_usd. refuse: defer the RFQ as unknown_price. auto: refuse once an operator has set a budget, else assume'),
  ('assumed_input_usd', '1', '1', 'number', 'USD per million tokens', 0, 100000, null,
   'Assumed price of input tokens, for models without a known price'),
  ('assumed_output_usd', '4', '4', 'number', 'USD per million tokens', 0, 100000, null,
   'Assumed price of output tokens, for models without a known price'),
  ('breaker_failure_share', '0.5', '0.5', 'number', 'share', 0.01, 1, null,
   'Share of failed calls at which a model''s breaker opens'),
  ('breaker_min_calls', '10', '10', 'number', 'calls', 1, 100000, null,
   'A breaker does not open if its window has fewer calls than this'),
  ('breaker_window_seconds', '300', '300', 'number', 'seconds', 10, 86400, null,
   'Length of the window in which a breaker counts calls'),
  ('breaker_cooldown_seconds', '30', '30', 'number', 'seconds', 0.05, 86400, null,
   'How long a breaker stays open the first time. Each failed probe doubles the time'),
  ('breaker_cooldown_cap_seconds', '900', '900', 'number', 'seconds', 0.05, 604800, null,
   'Longest time that a breaker stays open before the next probe'),
  ('recovery_ramp_seconds', '60', '60', 'number', 'seconds', 0, 3600, null,
   'After an outage or a spent budget, rfqflow spreads the waiting RFQs over this time'),
  ('defer_limit_hours', '72', '72', 'number', 'hours', 0.001, 8760, null,
   'How long an RFQ may stay deferred before rfqflow skips it as expired. Waiting for a budget, a breaker, a key or the end of a pause does not count'),
  -- Figures.
  ('scorecard_days', '7', '7', 'number', 'days', 1, 366, null,
   'Number of days that ai.scorecard covers, including today; days are in UTC'),
  -- Prompt experiments and the cascade.
  ('canary_prompt', '""', '""', 'string', null, null, null, null,
   'Prompt version that a share of RFQs uses instead of the active one; empty: none. `rfqflow prompt canary` sets it'),
  ('canary_percent', '0', '0', 'number', 'percent', 0, 100, null,
   'Share of RFQs that use canary_prompt, chosen by the hash of the RFQ''s id, so that an RFQ always gets the same version'),
  ('cascade', '"off"', '"off"', 'string', null, null, null, '{off,rules,model}',
   'What workers ask first: the built-in rules, or the model of cascade_model. If the confidence is too low, they ask the configured model. `rfqflow eval cascade` estimates savings and losses'),
  ('cascade_model', '""', '""', 'string', null, null, null, null,
   'The cheaper model to ask first when cascade is model; it uses the base URL of the configured model'),
  ('cascade_confidence', '0.9', '0.9', 'number', 'share', 0, 1, null,
   'Lowest confidence, after calibration, at which rfqflow accepts the first answer'),
  ('cheap_tier', '"off"', '"off"', 'string', null, null, null, '{off,evaluation,evaluation_and_backfill}',
   'Which calls may use the provider''s cheaper service tier (flex: half the price, slower, sometimes full). evaluation: evaluations and shadows. evaluation_and_backfill: also RFQs that are backfilled, or rerun without force. If the cheaper tier is full, and after a failed attempt, workers use the normal tier'),
  ('budget.evaluation.day', '2', '2', 'number', 'USD', 0, 1000000000, null,
   'Limit on the cost of calls for evaluations and shadows per day'),
  ('budget.draft.day', '1', '1', 'number', 'USD', 0, 1000000000, null,
   'Limit on the cost of calls for draft replies per day'),
  -- Retention.
  ('retention_days', '90', '90', 'number', 'days', 31, 36500, null,
   'rfqflow archives and drops a week of ai.rag_runs once all its runs are older than this. The minimum is 31, since the budget of a month needs the runs of that month'),
  ('desk_days', '90', '90', 'number', 'days', 1, 36500, null,
   'How long an RFQ without activity stays in the desk''s list. An RFQ that a person has taken stays until it is handled'),
  ('draft_days', '90', '90', 'number', 'days', 1, 36500, null,
   'How long rfqflow keeps a draft reply after its last change'),
  ('related_days', '90', '90', 'number', 'days', 1, 3650, null,
   'Longest time between two RFQs that can be related. rfqflow keeps their relation for this time after its last change'),
  ('failed_retention_days', '365', '365', 'number', 'days', 31, 36500, null,
   'How long failed and lost runs stay in the database, if longer than retention_days'),
  ('restored_retention_days', '30', '30', 'number', 'days', 1, 3650, null,
   'How long a week that was restored from its archive stays in the database'),
  ('event_days', '365', '365', 'number', 'days', 32, 36500, null,
   'How long rfqflow keeps rows of ai.events. Events that a person caused stay, and totals still count deleted events. The minimum is 32, since events of a monthly budget must outlast the month'),
  -- The console.
  ('console_session_hours', '12', '12', 'number', 'hours', 0.1, 720, null,
   'Longest duration of a console session, from login'),
  ('console_idle_minutes', '240', '240', 'number', 'minutes', 1, 43200, null,
   'A console session ends if the person opens no page and does nothing for this time. Automatic refreshes of a page do not count'),
  ('console_proxy_accounts', '"existing"', '"existing"', 'string', null, null, null, '{existing,viewer}',
   'Who may log in through a trusted proxy''s header. existing: names with an account. viewer: rfqflow creates a viewer account for any other name'),
  ('login_days', '90', '90', 'number', 'days', 1, 3650, null,
   'How long rfqflow keeps login attempts and ended sessions');
