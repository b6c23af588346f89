-- Figures. Before ai.rollup_progress.rolled_to, they come from the daily totals; after it, from the runs in the newest partitions.

create or replace view ai.run_details as
select
  u.created_at,
  (u.created_at at time zone 'UTC')::date as day,
  u.status, u.reason, u.error_class, u.provider, u.model, u.prompt_version, u.cost_source, u.end_status,
  -- Runs that called a provider. A deferral without an error comes from a gate, a reused answer needs no call, and the built-in rules make
  -- no call.
  u.provider is not null and u.status <> 'skipped' and coalesce(u.reason not in ('reused', 'written_late'), true)
    and (u.status <> 'deferred' or u.error_class is not null)
    and not (u.provider = 'rules' and u.reason is not distinct from 'cascade') as is_call,
  -- An RFQ's first run (with submit_ms) has no earlier call, so this searches for a call only for other runs.
  case when u.end_status is not null and (u.end_status = 'skipped' or u.reason is not distinct from 'reused'
      or u.provider is not distinct from 'rules' and u.reason is not distinct from 'cascade')
    then u.submit_ms is not null or not ai.was_called(u.rfq_id, u.created_at) else false end as ended_without_call,
  u.input_tokens, u.cached_input_tokens, u.output_tokens, u.reasoning_tokens, u.cost_usd,
  -- Runs of earlier releases may have any submitted_at, even infinity.
  case when u.submitted_at between u.created_at - interval '50 years' and u.created_at + interval '1 day' then u.submitted_at end as submitted_at,
  u.submit_ms, u.queue_ms, u.latency_ms, u.rfq_id
from ai.rag_runs u;

comment on view ai.run_details is 'The figures of each run, for the daily totals and for runs that these do not include yet. Only this view defines which runs count as calls.';
comment on column ai.run_details.created_at is 'Same values as ai.rag_runs.created_at. Filter by it, so that PostgreSQL reads only the needed partitions.';
comment on column ai.run_details.day is 'UTC day of the run.';
comment on column ai.run_details.status is 'Same values as ai.rag_runs.status.';
comment on column ai.run_details.reason is 'Same values as ai.rag_runs.reason.';
comment on column ai.run_details.error_class is 'Same values as ai.rag_runs.error_class.';
comment on column ai.run_details.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.run_details.model is 'Same values as ai.rag_runs.model.';
comment on column ai.run_details.prompt_version is 'Same values as ai.rag_runs.prompt_version.';
comment on column ai.run_details.cost_source is 'Same values as ai.rag_runs.cost_source.';
comment on column ai.run_details.end_status is 'Same values as ai.rag_runs.end_status.';
comment on column ai.run_details.is_call is 'True: the run called a provider, with any result.';
comment on column ai.run_details.ended_without_call is 'True: the RFQ finished for the first time with this run, and no provider was ever called for it. A gate decided, or the RFQ reused an answer. Deferred RFQs have not finished.';
comment on column ai.run_details.input_tokens is 'Billed input tokens.';
comment on column ai.run_details.cached_input_tokens is 'Input tokens read from a cache.';
comment on column ai.run_details.output_tokens is 'Billed output tokens.';
comment on column ai.run_details.reasoning_tokens is 'Output tokens used for reasoning.';
comment on column ai.run_details.cost_usd is 'Cost in US dollars; null: unknown.';
comment on column ai.run_details.submitted_at is 'Same values as ai.rag_runs.submitted_at.';
comment on column ai.run_details.submit_ms is 'Same values as ai.rag_runs.submit_ms.';
comment on column ai.run_details.queue_ms is 'Same values as ai.rag_runs.queue_ms.';
comment on column ai.run_details.latency_ms is 'Same values as ai.rag_runs.latency_ms.';
comment on column ai.run_details.rfq_id is 'Same values as ai.rag_runs.rfq_id.';

create or replace view ai.run_measurements as
select f.created_at, m.day, m.measure, m.ms,
  ceil(ln(greatest(m.ms, 0.01)) / ln(1.04::float8))::smallint as bucket
from ai.run_details f
cross join lateral (values
  ('submit', (f.submitted_at at time zone 'UTC')::date, f.submit_ms::float8),
  ('claim', f.day, f.submit_ms::float8 + f.queue_ms),
  ('call', f.day, case when f.is_call then f.latency_ms::float8 end),
  ('end', f.day, case when f.end_status is not null then extract(epoch from f.created_at - f.submitted_at)::float8 * 1000 end)
) as m(measure, day, ms)
where m.ms is not null and m.day is not null;

