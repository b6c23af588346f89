-- How good answers are: labelled cases, what was measured on them, and what confidence is worth.

create table ai.eval_cases (
  case_id     text primary key,
  family      text not null,
  provenance  text not null,
  rfq_id      uuid,
  override_id bigint unique,
  message     text not null,
  company     text,
  contact     jsonb not null default '{}',
  labels      jsonb not null,
  created_at  timestamptz not null default clock_timestamp(),
  created_by  text not null default session_user,
  is_active   boolean not null default true,
  constraint eval_cases_provenance_is_known check (provenance in ('file', 'sample', 'override', 'correction')),
  constraint eval_cases_labels_are_an_object check (jsonb_typeof(labels) = 'object' and jsonb_typeof(contact) = 'object')
);
create index eval_cases_rfq_id on ai.eval_cases (rfq_id) where rfq_id is not null;

comment on table ai.eval_cases is
  'Labelled RFQs that answers are measured on. What comes from the application''s table is masked: addresses, numbers and accounts are placeholders.';
comment on column ai.eval_cases.case_id is 'Name; importing the same one again replaces its labels.';
comment on column ai.eval_cases.family is 'Near-copies share one and count as one voice.';
comment on column ai.eval_cases.provenance is 'file (imported), sample (sampled here, labelled by a person), override (a person''s routing), correction (what people corrected of one answer, and nothing else).';
comment on column ai.eval_cases.rfq_id is 'The RFQ it was made from.';
comment on column ai.eval_cases.override_id is 'The override that labelled it; one case each.';
comment on column ai.eval_cases.message is 'What the customer wrote, masked where it came from here.';
comment on column ai.eval_cases.company is 'Company, as the model sees it.';
comment on column ai.eval_cases.contact is 'name, email, phone, source_ip of a corpus; of an RFQ from here only whether they were given.';
comment on column ai.eval_cases.labels is 'What a person says is right, in the corpus'' form; what is absent is not measured.';
comment on column ai.eval_cases.created_at is 'When.';
comment on column ai.eval_cases.created_by is 'By whom.';
comment on column ai.eval_cases.is_active is 'False: kept, but no longer measured on.';
comment on constraint eval_cases_provenance_is_known on ai.eval_cases is 'A closed set.';
comment on constraint eval_cases_labels_are_an_object on ai.eval_cases is 'Objects.';
comment on constraint eval_cases_override_id_key on ai.eval_cases is 'An override becomes one case, however often it is imported.';
comment on index ai.eval_cases_rfq_id is 'Serves erasing what was made from an RFQ.';

create table ai.eval_runs (
  eval_run       bigint generated always as identity primary key,
  started_at     timestamptz not null default clock_timestamp(),
  finished_at    timestamptz,
  started_by     text not null default session_user,
  provider       text not null,
  model          text not null,
  prompt_version text not null,
  prompt_sha256  bytea not null,
  source         text not null,
  cases          integer not null,
  repeats        smallint not null,
  report         jsonb,
  constraint eval_runs_are_counts check (cases >= 0 and repeats > 0),
  constraint eval_runs_have_a_report_when_finished check ((finished_at is null) = (report is null))
);
create index eval_runs_prompt_version on ai.eval_runs (prompt_version);

comment on table ai.eval_runs is 'One row per measurement of a prompt with a model on a set of cases.';
comment on column ai.eval_runs.eval_run is 'The number to give to `rfqflow eval compare` and `gate`.';
comment on column ai.eval_runs.started_at is 'When it began.';
comment on column ai.eval_runs.finished_at is 'When all its cases were asked; null: it was broken off, and goes on from what is cached when started again.';
comment on column ai.eval_runs.started_by is 'By whom.';
comment on column ai.eval_runs.provider is 'Who was asked.';
comment on column ai.eval_runs.model is 'Which model.';
comment on column ai.eval_runs.prompt_version is 'With which prompt.';
comment on column ai.eval_runs.prompt_sha256 is 'Hash of that prompt with its schema, routes and parameters.';
comment on column ai.eval_runs.source is 'Where the cases come from: db, or a file''s name.';
comment on column ai.eval_runs.cases is 'How many.';
comment on column ai.eval_runs.repeats is 'How often each was asked.';
comment on column ai.eval_runs.report is 'The figures.';
comment on constraint eval_runs_are_counts on ai.eval_runs is 'Counts.';
comment on constraint eval_runs_have_a_report_when_finished on ai.eval_runs is 'A measurement that is complete says what it found.';
comment on index ai.eval_runs_prompt_version is 'Serves the question whether a prompt has been measured.';

