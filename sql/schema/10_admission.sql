-- Breakers, loads, budgets and holds, by which admission decides. All workers share these small tables, and change them under row locks.

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
  'Breaker and load of each model. Model * stands for the whole provider, whose models share a key and a quota. Admission locks the rows.';
comment on column ai.model_states.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.model_states.model is 'Same values as ai.rag_runs.model, or * for the whole provider.';
comment on column ai.model_states.state is 'closed: calls are made. open: no call is made. half_open: one probe is in flight.';
comment on column ai.model_states.reason is 'Why the breaker opened: failures, auth, quota, model_not_found, bad_request or manual.';
comment on column ai.model_states.is_manual is 'True: a person opened the breaker, and only a person closes it.';
comment on column ai.model_states.trips is 'How often the breaker opened in a row; each time doubles the cool-down.';
comment on column ai.model_states.opened_at is 'When the breaker last opened.';
comment on column ai.model_states.open_until is 'When the next probe may be made.';
comment on column ai.model_states.closed_at is 'When the breaker last closed.';
comment on column ai.model_states.ramp is
  'Most calls in flight, after the breaker closed or the provider throttled calls. Each successful call raises this limit by one; null: no such limit.';
comment on column ai.model_states.probe_claim_id is 'The claim that makes the probe.';
comment on column ai.model_states.probe_until is 'When another claim may become the probe.';
comment on column ai.model_states.not_before is 'No call before this time: the provider answered 429 with Retry-After.';
comment on column ai.model_states.in_flight is 'Calls admitted and not finished: the number of rows in ai.holds.';
comment on column ai.model_states.requests is 'Requests left in the bucket of requests_per_minute at filled_at.';
comment on column ai.model_states.tokens is 'Tokens left in the bucket of tokens_per_minute at filled_at. It is below zero after answers that were longer than estimated.';
comment on column ai.model_states.answered_at is
  'When the model last answered any request. If an RFQ has failed only since this time, an outage may be the cause.';
comment on column ai.model_states.filled_at is 'When the buckets were last refilled.';
comment on column ai.model_states.changed_at is 'When the state of the breaker last changed.';
comment on constraint model_states_pkey on ai.model_states is 'One row per model.';
comment on constraint model_states_state_is_known on ai.model_states is 'One of the allowed values.';
comment on constraint model_states_reason_is_a_word on ai.model_states is 'A code, never a message.';
comment on constraint model_states_open_has_an_end on ai.model_states is 'An open breaker has a time for its next probe, which is infinity if a person opened it.';
comment on constraint model_states_half_open_has_a_probe on ai.model_states is 'A half-open breaker has exactly one probe.';
comment on constraint model_states_in_flight_is_a_count on ai.model_states is 'A count cannot be negative.';

create table ai.breaker_windows (
  provider text not null,
  model    text not null,
  slice    timestamptz not null,
  calls    integer not null,
  failures integer not null,
  constraint breaker_slices_pkey primary key (provider, model, slice),
  constraint breaker_slices_are_counts check (failures >= 0 and calls >= failures)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

comment on table ai.breaker_windows is 'Counts of calls and failures in slices of ten seconds, by which the breaker decides whether to open. Slices older than the window are deleted.';
comment on column ai.breaker_windows.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.breaker_windows.model is 'Same values as ai.rag_runs.model.';
comment on column ai.breaker_windows.slice is 'Start of the slice.';
comment on column ai.breaker_windows.calls is 'Number of finished calls.';
comment on column ai.breaker_windows.failures is 'Calls that failed through the provider''s fault.';
comment on constraint breaker_slices_pkey on ai.breaker_windows is 'One row per slice.';
comment on constraint breaker_slices_are_counts on ai.breaker_windows is 'Counts cannot be negative.';

create table ai.budget_windows (
  window_id  bigint generated always as identity primary key,
  scope      text not null,
  period     text not null,
  starts_at  timestamptz not null,
  ends_at    timestamptz not null,
  spent_nano_usd bigint not null default 0,
  assumed_nano_usd bigint not null default 0,
  held_nano  bigint not null default 0,
  refused_nano bigint,
  refused_at timestamptz,
  constraint budget_windows_key unique (scope, period, starts_at),
  constraint budget_windows_period_is_known check (period in ('hour', 'day', 'month')),
  constraint budget_windows_are_amounts check (spent_nano_usd >= 0 and assumed_nano_usd >= 0 and held_nano >= 0)
) with (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
create index budget_windows_refused on ai.budget_windows (period, ends_at) where refused_nano is not null;

comment on table ai.budget_windows is
  'What each budget has spent and holds in its hour, day or month, in nano-dollars. A row changes only in the transaction of the hold or run that it counts.';
comment on column ai.budget_windows.window_id is 'Id of the window, as in ai.holds.window_ids.';
comment on column ai.budget_windows.scope is 'global, evaluation, draft, model:NAME or sender:HASH.';
comment on column ai.budget_windows.period is 'hour, day or month, in the time zone of policy budget_time_zone.';
comment on column ai.budget_windows.starts_at is 'Start of the window.';
comment on column ai.budget_windows.ends_at is 'End of the window.';
comment on column ai.budget_windows.spent_nano_usd is 'Spent: the sum of booked_usd of the runs admitted in this window.';
comment on column ai.budget_windows.assumed_nano_usd is 'The part of spent_nano_usd that is booked at assumed prices. Setting the price corrects it.';
comment on column ai.budget_windows.held_nano is 'Reserved: the sum of the current holds.';
comment on column ai.budget_windows.refused_nano is
  'The smallest hold that the window refused, even with the holds of other calls left out; null: the window refused no hold.';
comment on column ai.budget_windows.refused_at is 'When the window first refused a hold.';
comment on index ai.budget_windows_refused is 'Used by ai.health to find spent budgets among the budgets of many senders.';
comment on constraint budget_windows_key on ai.budget_windows is 'One row per window.';
comment on constraint budget_windows_period_is_known on ai.budget_windows is 'One of the allowed values.';
comment on constraint budget_windows_are_amounts on ai.budget_windows is 'An amount cannot be negative, even after a hold is settled.';

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
  'Reserved cost, one row per call in flight. Admission reserves the most that the call may cost; the finish settles it.';
comment on column ai.holds.claim_id is 'The claim that makes the call.';
comment on column ai.holds.rfq_id is 'The RFQ.';
comment on column ai.holds.provider is 'Provider that is called.';
comment on column ai.holds.model is 'Model that is called.';
comment on column ai.holds.amount_nano is 'Limit on the cost of the attempt, which may make two calls, in nano-dollars.';
comment on column ai.holds.is_priced is 'False: the price is unknown, and the amount is computed at an assumed price.';
comment on column ai.holds.tokens is 'Tokens taken from the model''s bucket. The finish returns the unused tokens.';
comment on column ai.holds.is_probe is 'True: the call is the probe of a half-open breaker.';
comment on column ai.holds.admitted_at is 'When the call was admitted. Budget windows of that time count the hold.';
comment on column ai.holds.window_ids is 'Budget windows that count the hold.';
comment on constraint holds_are_amounts on ai.holds is 'Amounts cannot be negative.';