comment on view ai.run_measurements is 'Latencies of each run, and their buckets in ai.latency_days. A latency below 0.01 ms counts as 0.01 ms.';
comment on column ai.run_measurements.created_at is 'Same values as ai.rag_runs.created_at.';
comment on column ai.run_measurements.day is 'UTC day of the run; for measure submit, of the submission.';
comment on column ai.run_measurements.measure is 'Same values as ai.latency.measure.';
comment on column ai.run_measurements.ms is 'The latency in milliseconds.';
comment on column ai.run_measurements.bucket is 'Same values as ai.latency_days.bucket.';

create or replace view ai.run_daily_counts as
select d.day, d.status, nullif(d.reason, '') as reason, nullif(d.error_class, '') as error_class,
  nullif(d.provider, '') as provider, nullif(d.model, '') as model, nullif(d.prompt_version, '') as prompt_version,
  nullif(d.cost_source, '') as cost_source, nullif(d.end_status, '') as end_status,
  d.runs, d.calls, d.calls_of_unknown_cost, d.ended_without_call, d.input_tokens, d.cached_input_tokens, d.output_tokens,
  d.reasoning_tokens, d.cost_usd
from ai.run_days d
union all
select f.day, f.status, f.reason, f.error_class, f.provider, f.model, f.prompt_version, f.cost_source, f.end_status,
  count(*), count(*) filter (where f.is_call), count(*) filter (where f.is_call and f.cost_usd is null),
  count(*) filter (where f.ended_without_call), coalesce(sum(f.input_tokens), 0), coalesce(sum(f.cached_input_tokens), 0),
  coalesce(sum(f.output_tokens), 0), coalesce(sum(f.reasoning_tokens), 0), coalesce(sum(f.cost_usd), 0)
from ai.run_details f
where f.created_at >= (select s.rolled_to from ai.rollup_progress s)
group by 1, 2, 3, 4, 5, 6, 7, 8, 9;

comment on view ai.run_daily_counts is 'All runs by day and code, always exact. A combination of codes can have two rows, for runs in the daily totals and for newer runs. Add up both.';
comment on column ai.run_daily_counts.day is 'UTC day of the run.';
comment on column ai.run_daily_counts.status is 'Same values as ai.rag_runs.status.';
comment on column ai.run_daily_counts.reason is 'Same values as ai.rag_runs.reason.';
comment on column ai.run_daily_counts.error_class is 'Same values as ai.rag_runs.error_class.';
comment on column ai.run_daily_counts.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.run_daily_counts.model is 'Same values as ai.rag_runs.model.';
comment on column ai.run_daily_counts.prompt_version is 'Same values as ai.rag_runs.prompt_version.';
comment on column ai.run_daily_counts.cost_source is 'Same values as ai.rag_runs.cost_source.';
comment on column ai.run_daily_counts.end_status is 'Same values as ai.rag_runs.end_status.';
comment on column ai.run_daily_counts.runs is 'Number of runs.';
comment on column ai.run_daily_counts.calls is 'Runs that called a provider.';
comment on column ai.run_daily_counts.calls_of_unknown_cost is 'Calls whose cost is unknown.';
comment on column ai.run_daily_counts.ended_without_call is 'RFQs that finished for the first time without any call.';
comment on column ai.run_daily_counts.input_tokens is 'Sum of billed input tokens.';
comment on column ai.run_daily_counts.cached_input_tokens is 'Sum of input tokens read from a cache.';
comment on column ai.run_daily_counts.output_tokens is 'Sum of billed output tokens.';
comment on column ai.run_daily_counts.reasoning_tokens is 'Sum of output tokens used for reasoning.';
comment on column ai.run_daily_counts.cost_usd is 'Sum of the known costs.';

create or replace view ai.latency_counts as
select d.day, d.measure, d.bucket, d.observations
from ai.latency_days d
union all
select m.day, m.measure, m.bucket, count(*)
from ai.run_measurements m
where m.created_at >= (select s.rolled_to from ai.rollup_progress s)
group by 1, 2, 3;

comment on view ai.latency_counts is 'All latencies as histograms by day. Add up the observations over any days. A bucket can have two rows, for runs in the daily totals and for newer runs.';
comment on column ai.latency_counts.day is 'Same values as ai.latency_days.day.';
comment on column ai.latency_counts.measure is 'Same values as ai.latency.measure.';
comment on column ai.latency_counts.bucket is 'Same values as ai.latency_days.bucket.';
comment on column ai.latency_counts.observations is 'Number of observations.';

