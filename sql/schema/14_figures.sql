-- What is counted for ever: roll-ups of the runs.

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
  'Roll-up of ai.rag_runs by UTC day, up to ai.rollup_progress.rolled_to; kept when the runs are dropped. Read it through ai.metrics_daily.';
comment on column ai.run_days.day is 'UTC day of the runs.';
comment on column ai.run_days.status is 'As ai.rag_runs.status.';
comment on column ai.run_days.reason is 'As ai.rag_runs.reason.';
comment on column ai.run_days.error_class is 'As ai.rag_runs.error_class.';
comment on column ai.run_days.provider is 'As ai.rag_runs.provider.';
comment on column ai.run_days.model is 'As ai.rag_runs.model.';
comment on column ai.run_days.prompt_version is 'As ai.rag_runs.prompt_version.';
comment on column ai.run_days.cost_source is 'As ai.rag_runs.cost_source.';
comment on column ai.run_days.end_status is 'As ai.rag_runs.end_status: these runs were their RFQs'' first ends.';
comment on column ai.run_days.runs is 'Runs.';
comment on column ai.run_days.calls is 'Of them, those that asked a provider.';
comment on column ai.run_days.calls_of_unknown_cost is 'Of the calls, those whose cost is unknown.';
comment on column ai.run_days.ended_without_call is 'Of the first ends, those that a gate or an answer that was there already brought about, where no provider was ever asked.';
comment on column ai.run_days.input_tokens is 'Sum.';
comment on column ai.run_days.cached_input_tokens is 'Sum.';
comment on column ai.run_days.output_tokens is 'Sum.';
comment on column ai.run_days.reasoning_tokens is 'Sum.';
comment on column ai.run_days.cost_usd is 'Sum of what is known.';
comment on column ai.run_days.first_unknown_at is 'When the first call of unknown cost was recorded; null: there was none.';
comment on constraint run_days_pkey on ai.run_days is 'One row per combination; few, since all are codes. What is absent is empty here, since a key has no null.';

create table ai.latency_days (
  day          date not null,
  measure      text not null,
  bucket       smallint not null,
  observations bigint not null,
  constraint latency_days_pkey primary key (day, measure, bucket)
) with (fillfactor = 70);

comment on table ai.latency_days is
  'Histograms of latencies by UTC day, up to ai.rollup_progress.rolled_to. Buckets grow by 4 %, so sums over days give quantiles within 2 %.';
comment on column ai.latency_days.day is 'UTC day: of the submission for submit, else of the run.';
comment on column ai.latency_days.measure is 'submit, claim, call or end: see ai.latency.';
comment on column ai.latency_days.bucket is 'n holds what is above 1.04^(n-1) ms and at most 1.04^n ms.';
comment on column ai.latency_days.observations is 'How many.';
comment on constraint latency_days_pkey on ai.latency_days is 'Serves a range of days.';

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

comment on table ai.rollup_progress is 'How far ai.rag_runs has been rolled up; views read the roll-ups below rolled_to and the runs from there on.';
comment on column ai.rollup_progress.one is 'Always true: there is one row.';
comment on column ai.rollup_progress.rolled_to is 'Runs before it are in the roll-ups, each exactly once.';
comment on column ai.rollup_progress.settled_to is 'No run from before it can still appear: every transaction that was open then has ended.';
comment on column ai.rollup_progress.asked_at is 'The next settled_to, as soon as the transactions in running have ended.';
comment on column ai.rollup_progress.running is 'Transactions (virtual ids) that were open at asked_at.';
comment on constraint rollup_is_one_row on ai.rollup_progress is 'There is one roll-up.';
