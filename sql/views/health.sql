-- Current findings, one row each. Their sentences are in functions/92_health.sql, 93_health_calls.sql, 94_health_settings.sql and 95_health_console.sql.

create or replace view ai.health as
select f.severity, f.code, f.sentence, f.count, f.since, f.remedy
from (
  select w.* from ai.health_of_workers() w
  union all
  select r.* from ai.health_of_rfqs() r
  union all
  select c.* from ai.health_of_calls() c
  union all
  select b.* from ai.health_of_budgets() b
  union all
  select u.* from ai.health_of_upkeep() u
  union all
  select s.* from ai.health_of_settings() s
  union all
  select o.* from ai.health_of_console() o
) f
order by array_position('{critical,warning,info}'::text[], f.severity), f.since nulls last, f.code, f.sentence;

comment on view ai.health is
  'What is wrong now, and what to do: one row per finding, most severe first; empty if all is well. Commands, console, /readyz and /metrics show these rows. Takes under 10 ms for any queue.';
comment on column ai.health.severity is
  'critical: work has stopped or data is at risk, and only a person can fix it. warning: a person should look. info: no action needed.';
comment on column ai.health.code is
  'no_live_worker, paused, claims_fail, oldest_waiting, trigger_missing, file_trigger_missing, enqueue_missed, dead_letters, older_rfqs, breaker_open, waits_for_person, unknown_price, budget_spent, call_exceeds_budget, webhooks_failing, maintenance_late, rules_instead_of_model, provider_misconfigured, archive_folder, console_plain_http or drafts_waiting. A code may have several rows: one per cause, budget or model.';
comment on column ai.health.sentence is 'What is wrong, with numbers. Times are in UTC. It contains no text of a customer.';
comment on column ai.health.count is 'Number of RFQs (messages, steps or calls) affected; 1001 means more than 1,000.';
comment on column ai.health.since is 'Since when the problem exists; null: unknown.';
comment on column ai.health.remedy is 'What to type or do, and its effect.';
