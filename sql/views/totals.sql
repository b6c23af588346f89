-- Samples that /metrics returns, one row per sample, the same on every instance. This file runs after the files of the views that it reads.

create or replace view ai.metrics as
with queue as materialized (
  select * from ai.queue_status
),
counts as materialized (
  -- Sums over all days, so that no total ever falls. There are few rows per day, and they are read once.
  select x.status, x.reason, x.error_class, x.provider, x.model, x.prompt_version, x.cost_source, x.end_status,
    sum(x.runs) as runs, sum(x.calls) as calls, sum(x.calls_of_unknown_cost) as calls_of_unknown_cost,
    sum(x.ended_without_call) as ended_without_call, sum(x.input_tokens) as input_tokens,
    sum(x.cached_input_tokens) as cached_input_tokens, sum(x.output_tokens) as output_tokens,
    sum(x.reasoning_tokens) as reasoning_tokens, sum(x.cost_usd) as cost_usd
  from ai.run_daily_counts x
  group by 1, 2, 3, 4, 5, 6, 7, 8
)
select 'rfqflow_queue_depth' as name, jsonb_build_object('status', s.status) as labels, s.rfqs::float8 as value
from queue q
cross join lateral (values
  ('claimable', q.claimable), ('in_flight', q.in_flight), ('expired', q.expired), ('deferred', q.deferred),
  ('retrying', q.retrying), ('backfill', q.backfill), ('dead', q.dead), ('missed', q.missed)) as s(status, rfqs)
union all
select 'rfqflow_queue_oldest_age_seconds', '{"status": "claimable"}', coalesce(q.oldest_claimable_seconds, 0)
from queue q
union all
select 'rfqflow_paused', '{}', (q.mode <> 'on')::integer
from queue q
union all
select 'rfqflow_workers', '{}', q.workers
from queue q
union all
select 'rfqflow_health_findings', jsonb_build_object('severity', h.severity, 'code', h.code), sum(h.count)
from ai.health h
group by h.severity, h.code
union all
select 'rfqflow_claims_failing_seconds', '{}', max(w.claims_failing_seconds)
from ai.worker_status w
having max(w.claims_failing_seconds) is not null
union all
select 'rfqflow_inflight', jsonb_build_object('model', w.model), sum(w.in_flight)
from ai.worker_status w
group by w.model
union all
select 'rfqflow_runs_total',
  jsonb_strip_nulls(jsonb_build_object(
    'status', x.status, 'reason', x.reason, 'model', x.model, 'prompt', x.prompt_version)),
  sum(x.runs)
from counts x
group by x.status, x.reason, x.model, x.prompt_version
union all
select 'rfqflow_rfqs_ended_total', jsonb_build_object('status', x.end_status), sum(x.runs)
from counts x
where x.end_status is not null
group by x.end_status
union all
select 'rfqflow_errors_total',
  jsonb_strip_nulls(jsonb_build_object('class', x.error_class, 'provider', x.provider, 'model', x.model)), sum(x.runs)
from counts x
where x.error_class is not null
group by x.error_class, x.provider, x.model
union all
select 'rfqflow_llm_calls_total',
  jsonb_build_object('provider', x.provider, 'model', x.model, 'outcome', coalesce(x.error_class, 'ok')), sum(x.calls)
from counts x
where x.calls > 0
group by x.provider, x.model, coalesce(x.error_class, 'ok')
union all
select 'rfqflow_llm_calls_avoided_total', jsonb_build_object('reason', coalesce(x.reason, 'unknown')),
  sum(x.ended_without_call)
from counts x
where x.ended_without_call > 0
group by coalesce(x.reason, 'unknown')
union all
select 'rfqflow_llm_tokens_total', jsonb_build_object('provider', t.provider, 'model', t.model, 'type', k.type), k.tokens
from (
  select x.provider, x.model, sum(x.input_tokens) as input_tokens, sum(x.cached_input_tokens) as cached_input_tokens,
    sum(x.output_tokens) as output_tokens, sum(x.reasoning_tokens) as reasoning_tokens
  from counts x
  where x.input_tokens + x.output_tokens > 0
  group by x.provider, x.model
) t
cross join lateral (values
  ('input', t.input_tokens), ('cached_input', t.cached_input_tokens), ('output', t.output_tokens),
  ('reasoning', t.reasoning_tokens)) as k(type, tokens)
