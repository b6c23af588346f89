-- Views of breakers and budgets, for people.

create or replace view ai.breaker_status as
select s.provider, s.model, s.state, s.reason, s.opened_at, nullif(s.open_until, 'infinity') as open_until, s.trips,
  coalesce(b.calls, 0)::integer as calls, coalesce(b.failures, 0)::integer as failures,
  (b.failures / nullif(b.calls, 0)::float8)::float8 as failure_rate,
  case when s.not_before > clock_timestamp() then s.not_before end as not_before,
  s.is_manual, s.in_flight, s.ramp, s.changed_at
from ai.model_states s
left join lateral (
  select sum(x.calls) as calls, sum(x.failures) as failures
  from ai.breaker_windows x
  where x.provider = s.provider and (s.model = '*' or x.model = s.model)
    and x.slice > clock_timestamp() - interval '1 second' * (
      select (p.value)::float8 from ai.policy p where p.key = 'breaker_window_seconds')
) b on true;

comment on view ai.breaker_status is 'Breakers: one row per model that workers have called. Model * stands for the whole provider.';
comment on column ai.breaker_status.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.breaker_status.model is 'Same values as ai.rag_runs.model, or * for the whole provider.';
comment on column ai.breaker_status.state is 'closed, open or half_open (one probe is in flight).';
comment on column ai.breaker_status.reason is 'Why the breaker opened.';
comment on column ai.breaker_status.opened_at is 'When the breaker opened.';
comment on column ai.breaker_status.open_until is 'When the next probe is due; null if a person opened the breaker.';
comment on column ai.breaker_status.trips is 'How often the breaker opened in a row.';
comment on column ai.breaker_status.calls is 'Calls that ended within the breaker''s window.';
comment on column ai.breaker_status.failures is 'Calls that failed through the provider''s fault.';
comment on column ai.breaker_status.failure_rate is 'Share of failed calls.';
comment on column ai.breaker_status.not_before is 'No call before this time: the provider asked for a pause.';
comment on column ai.breaker_status.is_manual is 'True: a person opened the breaker, and only a person closes it.';
comment on column ai.breaker_status.in_flight is 'Calls in flight of all workers.';
comment on column ai.breaker_status.ramp is 'Most calls in flight while traffic ramps up; null: no ramp.';
comment on column ai.breaker_status.changed_at is 'When the breaker last changed.';

create or replace view ai.budget_status as
with caps as (
  select substring(p.key from '^budget[.](.*)[.][a-z]+$') as scope, substring(p.key from '([a-z]+)$') as period,
    (p.value)::numeric as cap_usd
  from ai.policy p
  where p.key like 'budget.%'
),
zone as (
  select p.value #>> '{}' as name from ai.policy p where p.key = 'budget_time_zone'
),
windows as (
  -- Selects, of all senders, the sender closest to the cap.
  select distinct on (x.scope, x.period) x.*
  from (
    select case when w.scope like 'sender:%' then 'sender' else w.scope end as scope, w.period, w.starts_at, w.ends_at,
      w.spent_nano_usd, w.assumed_nano_usd, w.held_nano
    from ai.budget_windows w
    where w.starts_at <= clock_timestamp() and w.ends_at > clock_timestamp()
  ) x
  order by x.scope, x.period, x.spent_nano_usd + x.held_nano desc
)
select c.scope, c.period,
  coalesce(w.starts_at, b.starts_at) as window_start,
  coalesce(w.ends_at, b.ends_at) as window_end,
  c.cap_usd,
  coalesce(w.spent_nano_usd, 0) * 1e-9 as spent_usd,
  coalesce(w.held_nano, 0) * 1e-9 as held_usd,
  c.cap_usd - (coalesce(w.spent_nano_usd, 0) + coalesce(w.held_nano, 0)) * 1e-9 as left_usd,
  coalesce(w.assumed_nano_usd, 0) * 1e-9 as assumed_usd
from caps c
cross join zone z
cross join lateral ai.budget_window(c.period, clock_timestamp(), z.name) b
left join windows w on w.scope = c.scope and w.period = c.period;

comment on view ai.budget_status is 'Budgets: one row per budget, with its running window. For scope sender, the row shows the sender closest to the cap.';
comment on column ai.budget_status.scope is 'global, evaluation, draft, sender or model:NAME.';
comment on column ai.budget_status.period is 'hour, day or month.';
comment on column ai.budget_status.window_start is 'Start of the window.';
comment on column ai.budget_status.window_end is 'End of the window, when RFQs that wait for the budget become due.';
comment on column ai.budget_status.cap_usd is 'Cap of the window.';
comment on column ai.budget_status.spent_usd is 'Booked cost of finished calls.';
comment on column ai.budget_status.held_usd is 'Reserved for calls in flight.';
comment on column ai.budget_status.left_usd is 'Amount left for the next calls; below zero after a bill above its hold.';
comment on column ai.budget_status.assumed_usd is
  'Part of spent_usd booked at assumed prices. `rfqflow price set` sets the price and corrects it.';