create or replace view ai.metrics_daily as
select
  coalesce(c.day, s.day) as day,
  coalesce(s.submitted, 0)::bigint as submitted,
  coalesce(c.ended, 0)::bigint as ended,
  coalesce(c.enriched, 0)::bigint as enriched,
  coalesce(c.skipped, 0)::bigint as skipped,
  coalesce(c.failed, 0)::bigint as failed,
  coalesce(c.deferred, 0)::bigint as deferred,
  coalesce(c.runs, 0)::bigint as runs,
  coalesce(c.calls, 0)::bigint as calls,
  coalesce(c.calls_of_unknown_cost, 0)::bigint as calls_of_unknown_cost,
  coalesce(c.ended_without_call, 0)::bigint as ended_without_call,
  coalesce(c.input_tokens, 0)::bigint as input_tokens,
  coalesce(c.cached_input_tokens, 0)::bigint as cached_input_tokens,
  coalesce(c.output_tokens, 0)::bigint as output_tokens,
  coalesce(c.reasoning_tokens, 0)::bigint as reasoning_tokens,
  (c.cached_input_tokens / nullif(c.input_tokens, 0))::float8 as cached_input_share,
  (c.reasoning_tokens / nullif(c.output_tokens, 0))::float8 as reasoning_share,
  case when c.calls > 0 and c.calls = c.calls_of_unknown_cost then null else coalesce(c.cost_usd, 0) end as cost_usd,
  case when c.calls > 0 and c.calls = c.calls_of_unknown_cost then null else c.cost_usd / nullif(c.ended, 0) end
    as cost_per_rfq_usd,
  (c.calls / nullif(c.ended, 0))::float8 as calls_per_rfq,
  ((c.input_tokens + c.output_tokens) / nullif(c.ended, 0))::float8 as tokens_per_rfq
from (
  select x.day,
    sum(x.runs) filter (where x.end_status is not null) as ended,
    sum(x.runs) filter (where x.end_status = 'done') as enriched,
    sum(x.runs) filter (where x.end_status = 'skipped') as skipped,
    sum(x.runs) filter (where x.end_status = 'failed') as failed,
    sum(x.runs) filter (where x.status = 'deferred') as deferred,
    sum(x.runs) as runs, sum(x.calls) as calls, sum(x.calls_of_unknown_cost) as calls_of_unknown_cost,
    sum(x.ended_without_call) as ended_without_call,
    sum(x.input_tokens) as input_tokens, sum(x.cached_input_tokens) as cached_input_tokens,
    sum(x.output_tokens) as output_tokens, sum(x.reasoning_tokens) as reasoning_tokens, sum(x.cost_usd) as cost_usd
  from ai.run_daily_counts x
  group by x.day
) c
full join (
  select l.day, sum(l.observations) as submitted
  from ai.latency_counts l
  where l.measure = 'submit'
  group by l.day
) s on s.day = c.day;

comment on view ai.metrics_daily is 'RFQs and costs of each UTC day, always exact. A day stays after its runs are dropped.';
comment on column ai.metrics_daily.day is 'UTC day.';
comment on column ai.metrics_daily.submitted is 'RFQs that were submitted on that day and have been claimed at least once. ai.queue_status counts RFQs that still wait for their first claim.';
comment on column ai.metrics_daily.ended is 'RFQs that finished for the first time on that day. Reruns do not count again.';
comment on column ai.metrics_daily.enriched is 'Finished RFQs with an accepted answer.';
comment on column ai.metrics_daily.skipped is 'Finished RFQs that a gate skipped.';
comment on column ai.metrics_daily.failed is 'Finished RFQs that became dead letters.';
comment on column ai.metrics_daily.deferred is 'Deferrals without a charged attempt. An RFQ may count many times.';
comment on column ai.metrics_daily.runs is 'Number of rows of ai.rag_runs.';
comment on column ai.metrics_daily.calls is 'Runs that called a provider, with any result.';
comment on column ai.metrics_daily.calls_of_unknown_cost is 'Calls whose cost is missing in cost_usd.';
comment on column ai.metrics_daily.ended_without_call is 'RFQs that finished without a call: a gate decided, or they reused an answer.';
comment on column ai.metrics_daily.input_tokens is 'Billed input tokens.';
comment on column ai.metrics_daily.cached_input_tokens is 'Input tokens read from a provider''s cache.';
comment on column ai.metrics_daily.output_tokens is 'Billed output tokens.';
comment on column ai.metrics_daily.reasoning_tokens is 'Output tokens used for reasoning.';
comment on column ai.metrics_daily.cached_input_share is 'cached_input_tokens divided by input_tokens.';
comment on column ai.metrics_daily.reasoning_share is 'reasoning_tokens divided by output_tokens.';
comment on column ai.metrics_daily.cost_usd is 'Sum of the known costs, including reruns; null: there were calls, but no cost is known.';
comment on column ai.metrics_daily.cost_per_rfq_usd is 'cost_usd divided by ended.';
comment on column ai.metrics_daily.calls_per_rfq is 'calls divided by ended.';
comment on column ai.metrics_daily.tokens_per_rfq is 'Input and output tokens divided by ended.';

