-- What the guards remember: who wrote what before, how fast, whether a model answers, and what has been spent.
-- All of it is small, shared by every worker, and written under a row lock: PostgreSQL is the only referee.

create table ai.hash_salt (
  one  boolean primary key default true,
  salt bytea not null default sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
  constraint salt_is_one_row check (one)
);
insert into ai.hash_salt default values;

comment on table ai.hash_salt is
  'Drawn at the installation: senders are known to the guards by a hash that is of no use without it. Granted to nobody.';
comment on column ai.hash_salt.one is 'Always true: there is one row.';
comment on column ai.hash_salt.salt is 'Goes into the hashes of addresses; never changed, or every sender would be a new one.';
comment on constraint salt_is_one_row on ai.hash_salt is 'There is one salt.';

create table ai.duplicate_fingerprints (
  fingerprint    bytea not null,
  sender         bytea not null,
  rfq_id         uuid not null,
  content_sha256 bytea not null,
  seen_at        timestamptz not null default clock_timestamp(),
  constraint originals_pkey primary key (fingerprint, sender)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

comment on table ai.duplicate_fingerprints is
  'The first RFQ with a text by a sender: whoever comes with the same one within policy duplicate_hours reuses its answer. Pruned by age.';
comment on column ai.duplicate_fingerprints.fingerprint is 'Hash of the normalised text (white space and case do not count), 16 bytes.';
comment on column ai.duplicate_fingerprints.sender is 'Hash of the sender''s address, 16 bytes.';
comment on column ai.duplicate_fingerprints.rfq_id is 'The RFQ that is answered; the others wait for it and copy.';
comment on column ai.duplicate_fingerprints.content_sha256 is 'Hash of its very text: once that is edited, its answer is about something else.';
comment on column ai.duplicate_fingerprints.seen_at is 'When it became the original.';
comment on constraint originals_pkey on ai.duplicate_fingerprints is
  'Single flight: of any number of workers one registers a text. By text first, which tells how many senders have used it.';

create table ai.rate_limit_buckets (
  key       bytea primary key,
  tokens    float8 not null,
  filled_at timestamptz not null,
  granted   integer not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

comment on table ai.rate_limit_buckets is 'Token buckets of senders and addresses: how many RFQs each may still have enriched now. Pruned when full again.';
comment on column ai.rate_limit_buckets.key is 'Hash of an e-mail address, or of an IP address (IPv6: its /64).';
comment on column ai.rate_limit_buckets.tokens is 'Tokens left at filled_at.';
comment on column ai.rate_limit_buckets.filled_at is 'When they were counted last.';
comment on column ai.rate_limit_buckets.granted is 'How many the last to ask got: what its statement returns.';

create table ai.model_limits (
  provider            text not null,
  model               text not null,
  most_in_flight      integer,
  requests_per_minute integer,
  tokens_per_minute   integer,
  request_burst       integer,
  token_burst         integer,
  note                text,
  constraint model_limits_pkey primary key (provider, model),
  constraint model_limits_are_positive check (
    coalesce(most_in_flight, 1) > 0 and coalesce(requests_per_minute, 1) > 0 and coalesce(tokens_per_minute, 1) > 0
    and coalesce(request_burst, 1) > 0 and coalesce(token_burst, 1) > 0)
);

comment on table ai.model_limits is
  'What all workers together may ask of a model; model * is the whole provider. Change it by plain SQL, it counts from the next call.';
comment on column ai.model_limits.provider is 'As ai.rag_runs.provider.';
comment on column ai.model_limits.model is 'As ai.rag_runs.model, or * for all of the provider''s.';
comment on column ai.model_limits.most_in_flight is 'Calls at once; null: no limit.';
comment on column ai.model_limits.requests_per_minute is 'Calls a minute; null: no limit.';
comment on column ai.model_limits.tokens_per_minute is 'Tokens a minute, input and output; null: no limit.';
comment on column ai.model_limits.request_burst is 'Calls that may come at once after a rest; null: a tenth of a minute''s.';
comment on column ai.model_limits.token_burst is 'Tokens that may be asked for at once after a rest; null: a minute''s.';
comment on column ai.model_limits.note is 'Where the limit is from.';
comment on constraint model_limits_pkey on ai.model_limits is 'One row per model.';
comment on constraint model_limits_are_positive on ai.model_limits is 'A limit of nought is a pause: see ai.open_breaker.';

create table ai.model_states (
  provider       text not null,
  model          text not null,
  state          text not null default 'closed',
  reason         text,
  is_manual      boolean not null default false,
  trips          integer not null default 0,
  opened_at      timestamptz,
  open_until     timestamptz,
  closed_at      timestamptz,
  probe_claim_id bigint,
  probe_until    timestamptz,
  not_before     timestamptz,
  ramp           integer,
  in_flight      integer not null default 0,
  requests       float8 not null default 0,
  tokens         float8 not null default 0,
  filled_at      timestamptz,
  answered_at    timestamptz,
  changed_at     timestamptz not null default clock_timestamp(),
  constraint model_states_pkey primary key (provider, model),
  constraint model_states_state_is_known check (state in ('closed', 'open', 'half_open')),
  constraint model_states_reason_is_a_word check (reason ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint model_states_open_has_an_end check (state <> 'open' or open_until is not null),
  constraint model_states_half_open_has_a_probe check ((state = 'half_open') = (probe_claim_id is not null and probe_until is not null)),
  constraint model_states_in_flight_is_a_count check (in_flight >= 0)
) with (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

comment on table ai.model_states is
  'Breaker and load of each model, one row; model * is the whole provider (its key, its quota). Whoever asks for leave to call locks it.';
comment on column ai.model_states.provider is 'As ai.rag_runs.provider.';
comment on column ai.model_states.model is 'As ai.rag_runs.model, or *.';
comment on column ai.model_states.state is 'closed: calls go out; open: none does; half_open: one probe is out.';
comment on column ai.model_states.reason is 'Why it was opened: failures, auth, quota, model_not_found, bad_request, manual.';
comment on column ai.model_states.is_manual is 'Opened by a person: stays so until a person closes it.';
comment on column ai.model_states.trips is 'Times in a row it opened; each doubles the cool-down.';
comment on column ai.model_states.opened_at is 'When it opened.';
comment on column ai.model_states.open_until is 'When the next probe may go out.';
comment on column ai.model_states.closed_at is 'When it last closed.';
comment on column ai.model_states.ramp is
  'Most calls in flight while they come back after a pause: one more for each that went well; null: no ramp.';
comment on column ai.model_states.probe_claim_id is 'The claim that is the probe.';
comment on column ai.model_states.probe_until is 'When another may take the probe''s place.';
comment on column ai.model_states.not_before is 'The provider asked not to be called before (429 with Retry-After).';
comment on column ai.model_states.in_flight is 'Calls admitted and not ended: the rows of ai.holds.';
comment on column ai.model_states.requests is 'Tokens in the bucket of requests_per_minute at filled_at.';
comment on column ai.model_states.tokens is 'Tokens in the bucket of tokens_per_minute at filled_at; below nought where answers were longer than thought.';
comment on column ai.model_states.answered_at is
  'When it last answered a request, well or not: an RFQ at which it failed ever since may have met an outage.';
comment on column ai.model_states.filled_at is 'When the buckets were counted last.';
comment on column ai.model_states.changed_at is 'When the breaker last changed.';
comment on constraint model_states_pkey on ai.model_states is 'One row per model.';
comment on constraint model_states_state_is_known on ai.model_states is 'A closed set.';
comment on constraint model_states_reason_is_a_word on ai.model_states is 'A code, never a message.';
comment on constraint model_states_open_has_an_end on ai.model_states is 'Nothing stays open for ever by itself.';
comment on constraint model_states_half_open_has_a_probe on ai.model_states is 'Exactly one probe.';
comment on constraint model_states_in_flight_is_a_count on ai.model_states is 'A count.';

create table ai.breaker_windows (
  provider text not null,
  model    text not null,
  slice    timestamptz not null,
  calls    integer not null,
  failures integer not null,
  constraint breaker_slices_pkey primary key (provider, model, slice),
  constraint breaker_slices_are_counts check (failures >= 0 and calls >= failures)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

comment on table ai.breaker_windows is 'How calls ended, in slices of ten seconds: what the breaker decides by. Pruned with the window.';
comment on column ai.breaker_windows.provider is 'As ai.rag_runs.provider.';
comment on column ai.breaker_windows.model is 'As ai.rag_runs.model.';
comment on column ai.breaker_windows.slice is 'Its beginning.';
comment on column ai.breaker_windows.calls is 'Calls that ended.';
comment on column ai.breaker_windows.failures is 'Of them the provider''s fault.';
comment on constraint breaker_slices_pkey on ai.breaker_windows is 'One row per slice.';
comment on constraint breaker_slices_are_counts on ai.breaker_windows is 'Counts.';

create table ai.budget_windows (
  window_id  bigint generated always as identity primary key,
  scope      text not null,
  period     text not null,
  starts_at  timestamptz not null,
  ends_at    timestamptz not null,
  spent_nano_usd bigint not null default 0,
  held_nano  bigint not null default 0,
  constraint budget_windows_key unique (scope, period, starts_at),
  constraint budget_windows_period_is_known check (period in ('hour', 'day', 'month')),
  constraint budget_windows_are_amounts check (spent_nano_usd >= 0 and held_nano >= 0)
) with (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

comment on table ai.budget_windows is
  'What each budget has spent and holds in its hour, day or month, in nano-dollars. Changed only with the hold or run that it counts.';
comment on column ai.budget_windows.window_id is 'What ai.holds names.';
comment on column ai.budget_windows.scope is 'global, evaluation, model:NAME or sender:HASH.';
comment on column ai.budget_windows.period is 'hour, day or month, in the policy budget_time_zone.';
comment on column ai.budget_windows.starts_at is 'Its beginning.';
comment on column ai.budget_windows.ends_at is 'Its end.';
comment on column ai.budget_windows.spent_nano_usd is 'Settled: the sum of booked_usd of the runs admitted in it.';
comment on column ai.budget_windows.held_nano is 'Reserved: the sum of the live holds.';
comment on constraint budget_windows_key on ai.budget_windows is 'One row per window.';
comment on constraint budget_windows_period_is_known on ai.budget_windows is 'A closed set.';
comment on constraint budget_windows_are_amounts on ai.budget_windows is 'A release never goes below nought.';

create table ai.holds (
  claim_id    bigint primary key,
  rfq_id      uuid not null,
  provider    text not null,
  model       text not null,
  amount_nano bigint not null,
  is_priced   boolean not null,
  tokens      integer not null,
  is_probe    boolean not null default false,
  admitted_at timestamptz not null default clock_timestamp(),
  window_ids  bigint[] not null default '{}',
  constraint holds_are_amounts check (amount_nano >= 0 and tokens >= 0)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0, vacuum_truncate = off);

comment on table ai.holds is
  'Leave to call, one row per call in flight: what it may cost at most, reserved before it is made and settled with its end.';
comment on column ai.holds.claim_id is 'The claim the call is made under.';
comment on column ai.holds.rfq_id is 'The RFQ.';
comment on column ai.holds.provider is 'Who is called.';
comment on column ai.holds.model is 'Which model.';
comment on column ai.holds.amount_nano is 'What both calls of the attempt may cost at most, nano-dollars.';
comment on column ai.holds.is_priced is 'False: the price is not known and the amount assumed.';
comment on column ai.holds.tokens is 'Tokens taken from the model''s bucket; what was not used goes back.';
comment on column ai.holds.is_probe is 'The one call that an open breaker let through.';
comment on column ai.holds.admitted_at is 'When leave was given: the windows are those of this moment.';
comment on column ai.holds.window_ids is 'Budget windows it is held in.';
comment on constraint holds_are_amounts on ai.holds is 'Amounts.';

create table ai.events (
  event_id    bigint generated always as identity primary key,
  happened_at timestamptz not null default clock_timestamp(),
  kind        text not null,
  provider    text,
  model       text,
  scope       text,
  reason      text,
  actor       text,
  amount_usd  numeric(14, 9),
  until       timestamptz,
  constraint events_kind_is_known check (kind in (
    'breaker_opened', 'breaker_half_opened', 'breaker_closed', 'budget_refused', 'budget_overrun', 'budget_corrected',
    'drift_moved')),
  constraint events_reason_is_a_word check (reason ~ '^[a-z][a-z0-9_]{0,39}$')
);

comment on table ai.events is
  'What happened to the fleet and a person may want to know: breakers, budgets, answers that are not what they were. Never changed, pruned after event_days but for what a person did; workers log it, the highest id tells them that there is news.';
comment on column ai.events.event_id is 'Rises with each event.';
comment on column ai.events.happened_at is 'When.';
comment on column ai.events.kind is 'What: a closed set.';
comment on column ai.events.provider is 'Of which provider.';
comment on column ai.events.model is 'Of which model; * is the whole provider.';
comment on column ai.events.scope is 'Which budget; of a drift, what has moved.';
comment on column ai.events.reason is 'Why, as a code.';
comment on column ai.events.actor is 'Who, where it was a person.';
comment on column ai.events.amount_usd is 'How much.';
comment on column ai.events.until is 'Until when.';
comment on constraint events_kind_is_known on ai.events is 'A closed set.';
comment on constraint events_reason_is_a_word on ai.events is 'A code, never a message.';

create table ai.event_totals (
  kind     text not null,
  provider text not null,
  model    text not null,
  reason   text not null,
  events   bigint not null,
  constraint event_totals_pkey primary key (kind, provider, model, reason)
);

comment on table ai.event_totals is
  'How many events have been pruned from ai.events: with those that are there, all that ever happened. One row per kind, model and reason.';
comment on column ai.event_totals.kind is 'As ai.events.kind.';
comment on column ai.event_totals.provider is 'As ai.events.provider; empty: none.';
comment on column ai.event_totals.model is 'As ai.events.model; empty: none.';
comment on column ai.event_totals.reason is 'As ai.events.reason; empty: none.';
comment on column ai.event_totals.events is 'How many.';
comment on constraint event_totals_pkey on ai.event_totals is 'One row per kind, model and reason.';

create table ai.submissions (
  key        bytea primary key,
  rfq_id     uuid not null,
  created_at timestamptz not null default clock_timestamp()
);

create index events_happened_at on ai.events (happened_at);
comment on index ai.events_happened_at is 'Serves what happened lately.';

comment on table ai.submissions is 'What public.submit_rfq was called with: the same submission gives the same RFQ.';
comment on column ai.submissions.key is 'Hash of the idempotency key or, without one, of sender, message and time bucket.';
comment on column ai.submissions.rfq_id is 'The RFQ it made.';
comment on column ai.submissions.created_at is 'When. Pruned after a month.';

alter table ai.rag_runs
  add column booked_usd  numeric(14, 9),
  add column admitted_at timestamptz,
  add column reused_from bigint,
  add column signals     jsonb,
  add constraint rag_runs_booking_is_not_negative check (booked_usd >= 0);
comment on column ai.rag_runs.booked_usd is
  'What the budgets were charged: the cost, the held amount where the bill is unknown, the assumed one where the price is; null: nothing was held.';
comment on column ai.rag_runs.admitted_at is 'When leave to call was given: it counts in the budget windows of that moment.';
comment on column ai.rag_runs.reused_from is 'The run whose answer was copied, for an exact duplicate.';
comment on column ai.rag_runs.signals is 'What a gate decided by: names and weights, no text of anybody''s.';
comment on constraint rag_runs_booking_is_not_negative on ai.rag_runs is 'Nobody pays us.';

create index rag_runs_outages on ai.rag_runs (created_at)
  where error_class in ('timeout', 'connection', 'provider_5xx', 'bad_request');
comment on index ai.rag_runs_outages is
  'Serves the breaker: what failed lately, while the fleet waits, however many runs there are.';

insert into ai.policy (key, value, default_value, kind, unit, minimum, maximum, choices, description) values
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
   'Calls whose price is not known: assume (the prices below are held and booked), refuse (deferred as unknown_price); auto: refuse once somebody has set a budget'),
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
   'How long an RFQ may be deferred for a reason of its own before it ends as expired; waiting for a budget, a breaker, a key or the end of a pause does not count');
