-- What people decide against or with the model, and what is counted for ever: overrides and roll-ups.

create table ai.overrides (
  override_id      bigint generated always as identity primary key,
  rfq_id           uuid not null,
  route            text not null,
  actor            text not null,
  reason           text,
  created_at       timestamptz not null default clock_timestamp(),
  ai_route         text,
  ai_confidence    real,
  ai_prompt_version text,
  ai_model         text,
  content_sha256   bytea,
  withdrawn_at     timestamptz,
  withdrawn_by     text,
  withdrawn_reason text,
  constraint overrides_actor_is_named check (actor <> '' and withdrawn_by <> ''),
  constraint overrides_withdrawn_by_somebody check ((withdrawn_at is null) = (withdrawn_by is null))
);
create unique index overrides_one_stands_per_rfq on ai.overrides (rfq_id) where withdrawn_at is null;
create index overrides_rfq_id on ai.overrides (rfq_id, created_at);

comment on table ai.overrides is
  'A human''s routing, kept for ever: the row without withdrawn_at stands and wins in ai.rfq_status.route. Written by ai.override_rfq and ai.withdraw_override.';
comment on column ai.overrides.override_id is 'Rises with each override.';
comment on column ai.overrides.rfq_id is 'The RFQ; no foreign key, since what people decided outlives it.';
comment on column ai.overrides.route is 'Where it goes, a slug of ai.routes as it was then.';
comment on column ai.overrides.actor is 'Who decided.';
comment on column ai.overrides.reason is 'Why, if told.';
comment on column ai.overrides.created_at is 'When.';
comment on column ai.overrides.ai_route is 'What the model had said by then; null: nothing yet.';
comment on column ai.overrides.ai_confidence is 'How sure it was.';
comment on column ai.overrides.ai_prompt_version is 'With which prompt.';
comment on column ai.overrides.ai_model is 'Which model.';
comment on column ai.overrides.content_sha256 is 'Hash of the message that the human decided about.';
comment on column ai.overrides.withdrawn_at is 'When it was withdrawn, or another took its place; null: it stands.';
comment on column ai.overrides.withdrawn_by is 'By whom.';
comment on column ai.overrides.withdrawn_reason is 'Why, if told.';
comment on constraint overrides_actor_is_named on ai.overrides is 'Nobody overrides namelessly.';
comment on constraint overrides_withdrawn_by_somebody on ai.overrides is 'A withdrawal has a time and a name, or neither.';
comment on index ai.overrides_one_stands_per_rfq is 'Serves ai.rfq_status; two that override at once can not both stand.';
comment on index ai.overrides_rfq_id is 'Serves an RFQ''s timeline.';

-- What a run must carry so that figures need no look at the application's table, which may change or go.
alter table ai.rag_runs
  add column submitted_at timestamptz,
  add column submit_ms real,
  add column end_status text,
  add constraint rag_runs_end_status_is_known check (end_status in ('done', 'skipped', 'failed'));

comment on column ai.rag_runs.submitted_at is 'created_at of the RFQ; null where it is older than the installation (backfilled): its age says nothing of us.';
comment on column ai.rag_runs.submit_ms is 'From the RFQ''s created_at to the trigger''s clock, milliseconds; on the RFQ''s first run only.';
comment on column ai.rag_runs.end_status is 'The RFQ''s status where this run brought it to its first end: each RFQ counts once, whatever is rerun later.';
comment on constraint rag_runs_end_status_is_known on ai.rag_runs is 'A closed set.';

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
  cost_usd            numeric not null,
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
comment on column ai.run_days.ended_without_call is 'Of the first ends, those a gate or an answer that was there already brought about.';
comment on column ai.run_days.input_tokens is 'Sum.';
comment on column ai.run_days.cached_input_tokens is 'Sum.';
comment on column ai.run_days.output_tokens is 'Sum.';
comment on column ai.run_days.cost_usd is 'Sum of what is known.';
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
select f.at, f.at, f.at from (select coalesce(min(u.created_at), clock_timestamp()) as at from ai.rag_runs u) f;

comment on table ai.rollup_progress is 'How far ai.rag_runs has been rolled up; views read the roll-ups below rolled_to and the runs from there on.';
comment on column ai.rollup_progress.one is 'Always true: there is one row.';
comment on column ai.rollup_progress.rolled_to is 'Runs before it are in the roll-ups, each exactly once.';
comment on column ai.rollup_progress.settled_to is 'No run from before it can still appear: every transaction that was open then has ended.';
comment on column ai.rollup_progress.asked_at is 'The next settled_to, as soon as the transactions in running have ended.';
comment on column ai.rollup_progress.running is 'Transactions (virtual ids) that were open at asked_at.';
comment on constraint rollup_is_one_row on ai.rollup_progress is 'There is one roll-up.';

insert into ai.policy (key, value, default_value, kind, unit, minimum, maximum, choices, description) values
  ('scorecard_days', '7', '7', 'number', 'days', 1, 366, null,
   'How many days, today included, ai.scorecard is about; days are of UTC');
