-- Key figures of the last days, and of the same number of days before.

create or replace view ai.scorecard_by_window as
with span as materialized (
  select w.n as windows_ago, d.today - (w.n + 1) * d.days + 1 as first_day, d.today - w.n * d.days as last_day
  from generate_series(0, 1) w(n)
  cross join (
    select (clock_timestamp() at time zone 'UTC')::date as today, (p.value)::integer as days
    from ai.policy p where p.key = 'scorecard_days'
  ) d
),
counts as (
  select s.windows_ago, s.first_day, s.last_day,
    coalesce(sum(x.runs) filter (where x.end_status is not null), 0) as rfqs,
    coalesce(sum(x.runs) filter (where x.end_status = 'done'), 0) as enriched,
    coalesce(sum(x.runs) filter (where x.end_status = 'failed'), 0) as failed,
    coalesce(sum(x.runs) filter (where x.end_status = 'skipped'), 0) as skipped,
    coalesce(sum(x.ended_without_call), 0) as without_call,
    coalesce(sum(x.calls), 0) as calls,
    coalesce(sum(x.calls_of_unknown_cost), 0) as calls_of_unknown_cost,
    case when sum(x.calls) > 0 and sum(x.calls) = sum(x.calls_of_unknown_cost) then null else sum(x.cost_usd) end as cost_usd
  from span s
  left join (
    select c.* from ai.run_daily_counts c where c.day >= (select min(z.first_day) from span z)
  ) x on x.day >= s.first_day and (x.day <= s.last_day or s.windows_ago = 0)
  group by 1, 2, 3
),
latency as (
  select r.windows_ago, r.measure, r.total,
    2 / 2.04 * power(1.04::float8, min(r.bucket) filter (where r.reached >= 0.50 * r.total)) as p50_ms,
    2 / 2.04 * power(1.04::float8, min(r.bucket) filter (where r.reached >= 0.95 * r.total)) as p95_ms,
    2 / 2.04 * power(1.04::float8, min(r.bucket) filter (where r.reached >= 0.99 * r.total)) as p99_ms
  from (
    select h.windows_ago, h.measure, h.bucket,
      sum(h.observations) over (partition by h.windows_ago, h.measure order by h.bucket) as reached,
      sum(h.observations) over (partition by h.windows_ago, h.measure) as total
    from (
      select s.windows_ago, l.measure, l.bucket, sum(l.observations) as observations
      from ai.latency_counts l
      join span s on l.day >= s.first_day and (l.day <= s.last_day or s.windows_ago = 0)
      where l.day >= (select min(z.first_day) from span z) and l.measure in ('submit', 'end')
      group by 1, 2, 3
    ) h
  ) r
  group by 1, 2, 3
),
edits as (
  select r.windows_ago, sum(r.answers) as answers, sum(r.edited_answers) as edited_answers, sum(r.lines) as lines,
    sum(r.edited_lines) as edited_lines
  from ai.edit_rates_by_window r
  group by 1
)
select
  c.windows_ago, c.first_day, c.last_day,
  c.rfqs::bigint as rfqs,
  s.p95_ms as submit_p95_ms,
  (c.enriched / nullif(c.rfqs, 0))::float8 as enrichment_rate,
  (c.failed / nullif(c.rfqs, 0))::float8 as failure_rate,
  case when c.windows_ago = 0 then (select count(*) from ai.outbox_deferred d where d.reason not in ('retry', 'backfill')) end as deferred,
  c.skipped::bigint as skipped,
  c.cost_usd / nullif(c.rfqs, 0) as cost_per_rfq_usd,
  (c.without_call / nullif(c.rfqs, 0))::float8 as calls_avoided_rate,
  e.p50_ms, e.p95_ms, e.p99_ms,
  (d.edited_answers / nullif(d.answers, 0))::float8 as answer_edit_rate,
  (d.edited_lines / nullif(d.lines, 0))::float8 as line_edit_rate,
  c.enriched::bigint as enriched,
  c.failed::bigint as failed,
  c.without_call::bigint as without_call,
  c.calls::bigint as calls,
  c.calls_of_unknown_cost::bigint as calls_of_unknown_cost,
  c.cost_usd,
  coalesce(e.total, 0)::bigint as ends,
  coalesce(s.total, 0)::bigint as submits,
  coalesce(d.answers, 0)::bigint as answers,
  coalesce(d.edited_answers, 0)::bigint as edited_answers,
  coalesce(d.lines, 0)::bigint as lines,
  coalesce(d.edited_lines, 0)::bigint as edited_lines
from counts c
left join latency e on e.windows_ago = c.windows_ago and e.measure = 'end'
left join latency s on s.windows_ago = c.windows_ago and s.measure = 'submit'
left join edits d on d.windows_ago = c.windows_ago;

comment on view ai.scorecard_by_window is
  'Figures of ai.scorecard, and the counts behind them. windows_ago 0 covers the days of ai.scorecard, and windows_ago 1 the same number of days before. `rfqflow report` compares the two.';
