-- Prompts tried on a share of traffic.

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

comment on table ai.trials is 'Prompts tried on a share of traffic beside the active one.';
comment on column ai.trials.trial is 'Number.';
comment on column ai.trials.kind is
  'shadow: asked beside the active prompt, answers are compared and RFQs untouched; canary: a share of RFQs is enriched with it.';
comment on column ai.trials.prompt_version is 'The candidate.';
comment on column ai.trials.base_version is 'The prompt that was active when it began; a switch ends the trial.';
comment on column ai.trials.percent is 'Share of RFQs, by the hash of their id.';
comment on column ai.trials.started_at is 'When.';
comment on column ai.trials.started_by is 'By whom.';
comment on column ai.trials.looks is 'How often it has been judged: each look has its part of the risk of stopping for nothing.';
comment on column ai.trials.ended_at is 'When; null: it runs.';
comment on column ai.trials.ended_by is 'By whom; rfqflow where it was stopped by itself.';
comment on column ai.trials.end_reason is 'Why.';
comment on column ai.trials.figures is 'What was known of both arms at the end.';
comment on constraint trials_kind_is_known on ai.trials is 'A closed set.';
comment on constraint trials_prompt_version_fkey on ai.trials is 'A prompt that is there.';
comment on constraint trials_base_version_fkey on ai.trials is 'A prompt that is there.';
comment on constraint trials_percent_is_a_percentage on ai.trials is 'Something, and not more than all.';
comment on constraint trials_try_something_else on ai.trials is 'The active prompt is not its own candidate.';
comment on constraint trials_end_has_a_reason on ai.trials is 'Nothing ends without one.';
comment on index ai.trials_prompt_version is 'Serves the trials of a prompt.';
comment on index ai.trials_base_version is 'Serves the trials against a prompt.';
comment on index ai.trials_one_runs_of_each_kind is 'Two canaries at once could not be told apart.';

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

comment on table ai.shadow_results is 'What a shadow said to RFQs that the active prompt had answered.';
comment on column ai.shadow_results.trial is 'The trial.';
comment on column ai.shadow_results.rfq_id is 'The RFQ; it is not touched.';
comment on column ai.shadow_results.taken_at is 'When a worker took it.';
comment on column ai.shadow_results.base_output is 'The active prompt''s answer.';
comment on column ai.shadow_results.base_cost_usd is 'What that cost.';
comment on column ai.shadow_results.base_latency_ms is 'How long that took.';
comment on column ai.shadow_results.model is 'Model that was asked.';
comment on column ai.shadow_results.answer is 'The candidate''s answer; null: none came, or not yet.';
comment on column ai.shadow_results.error_class is 'Why none came; refused: there was no budget or no leave for it.';
comment on column ai.shadow_results.cost_usd is 'What it cost; null is unknown.';
comment on column ai.shadow_results.latency_ms is 'How long it took.';
comment on column ai.shadow_results.ended_at is 'When it ended; null: it is being asked, or its worker is gone.';
comment on constraint shadow_results_pkey on ai.shadow_results is 'Each RFQ once per trial.';
comment on constraint shadow_results_trial_fkey on ai.shadow_results is 'Results go with their trial.';
comment on constraint shadow_results_error_class_is_a_word on ai.shadow_results is 'A code, never a message.';