create or replace view ai.latency as
select r.day, r.measure,
  r.total::bigint as observations,
  2 / 2.04 * power(1.04::float8, min(r.bucket) filter (where r.reached >= 0.50 * r.total)) as p50_ms,
  2 / 2.04 * power(1.04::float8, min(r.bucket) filter (where r.reached >= 0.95 * r.total)) as p95_ms,
  2 / 2.04 * power(1.04::float8, min(r.bucket) filter (where r.reached >= 0.99 * r.total)) as p99_ms
from (
  select h.day, h.measure, h.bucket,
    sum(h.observations) over (partition by h.day, h.measure order by h.bucket) as reached,
    sum(h.observations) over (partition by h.day, h.measure) as total
  from (
    select l.day, l.measure, l.bucket, sum(l.observations) as observations
    from ai.latency_counts l
    group by l.day, l.measure, l.bucket
  ) h
) r
group by r.day, r.measure, r.total;

comment on view ai.latency is 'Latencies per UTC day and measure, in milliseconds, within 2 % of the exact percentile.';
comment on column ai.latency.day is 'UTC day of the run; for measure submit, of the submission.';
comment on column ai.latency.measure is
  'submit: from the RFQ''s created_at to the time when the trigger enqueued it. claim: from created_at to the first claim. call: one run that called a provider, including gates and checks. end: from created_at to the first finish.';
comment on column ai.latency.observations is 'Number of observations.';
comment on column ai.latency.p50_ms is 'Median: half of the latencies were at most this value.';
comment on column ai.latency.p95_ms is '95 % of the latencies were at most this value.';
comment on column ai.latency.p99_ms is '99 % of the latencies were at most this value.';

create or replace view ai.failure_causes as
select x.day, x.error_class, x.provider, x.model,
  sum(x.runs)::bigint as runs,
  coalesce(sum(x.runs) filter (where x.end_status = 'failed'), 0)::bigint as rfqs_failed
from ai.run_daily_counts x
where x.error_class is not null
group by x.day, x.error_class, x.provider, x.model;

comment on view ai.failure_causes is 'Failures by UTC day, cause and model.';
comment on column ai.failure_causes.day is 'UTC day.';
comment on column ai.failure_causes.error_class is 'Cause: an error class or a reason.';
comment on column ai.failure_causes.provider is 'Provider that was called; null: no provider was called.';
comment on column ai.failure_causes.model is 'Model that was called.';
comment on column ai.failure_causes.runs is 'Runs with this cause.';
comment on column ai.failure_causes.rfqs_failed is 'Runs that made their RFQ a dead letter for the first time.';

create or replace view ai.override_agreement as
select
  coalesce(r.ai_model, o.ai_model) as model,
  coalesce(r.ai_prompt_version, o.ai_prompt_version) as prompt_version,
  coalesce(r.ai_route, o.ai_route) as ai_route,
  o.route,
  coalesce(r.ai_route, o.ai_route) = o.route as agreed,
  count(*) as overrides
from ai.overrides o
left join ai.rfqs r on r.rfq_id = o.rfq_id
where o.withdrawn_at is null
group by 1, 2, 3, 4, 5;

comment on view ai.override_agreement is
  'Current overrides, compared with the model''s present answer. If the RFQ was deleted, the answer at the time of the override counts. This does not measure accuracy, since people override mostly RFQs that look wrong.';
comment on column ai.override_agreement.model is 'Model of the answer.';
comment on column ai.override_agreement.prompt_version is 'Prompt version of the answer.';
comment on column ai.override_agreement.ai_route is 'The model''s route; null: the model has not answered.';
comment on column ai.override_agreement.route is 'The person''s route.';
comment on column ai.override_agreement.agreed is 'True: both routes are the same; null: the model has not answered.';
comment on column ai.override_agreement.overrides is 'Number of RFQs.';

