-- Prompt experiments on a share of RFQs.

create table ai.trials (
  trial          bigint generated always as identity primary key,
  kind           text not null,
  prompt_version text not null references ai.prompts (version),
  base_version   text not null references ai.prompts (version),
  percent        numeric not null,
  started_at     timestamptz not null default clock_timestamp(),
  started_by     text not null,
  looks          smallint not null default 0,
  ended_at       timestamptz,
  ended_by       text,
  end_reason     text,
  figures        jsonb,
  constraint trials_kind_is_known check (kind in ('shadow', 'canary')),
  constraint trials_percent_is_a_percentage check (percent > 0 and percent <= 100),
  constraint trials_try_something_else check (prompt_version <> base_version),
  constraint trials_end_has_a_reason check ((ended_at is null) = (end_reason is null))
);
create index trials_prompt_version on ai.trials (prompt_version);
create index trials_base_version on ai.trials (base_version);
create unique index trials_one_runs_of_each_kind on ai.trials (kind) where ended_at is null;

comment on table ai.trials is 'Prompt experiments: prompt versions that workers use for a share of RFQs, in addition to the active version.';
comment on column ai.trials.trial is 'Number of the experiment.';
comment on column ai.trials.kind is
  'shadow: workers also ask with the candidate and compare the answers, and RFQs do not change. canary: workers enrich a share of RFQs with the candidate.';
comment on column ai.trials.prompt_version is 'Prompt version of the candidate.';
comment on column ai.trials.base_version is 'The active prompt at the start. Activating another prompt ends the experiment.';
comment on column ai.trials.percent is 'Share of RFQs, chosen by the hash of their id.';
comment on column ai.trials.started_at is 'When the experiment started.';
comment on column ai.trials.started_by is 'Who started the experiment.';
comment on column ai.trials.looks is 'How often the two prompts have been compared. Each comparison uses up a part of the allowed risk of a wrong stop.';
comment on column ai.trials.ended_at is 'When the experiment ended; null: it runs.';
comment on column ai.trials.ended_by is 'Who ended the experiment; rfqflow: it stopped automatically.';
comment on column ai.trials.end_reason is 'Why the experiment ended.';
comment on column ai.trials.figures is 'Figures of both prompts at the end.';
comment on constraint trials_kind_is_known on ai.trials is 'One of the allowed values.';
comment on constraint trials_prompt_version_fkey on ai.trials is 'The prompt version must exist.';
comment on constraint trials_base_version_fkey on ai.trials is 'The prompt version must exist.';
comment on constraint trials_percent_is_a_percentage on ai.trials is 'Above 0 %, at most 100 %.';
comment on constraint trials_try_something_else on ai.trials is 'The candidate differs from the active prompt.';
comment on constraint trials_end_has_a_reason on ai.trials is 'An ended experiment has a reason.';
comment on index ai.trials_prompt_version is 'Used to find the experiments of a prompt.';
comment on index ai.trials_base_version is 'Used to find the experiments against a prompt.';
comment on index ai.trials_one_runs_of_each_kind is 'At most one shadow and one canary run at a time: the effects of two could not be separated.';

create table ai.shadow_results (
  trial           bigint not null references ai.trials on delete cascade,
  rfq_id          uuid not null,
  taken_at        timestamptz not null default clock_timestamp(),
  base_output     jsonb not null,
  base_cost_usd   numeric(14, 9),
  base_latency_ms real,
  model           text,
  answer          jsonb,
  error_class     text,
  cost_usd        numeric(14, 9),
  latency_ms      real,
  ended_at        timestamptz,
  constraint shadow_results_pkey primary key (trial, rfq_id),
  constraint shadow_results_error_class_is_a_word check (error_class ~ '^[a-z][a-z0-9_]{0,39}$')
);

comment on table ai.shadow_results is 'Answers of a shadow prompt about RFQs that the active prompt has answered.';
comment on column ai.shadow_results.trial is 'The experiment.';
comment on column ai.shadow_results.rfq_id is 'The RFQ, which does not change.';
comment on column ai.shadow_results.taken_at is 'When a worker claimed the RFQ for the shadow.';
comment on column ai.shadow_results.base_output is 'Answer of the active prompt.';
comment on column ai.shadow_results.base_cost_usd is 'Cost of the active prompt''s call.';
comment on column ai.shadow_results.base_latency_ms is 'Duration of the active prompt''s call.';
comment on column ai.shadow_results.model is 'Model that the worker asked.';
comment on column ai.shadow_results.answer is 'Answer of the candidate; null: it gave no answer, or not yet.';
comment on column ai.shadow_results.error_class is 'Why there is no answer. refused: a budget or another limit did not admit the call.';
comment on column ai.shadow_results.cost_usd is 'Cost of the candidate''s call; null: unknown.';
comment on column ai.shadow_results.latency_ms is 'Duration of the candidate''s call.';
comment on column ai.shadow_results.ended_at is 'When the call ended; null: the call is in flight, or its worker died.';
comment on constraint shadow_results_pkey on ai.shadow_results is 'An experiment has one row per RFQ.';
comment on constraint shadow_results_trial_fkey on ai.shadow_results is 'Results are deleted with their experiment.';
comment on constraint shadow_results_error_class_is_a_word on ai.shadow_results is 'A code, never a message.';