create table ai.eval_results (
  eval_run      bigint not null references ai.eval_runs on delete cascade,
  case_id       text not null,
  repeat        smallint not null,
  case_sha256   bytea not null,
  prompt_sha256 bytea not null,
  provider      text not null,
  model         text not null,
  created_at    timestamptz not null default clock_timestamp(),
  is_cached     boolean not null,
  facts         jsonb not null,
  answer        jsonb,
  error_class   text,
  input_tokens  integer,
  output_tokens integer,
  cached_input_tokens integer,
  reasoning_tokens integer,
  cost_usd      numeric(14, 9),
  latency_ms    real,
  constraint eval_results_pkey primary key (eval_run, case_id, repeat),
  constraint eval_results_answer_or_error check ((answer is null) <> (error_class is null)),
  constraint eval_results_error_class_is_a_word check (error_class ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index eval_results_cache on ai.eval_results (case_sha256, prompt_sha256, provider, model, repeat);

comment on table ai.eval_results is
  'Answers to cases. The same text asked with the same prompt, parameters and model is not paid for again: it is copied from here.';
comment on column ai.eval_results.eval_run is 'The measurement.';
comment on column ai.eval_results.case_id is 'The case.';
comment on column ai.eval_results.repeat is 'Which repeat, from 1.';
comment on column ai.eval_results.case_sha256 is 'Hash of what was shown of the case; labels are not part of it.';
comment on column ai.eval_results.prompt_sha256 is 'Hash of the prompt with its schema, routes and parameters.';
comment on column ai.eval_results.provider is 'Who answered.';
comment on column ai.eval_results.model is 'Which model.';
comment on column ai.eval_results.created_at is 'When.';
comment on column ai.eval_results.is_cached is 'Copied from an earlier measurement: nothing was paid now.';
comment on column ai.eval_results.facts is 'What the case was judged by: its labels then, family, length, what the spam gate says.';
comment on column ai.eval_results.answer is 'The answer as checked and grounded; null: none came.';
comment on column ai.eval_results.error_class is 'Why none came.';
comment on column ai.eval_results.input_tokens is 'Billed input.';
comment on column ai.eval_results.output_tokens is 'Billed output.';
comment on column ai.eval_results.cached_input_tokens is 'Of the input, read from a cache.';
comment on column ai.eval_results.reasoning_tokens is 'Of the output, what the model thought and did not write.';
comment on column ai.eval_results.cost_usd is 'What the answer cost when it was asked for; null is unknown.';
comment on column ai.eval_results.latency_ms is 'How long it took then.';
comment on constraint eval_results_pkey on ai.eval_results is 'Each case once per measurement and repeat.';
comment on constraint eval_results_eval_run_fkey on ai.eval_results is 'Results go with their measurement.';
comment on constraint eval_results_answer_or_error on ai.eval_results is 'One of the two.';
comment on constraint eval_results_error_class_is_a_word on ai.eval_results is 'A code, never a message.';
comment on index ai.eval_results_cache is 'Serves the look-up by content.';

create table ai.eval_calls (
  claim_id    bigint primary key,
  purpose     text not null,
  scope       text not null default 'evaluation',
  provider    text not null,
  model       text not null,
  admitted_at timestamptz not null,
  settled_at  timestamptz not null default clock_timestamp(),
  booked_usd  numeric(14, 9) not null,
  error_class text,
  is_assumed  boolean not null default false,
  constraint eval_calls_purpose_is_known check (purpose in ('evaluation', 'shadow', 'draft', 'lost')),
  constraint eval_calls_scope_is_known check (scope in ('evaluation', 'draft'))
);
create index eval_calls_admitted_at on ai.eval_calls (admitted_at);

comment on table ai.eval_calls is
  'What calls that no RFQ waits for were booked at: the ledger of budget scopes evaluation and draft, as ai.rag_runs is that of global.';
comment on column ai.eval_calls.claim_id is 'The hold''s number.';
comment on column ai.eval_calls.purpose is 'evaluation, shadow, draft, or lost: it ended without a word and counts with all that was held.';
comment on column ai.eval_calls.scope is 'The budget that it counts for: evaluation (with shadows) or draft.';
comment on column ai.eval_calls.provider is 'Who was asked.';
comment on column ai.eval_calls.model is 'Which model.';
comment on column ai.eval_calls.admitted_at is 'When leave was given: it counts in the budget windows of that moment.';
comment on column ai.eval_calls.settled_at is 'When it ended.';
comment on column ai.eval_calls.booked_usd is 'What the budgets were charged.';
comment on column ai.eval_calls.error_class is 'What went wrong, if anything.';
comment on column ai.eval_calls.is_assumed is 'Booked at an assumed price, which is corrected when the price is set.';
comment on constraint eval_calls_purpose_is_known on ai.eval_calls is 'A closed set.';
comment on constraint eval_calls_scope_is_known on ai.eval_calls is 'A closed set.';
comment on index ai.eval_calls_admitted_at is 'Serves the sums of budget windows.';

create table ai.eval_requests (
  request          bigint generated always as identity primary key,
  prompt_version   text not null references ai.prompts (version),
  model            text,
  most_usd         numeric not null,
  requested_at     timestamptz not null default clock_timestamp(),
  requested_by     text not null,
  takes            smallint not null default 0,
  claim_id         bigint,
  lease_expires_at timestamptz,
  eval_run         bigint references ai.eval_runs on delete set null,
  cases            integer not null default 0,
  answered         integer not null default 0,
  spent_usd        numeric(14, 9) not null default 0,
  ended_at         timestamptz,
  ended_by         text,
  end_reason       text,
  constraint eval_requests_most_usd_is_an_amount check (most_usd >= 0 and most_usd <= 1000000),
  constraint eval_requests_are_held_with_a_lease check ((claim_id is null) = (lease_expires_at is null)),
  constraint eval_requests_end_has_a_reason check ((ended_at is null) = (end_reason is null))
);
create unique index eval_requests_one_at_a_time on ai.eval_requests ((true)) where ended_at is null;
create index eval_requests_prompt_version on ai.eval_requests (prompt_version);
create index eval_requests_eval_run on ai.eval_requests (eval_run);

comment on table ai.eval_requests is
  'Evaluations that a person without a model''s key asked for, on a page or from SQL: a worker takes one up and measures, one at a time in the whole fleet.';
comment on column ai.eval_requests.request is 'Number.';
comment on column ai.eval_requests.prompt_version is 'What is to be measured, on all active cases.';
comment on column ai.eval_requests.model is 'With which model; null: the one of the worker that takes it.';
comment on column ai.eval_requests.most_usd is 'Most that it may cost, all who take it up together.';
comment on column ai.eval_requests.requested_at is 'When.';
comment on column ai.eval_requests.requested_by is 'By whom.';
comment on column ai.eval_requests.takes is 'How many workers have taken it up: one that ends them is given up.';
comment on column ai.eval_requests.claim_id is 'Fence of the worker that is at it; null: it waits.';
comment on column ai.eval_requests.lease_expires_at is 'When another may take it over, unless that one goes on.';
comment on column ai.eval_requests.eval_run is 'The measurement of who has it, or had it last.';
comment on column ai.eval_requests.cases is 'Number of answers that the evaluation needs.';
comment on column ai.eval_requests.answered is 'How many there are.';
comment on column ai.eval_requests.spent_usd is 'What they have cost so far; those that were known already cost nothing.';
comment on column ai.eval_requests.ended_at is 'When it ended; null: it waits or runs.';
comment on column ai.eval_requests.ended_by is 'Who cancelled it, if a person did.';
comment on column ai.eval_requests.end_reason is 'finished, cancelled, or why it had to stop; what was answered is kept, and the next one goes on from there.';
comment on constraint eval_requests_prompt_version_fkey on ai.eval_requests is 'A prompt that is there.';
comment on constraint eval_requests_eval_run_fkey on ai.eval_requests is 'A request outlives its measurement.';
comment on constraint eval_requests_most_usd_is_an_amount on ai.eval_requests is 'US dollars.';
comment on constraint eval_requests_are_held_with_a_lease on ai.eval_requests is 'Nobody holds it for ever.';
comment on constraint eval_requests_end_has_a_reason on ai.eval_requests is 'Nothing ends without one.';
comment on index ai.eval_requests_one_at_a_time is 'Two at once would spend one budget and tell nobody which.';
comment on index ai.eval_requests_prompt_version is 'Serves the requests of a prompt.';
comment on index ai.eval_requests_eval_run is 'Serves the foreign key when a measurement is deleted.';

create table ai.calibrations (
  prompt_version text not null,
  model          text not null,
  points         jsonb not null,
  cases          integer not null,
  error_before   real not null,
  error_after    real not null,
  eval_run       bigint references ai.eval_runs on delete set null,
  created_at     timestamptz not null default clock_timestamp(),
  created_by     text not null default session_user,
  constraint calibrations_pkey primary key (prompt_version, model),
  constraint calibrations_points_are_a_list check (jsonb_typeof(points) = 'array')
);

comment on table ai.calibrations is
  'What a confidence is worth, per prompt and model: workers turn what the model says into the share of such answers that were right. Workers follow within a second.';
comment on column ai.calibrations.prompt_version is 'Prompt.';
comment on column ai.calibrations.model is 'Model.';
comment on column ai.calibrations.points is '[said, right] pairs, both rising; a straight line between two, level beyond the ends.';
comment on column ai.calibrations.cases is 'Measured on so many.';
comment on column ai.calibrations.error_before is 'Expected calibration error of what the model said.';
comment on column ai.calibrations.error_after is 'The same of mapped confidence, by cross-validation over families.';
comment on column ai.calibrations.eval_run is 'The measurement it was made from.';
comment on column ai.calibrations.created_at is 'When.';
comment on column ai.calibrations.created_by is 'By whom.';
comment on constraint calibrations_pkey on ai.calibrations is 'One map at a time.';
comment on constraint calibrations_eval_run_fkey on ai.calibrations is 'A map outlives the measurement it came from.';
comment on constraint calibrations_points_are_a_list on ai.calibrations is 'A list.';

create index calibrations_eval_run on ai.calibrations (eval_run);

comment on index ai.calibrations_eval_run is 'Serves the foreign key when a measurement is deleted.';