comment on column ai.scorecard_by_window.windows_ago is '0: the days of ai.scorecard. 1: the same number of days before.';
comment on column ai.scorecard_by_window.first_day is 'The first UTC day.';
comment on column ai.scorecard_by_window.last_day is 'The last UTC day; today if windows_ago is 0.';
comment on column ai.scorecard_by_window.rfqs is 'Same values as ai.scorecard.rfqs.';
comment on column ai.scorecard_by_window.submit_p95_ms is 'Same values as ai.scorecard.submit_p95_ms.';
comment on column ai.scorecard_by_window.enrichment_rate is 'Same values as ai.scorecard.enrichment_rate.';
comment on column ai.scorecard_by_window.failure_rate is 'Same values as ai.scorecard.failure_rate.';
comment on column ai.scorecard_by_window.deferred is 'Same value as ai.scorecard.deferred; null if windows_ago is 1.';
comment on column ai.scorecard_by_window.skipped is 'Same values as ai.scorecard.skipped.';
comment on column ai.scorecard_by_window.cost_per_rfq_usd is 'Same values as ai.scorecard.cost_per_rfq_usd.';
comment on column ai.scorecard_by_window.calls_avoided_rate is 'Same values as ai.scorecard.calls_avoided_rate.';
comment on column ai.scorecard_by_window.p50_ms is 'Same values as ai.scorecard.p50_ms.';
comment on column ai.scorecard_by_window.p95_ms is 'Same values as ai.scorecard.p95_ms.';
comment on column ai.scorecard_by_window.p99_ms is 'Same values as ai.scorecard.p99_ms.';
comment on column ai.scorecard_by_window.answer_edit_rate is 'Same values as ai.scorecard.answer_edit_rate.';
comment on column ai.scorecard_by_window.line_edit_rate is 'Same values as ai.scorecard.line_edit_rate.';
comment on column ai.scorecard_by_window.enriched is 'Finished RFQs with an accepted answer.';
comment on column ai.scorecard_by_window.failed is 'Finished RFQs that became dead letters.';
comment on column ai.scorecard_by_window.without_call is 'Finished RFQs without a call.';
comment on column ai.scorecard_by_window.calls is 'Runs that called a provider.';
comment on column ai.scorecard_by_window.calls_of_unknown_cost is 'Calls whose cost is missing in cost_usd.';
comment on column ai.scorecard_by_window.cost_usd is 'Sum of the known costs; null: there were calls, but no cost is known.';
comment on column ai.scorecard_by_window.ends is 'Number of latencies behind p50_ms, p95_ms and p99_ms.';
comment on column ai.scorecard_by_window.submits is 'Number of latencies behind submit_p95_ms.';
comment on column ai.scorecard_by_window.answers is 'Sum of ai.edit_rates.answers.';
comment on column ai.scorecard_by_window.edited_answers is 'Sum of ai.edit_rates.edited_answers.';
comment on column ai.scorecard_by_window.lines is 'Sum of ai.edit_rates.lines.';
comment on column ai.scorecard_by_window.edited_lines is 'Sum of ai.edit_rates.edited_lines.';

create or replace view ai.scorecard as
select w.rfqs, w.submit_p95_ms, w.enrichment_rate, w.failure_rate, w.deferred, w.skipped, w.cost_per_rfq_usd,
  w.calls_avoided_rate, w.p50_ms, w.p95_ms, w.p99_ms, w.answer_edit_rate, w.line_edit_rate
from ai.scorecard_by_window w
where w.windows_ago = 0;

comment on view ai.scorecard is
  'Key figures in one row, over the last UTC days including today. Policy scorecard_days sets the number of days. An RFQ counts on the day when it first finishes. Rates are null if no RFQ finished.';
comment on column ai.scorecard.rfqs is 'RFQs that finished for the first time.';
comment on column ai.scorecard.submit_p95_ms is
  '95th percentile of the milliseconds from created_at to the time when the trigger runs: the insert, and what its transaction did before. It excludes commit, network and application. It is wrong if the application sets created_at.';
comment on column ai.scorecard.enrichment_rate is 'Share of rfqs with an accepted answer.';
comment on column ai.scorecard.failure_rate is 'Share of rfqs that became dead letters.';
comment on column ai.scorecard.deferred is 'RFQs that are deferred now, for a reason that is not their fault.';
comment on column ai.scorecard.skipped is 'Finished RFQs that a gate skipped.';
comment on column ai.scorecard.cost_per_rfq_usd is
  'Known cost of all runs in these days, divided by rfqs; null: no cost is known. The real cost is higher if ai.metrics_daily.calls_of_unknown_cost is above 0.';
comment on column ai.scorecard.calls_avoided_rate is 'Share of rfqs that finished without a call: a gate decided, or they reused an answer.';
comment on column ai.scorecard.p50_ms is 'Median of the time from created_at to the first finish, in milliseconds, within 2 %.';
comment on column ai.scorecard.p95_ms is '95th percentile of the time from created_at to the first finish, within 2 %.';
comment on column ai.scorecard.p99_ms is '99th percentile of the time from created_at to the first finish, within 2 %.';
comment on column ai.scorecard.answer_edit_rate is 'Of the answers on which people worked at the desk, the share that they changed (the total of ai.edit_rates). Null: people worked on no answer.';
comment on column ai.scorecard.line_edit_rate is 'Of the line items of those answers, the share that people corrected or removed.';