create or replace view ai.cascade as
select c.day, c.provider, c.model,
  sum(c.runs)::bigint as asked,
  coalesce(sum(c.runs) filter (where c.reason = 'cascade' and c.status = 'succeeded'), 0)::bigint as stood,
  coalesce(sum(c.runs) filter (where c.reason = 'unsure'), 0)::bigint as unsure,
  coalesce(sum(c.runs) filter (where c.reason = 'first_failed'), 0)::bigint as failed,
  sum(c.cost_usd)::numeric(14, 6) as cost_usd,
  (coalesce(sum(c.runs) filter (where c.reason = 'cascade' and c.status = 'succeeded'), 0) * coalesce(d.mean_usd, m.mean_usd)
    - sum(c.cost_usd))::numeric(14, 6) as saved_usd
from ai.run_daily_counts c
left join lateral (
  select sum(x.cost_usd) / nullif(sum(x.calls - x.calls_of_unknown_cost), 0) as mean_usd
  from ai.run_daily_counts x
  where x.day = c.day and coalesce(x.reason not in ('cascade', 'unsure', 'first_failed'), true)
) d on true
cross join lateral (
  select sum(x.cost_usd) / nullif(sum(x.calls - x.calls_of_unknown_cost), 0) as mean_usd
  from ai.run_daily_counts x
  where x.day > (now() at time zone 'UTC')::date - 31 and coalesce(x.reason not in ('cascade', 'unsure', 'first_failed'), true)
) m
where c.reason in ('cascade', 'unsure', 'first_failed')
group by c.day, c.provider, c.model, d.mean_usd, m.mean_usd;

comment on view ai.cascade is
  'Results of a cascade''s first step, by UTC day. `rfqflow eval cascade` estimates the loss of accuracy beforehand; ai.override_agreement shows how people judged the answers.';
comment on column ai.cascade.day is 'UTC day.';
comment on column ai.cascade.provider is 'rules, or the provider of the cheap model.';
comment on column ai.cascade.model is 'rules, or the cheap model.';
comment on column ai.cascade.asked is 'First answers requested. For the rules, only accepted answers are recorded.';
comment on column ai.cascade.stood is 'First answers that were accepted, so that no second call was needed.';
comment on column ai.cascade.unsure is 'First answers whose confidence was too low.';
comment on column ai.cascade.failed is 'First calls that failed.';
comment on column ai.cascade.cost_usd is 'Known cost of the first calls.';
comment on column ai.cascade.saved_usd is 'Estimated saving: the number of saved calls times the mean cost of other calls, minus the cost of the first calls. The mean is of that day, or else of the last 30 days. Null: no cost is known.';

create or replace view ai.calls_avoided as
select c.day, coalesce(c.reason, c.status) as reason,
  sum(c.ended_without_call)::bigint as rfqs,
  -- Mean cost of a call on that day, or else in the last 30 days.
  (sum(c.ended_without_call) * coalesce(d.mean_usd, m.mean_usd))::numeric(14, 6) as saved_usd
from ai.run_daily_counts c
left join lateral (
  select sum(x.cost_usd) / nullif(sum(x.calls - x.calls_of_unknown_cost), 0) as mean_usd
  from ai.run_daily_counts x where x.day = c.day
) d on true
cross join lateral (
  select sum(x.cost_usd) / nullif(sum(x.calls - x.calls_of_unknown_cost), 0) as mean_usd
  from ai.run_daily_counts x where x.day > (now() at time zone 'UTC')::date - 31
) m
where c.ended_without_call > 0
group by c.day, coalesce(c.reason, c.status), d.mean_usd, m.mean_usd;

comment on view ai.calls_avoided is
  'RFQs that finished without a call, by UTC day and reason: a gate skipped them, or they reused an answer. RFQs deferred by a breaker or a budget are not included, since their call comes later.';
comment on column ai.calls_avoided.day is 'UTC day.';
comment on column ai.calls_avoided.reason is 'Code of the gate that skipped the RFQs; reused if they reused an answer; cascade if the rules answered.';
comment on column ai.calls_avoided.rfqs is 'RFQs that finished for the first time with this reason, and for which no provider was ever called.';
comment on column ai.calls_avoided.saved_usd is 'What these RFQs would have cost at the mean cost of calls on that day, or else of the last 30 days; null: no cost is known.';
