-- Whether a model answers, and what has been spent: what admission decides by.
-- All of it is small, shared by every worker, and written under a row lock: PostgreSQL is the only referee.

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
  'Breaker and load of each model, one row; model * is the whole provider (its key, its quota). Admission locks it.';
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
comment on column ai.model_states.tokens is 'Tokens in the bucket of tokens_per_minute at filled_at; below zero where answers were longer than thought.';
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
  'What each budget has spent and holds in its hour, day or month, in nano-dollars. Changed only with the hold or run that it counts.';
comment on column ai.budget_windows.window_id is 'What ai.holds names.';
comment on column ai.budget_windows.scope is 'global, evaluation, draft, model:NAME or sender:HASH.';
comment on column ai.budget_windows.period is 'hour, day or month, in the policy budget_time_zone.';
comment on column ai.budget_windows.starts_at is 'Its beginning.';
comment on column ai.budget_windows.ends_at is 'Its end.';
comment on column ai.budget_windows.spent_nano_usd is 'Settled: the sum of booked_usd of the runs admitted in it.';
comment on column ai.budget_windows.assumed_nano_usd is 'Of it, what rests on an assumed price: setting the price of its models corrects it.';
comment on column ai.budget_windows.held_nano is 'Reserved: the sum of the live holds.';
comment on column ai.budget_windows.refused_nano is
  'The least that a call would have been held at which found no room, whatever others hold; null: none was refused.';
comment on column ai.budget_windows.refused_at is 'When the first one was refused.';
comment on index ai.budget_windows_refused is 'Serves ai.health: which budgets are spent, among those of many senders.';
comment on constraint budget_windows_key on ai.budget_windows is 'One row per window.';
comment on constraint budget_windows_period_is_known on ai.budget_windows is 'A closed set.';
comment on constraint budget_windows_are_amounts on ai.budget_windows is 'A release never goes below zero.';

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
  'Holds, one row per call in flight: what it may cost at most, reserved before it is made and settled with its end.';
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