union all
select 'rfqflow_llm_cost_usd_total',
  jsonb_strip_nulls(jsonb_build_object(
    'provider', x.provider, 'model', x.model, 'source', coalesce(x.cost_source, 'unknown'))), sum(x.cost_usd)
from counts x
where x.calls > 0 or x.cost_usd > 0
group by x.provider, x.model, coalesce(x.cost_source, 'unknown')
union all
select 'rfqflow_llm_calls_of_unknown_cost_total', jsonb_build_object('provider', x.provider, 'model', x.model),
  sum(x.calls_of_unknown_cost)
from counts x
where x.calls > 0
group by x.provider, x.model
union all
select 'rfqflow_overrides_total',
  jsonb_strip_nulls(jsonb_build_object('field', 'route', 'agreed', (o.ai_route = o.route)::text)), count(*)
from ai.overrides o
group by o.ai_route = o.route
union all
select 'rfqflow_edited_' || k.what, jsonb_strip_nulls(jsonb_build_object('prompt', e.prompt_version, 'model', e.model, 'route', e.route, 'edited', k.edited)), k.number
from ai.edit_rates e
cross join lateral (values ('answers', 'yes', e.edited_answers), ('answers', 'no', e.answers - e.edited_answers),
  ('lines', 'yes', e.edited_lines), ('lines', 'no', e.lines - e.edited_lines)) as k(what, edited, number)
union all
select 'rfqflow_latency_seconds', jsonb_build_object('measure', l.measure, 'quantile', k.quantile), k.ms / 1000
from ai.latency l
cross join lateral (values ('0.5', l.p50_ms), ('0.95', l.p95_ms), ('0.99', l.p99_ms)) as k(quantile, ms)
where l.day = (now() at time zone 'UTC')::date
union all
select 'rfqflow_breaker_state', jsonb_build_object('key', b.provider || '/' || b.model),
  case b.state when 'closed' then 0 when 'half_open' then 1 else 2 end
from ai.breaker_status b
union all
select 'rfqflow_breaker_transitions_total',
  jsonb_build_object('key', e.provider || '/' || e.model, 'to', substring(e.kind from '^breaker_(closed|half_open|open)'),
    'reason', coalesce(e.reason, case e.kind when 'breaker_half_opened' then 'cooled_down' else 'probe' end)),
  sum(e.events)
from (
  select x.kind, x.provider, x.model, x.reason, count(*) as events from ai.events x group by 1, 2, 3, 4
  union all
  select t.kind, t.provider, t.model, nullif(t.reason, ''), t.events from ai.event_totals t
) e
where e.kind like 'breaker\_%'
group by 2
union all
select 'rfqflow_provider_not_before_timestamp_seconds', jsonb_build_object('key', b.provider || '/' || b.model),
  extract(epoch from b.not_before)::float8
from ai.breaker_status b
where b.not_before is not null
union all
select k.name, jsonb_build_object('scope', b.scope, 'period', b.period), k.usd
from ai.budget_status b
cross join lateral (values
  ('rfqflow_budget_limit_usd', b.cap_usd), ('rfqflow_budget_spent_usd', b.spent_usd),
  ('rfqflow_budget_assumed_usd', b.assumed_usd), ('rfqflow_budget_held_usd', b.held_usd)) as k(name, usd)
where b.scope <> 'sender';

comment on view ai.metrics is
  'Samples for Prometheus: name, labels and value in base units. Every instance returns the same values, so aggregate with max. Samples whose name ends in _total only rise. Labels are codes from bounded sets, never data of a customer.';
comment on column ai.metrics.name is 'Name of the metric.';
comment on column ai.metrics.labels is 'Labels as an object of strings; absent labels are left out.';
comment on column ai.metrics.value is 'Value of the sample.';
