-- Daily totals of runs, kept for ever.

create table ai.run_days (
  day                 date not null,
  status              text not null,
  reason              text not null,
  error_class         text not null,
  provider            text not null,
  model               text not null,
  prompt_version      text not null,
  cost_source         text not null,
  end_status          text not null,
  runs                bigint not null,
  calls               bigint not null,
  calls_of_unknown_cost bigint not null,
  ended_without_call  bigint not null,
  input_tokens        bigint not null,
  cached_input_tokens bigint not null,
  output_tokens       bigint not null,
  reasoning_tokens    bigint not null,
  cost_usd            numeric not null,
  first_unknown_at    timestamptz,
  constraint run_days_pkey primary key (
    day, status, reason, error_class, provider, model, prompt_version, cost_source, end_status)
) with (fillfactor = 70);

comment on table ai.run_days is
  'Totals of ai.rag_runs by UTC day, up to ai.rollup_progress.rolled_to. The totals stay when the runs are dropped. Read them through ai.metrics_daily.';
comment on column ai.run_days.day is 'UTC day of the runs.';
comment on column ai.run_days.status is 'Same values as ai.rag_runs.status.';
comment on column ai.run_days.reason is 'Same values as ai.rag_runs.reason.';
comment on column ai.run_days.error_class is 'Same values as ai.rag_runs.error_class.';
comment on column ai.run_days.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.run_days.model is 'Same values as ai.rag_runs.model.';
comment on column ai.run_days.prompt_version is 'Same values as ai.rag_runs.prompt_version.';
comment on column ai.run_days.cost_source is 'Same values as ai.rag_runs.cost_source.';
comment on column ai.run_days.end_status is 'Same values as ai.rag_runs.end_status. If it is set, these runs finished their RFQs for the first time.';
comment on column ai.run_days.runs is 'Number of runs.';
comment on column ai.run_days.calls is 'Runs that called a provider.';
comment on column ai.run_days.calls_of_unknown_cost is 'Calls whose cost is unknown.';
comment on column ai.run_days.ended_without_call is 'RFQs that finished for the first time without any call: a gate skipped them, or they reused an answer.';
comment on column ai.run_days.input_tokens is 'Sum of billed input tokens.';
comment on column ai.run_days.cached_input_tokens is 'Sum of input tokens read from a cache.';
comment on column ai.run_days.output_tokens is 'Sum of billed output tokens.';
comment on column ai.run_days.reasoning_tokens is 'Sum of output tokens used for reasoning.';
comment on column ai.run_days.cost_usd is 'Sum of the known costs.';
comment on column ai.run_days.first_unknown_at is 'When the first call of unknown cost was recorded; null: there was no such call.';
comment on constraint run_days_pkey on ai.run_days is 'One row per combination of codes. An absent code is an empty string, since a key cannot hold null.';

create table ai.latency_days (
  day          date not null,
  measure      text not null,
  bucket       smallint not null,
  observations bigint not null,
  constraint latency_days_pkey primary key (day, measure, bucket)
) with (fillfactor = 70);

comment on table ai.latency_days is
  'Histograms of latencies by UTC day, up to ai.rollup_progress.rolled_to. Each bucket is 4 % wider than the one before, so quantiles over several days are exact within 2 %.';
comment on column ai.latency_days.day is 'UTC day of the run; for measure submit, of the submission.';
comment on column ai.latency_days.measure is 'What was measured, as in ai.latency: submit, claim, call or end.';
comment on column ai.latency_days.bucket is 'Number of the bucket. Bucket n has values above 1.04^(n-1) ms, and up to 1.04^n ms.';
comment on column ai.latency_days.observations is 'Number of observations.';
comment on constraint latency_days_pkey on ai.latency_days is 'Used to read a range of days.';

create table ai.rollup_progress (
  one        boolean primary key default true,
  rolled_to  timestamptz not null,
  settled_to timestamptz not null,
  asked_at   timestamptz not null,
  running    text[] not null default '{}',
  constraint rollup_is_one_row check (one)
);
insert into ai.rollup_progress (rolled_to, settled_to, asked_at)
select f.at, f.at, f.at from clock_timestamp() as f(at);

comment on table ai.rollup_progress is 'How far ai.rag_runs has been added to the daily totals. Views read totals for the time before rolled_to, and runs for the time after it.';
comment on column ai.rollup_progress.one is 'Always true, so that the table has one row.';
comment on column ai.rollup_progress.rolled_to is 'The daily totals count each run before this time exactly once.';
comment on column ai.rollup_progress.settled_to is 'No run with an earlier time can still appear, since every transaction that was open at this time has ended.';
comment on column ai.rollup_progress.asked_at is 'The next value of settled_to, once the transactions in running have ended.';
comment on column ai.rollup_progress.running is 'Virtual ids of the transactions that were open at asked_at.';
comment on constraint rollup_is_one_row on ai.rollup_progress is 'The table has one row.';
