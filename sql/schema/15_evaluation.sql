-- Evaluation of answers: labelled cases, evaluation runs and calibrations.

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
  'Labelled RFQs that evaluations use. In cases from the application''s table, placeholders replace addresses, phone numbers and accounts.';
comment on column ai.eval_cases.case_id is 'Name of the case. Another import under the same name replaces the labels.';
comment on column ai.eval_cases.family is 'Cases that are near-copies share a family, and count as one case.';
comment on column ai.eval_cases.provenance is 'Origin of the case. file: imported. sample: drawn from RFQs and labelled by a person. override: from a person''s route. correction: only the fields that people corrected in an answer.';
comment on column ai.eval_cases.rfq_id is 'The RFQ that the case was made from.';
comment on column ai.eval_cases.override_id is 'The override that labelled the case.';
comment on column ai.eval_cases.message is 'The customer''s message; masked if it comes from this installation.';
comment on column ai.eval_cases.company is 'Company, as the model sees it.';
comment on column ai.eval_cases.contact is 'name, email, phone and source_ip of an imported case. For an RFQ of this installation, only whether each of them was given.';
comment on column ai.eval_cases.labels is 'The correct answer according to a person, in the format of rfqflow''s test corpus. Evaluations do not measure absent fields.';
comment on column ai.eval_cases.created_at is 'When the row was created.';
comment on column ai.eval_cases.created_by is 'Who created the row.';
comment on column ai.eval_cases.is_active is 'False: evaluations no longer use the case.';
comment on constraint eval_cases_provenance_is_known on ai.eval_cases is 'One of the allowed values.';
comment on constraint eval_cases_labels_are_an_object on ai.eval_cases is 'Labels must be a JSON object.';
comment on constraint eval_cases_override_id_key on ai.eval_cases is 'An override becomes only one case, even after several imports.';
comment on index ai.eval_cases_rfq_id is 'Used to erase cases made from an RFQ.';

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

comment on table ai.eval_runs is 'One row per evaluation of a prompt and a model on a set of cases.';
comment on column ai.eval_runs.eval_run is 'Number of the evaluation run, for `rfqflow eval compare` and `rfqflow eval gate`.';
comment on column ai.eval_runs.started_at is 'When the evaluation began.';
comment on column ai.eval_runs.finished_at is 'When all cases were answered. Null: the evaluation was interrupted; another start continues after the answers that it already has.';
comment on column ai.eval_runs.started_by is 'Who started the evaluation.';
comment on column ai.eval_runs.provider is 'Provider that was called.';
comment on column ai.eval_runs.model is 'Model that was called.';
comment on column ai.eval_runs.prompt_version is 'Prompt version of the call.';
comment on column ai.eval_runs.prompt_sha256 is 'SHA-256 of the prompt with its schema, routes and parameters.';
comment on column ai.eval_runs.source is 'Source of the cases: db, or the name of a file.';
comment on column ai.eval_runs.cases is 'Number of cases.';
comment on column ai.eval_runs.repeats is 'How often the evaluation asks the model about each case.';
comment on column ai.eval_runs.report is 'Figures of the evaluation.';
comment on constraint eval_runs_are_counts on ai.eval_runs is 'Counts cannot be negative.';
comment on constraint eval_runs_have_a_report_when_finished on ai.eval_runs is 'A finished evaluation has a report.';
comment on index ai.eval_runs_prompt_version is 'Used to find whether a prompt has been evaluated.';

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
  'Answers to cases. If text, prompt, parameters and model are the same, an evaluation copies an earlier answer instead of paying again.';
comment on column ai.eval_results.eval_run is 'The evaluation run.';
comment on column ai.eval_results.case_id is 'The case.';
comment on column ai.eval_results.repeat is 'Number of the repeat, from 1.';
comment on column ai.eval_results.case_sha256 is 'Hash of the parts of the case that the model saw, without the labels.';
comment on column ai.eval_results.prompt_sha256 is 'Hash of the prompt with its schema, routes and parameters.';
comment on column ai.eval_results.provider is 'Provider that was called.';
comment on column ai.eval_results.model is 'Model that was called.';
comment on column ai.eval_results.created_at is 'When the row was created.';
comment on column ai.eval_results.is_cached is 'True: the answer was copied from an earlier evaluation, at no cost.';
comment on column ai.eval_results.facts is 'The facts for scoring: the case''s labels at that time, its family and length, and the spam gate''s decision.';
comment on column ai.eval_results.answer is 'The answer, checked against the text of the case; null: the model gave no valid answer.';
comment on column ai.eval_results.error_class is 'Error class, if there is no answer.';
comment on column ai.eval_results.input_tokens is 'Billed input tokens.';
comment on column ai.eval_results.output_tokens is 'Billed output tokens.';
comment on column ai.eval_results.cached_input_tokens is 'Input tokens read from a cache.';
comment on column ai.eval_results.reasoning_tokens is 'Output tokens that the model used for reasoning.';
comment on column ai.eval_results.cost_usd is 'Cost of the original call; null: unknown.';
comment on column ai.eval_results.latency_ms is 'Duration of the original call.';
comment on constraint eval_results_pkey on ai.eval_results is 'An evaluation has one result per case and repeat.';
comment on constraint eval_results_eval_run_fkey on ai.eval_results is 'Results are deleted with their evaluation.';
comment on constraint eval_results_answer_or_error on ai.eval_results is 'A result has an answer or an error, not both.';
comment on constraint eval_results_error_class_is_a_word on ai.eval_results is 'A code, never a message.';
comment on index ai.eval_results_cache is 'Used to find an answer by its content.';

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
  'Booked cost of calls for evaluations, shadows and drafts. It is the ledger of the budget scopes evaluation and draft, as ai.rag_runs is the ledger of scope global.';
comment on column ai.eval_calls.claim_id is 'Claim id of the hold.';
comment on column ai.eval_calls.purpose is 'evaluation, shadow or draft; or lost: the call gave no result, and the whole hold counts as spent.';
comment on column ai.eval_calls.scope is 'Budget scope that the call counts for: evaluation (also for shadows) or draft.';
comment on column ai.eval_calls.provider is 'Provider that was called.';
comment on column ai.eval_calls.model is 'Model that was called.';
comment on column ai.eval_calls.admitted_at is 'When the call was admitted. Budget windows of that time count its cost.';
comment on column ai.eval_calls.settled_at is 'When the call ended.';
comment on column ai.eval_calls.booked_usd is 'Amount charged to the budgets.';
comment on column ai.eval_calls.error_class is 'Code of the error, if the call failed.';
comment on column ai.eval_calls.is_assumed is 'True: booked_usd is at an assumed price. Setting the price corrects the amount.';
comment on constraint eval_calls_purpose_is_known on ai.eval_calls is 'One of the allowed values.';
comment on constraint eval_calls_scope_is_known on ai.eval_calls is 'One of the allowed values.';
comment on index ai.eval_calls_admitted_at is 'Used to sum up budget windows.';

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
  'Evaluations that people without a model''s key requested in the console or by SQL. One worker of the fleet runs one evaluation at a time.';
comment on column ai.eval_requests.request is 'Number of the request.';
comment on column ai.eval_requests.prompt_version is 'Prompt version to evaluate, on all active cases.';
comment on column ai.eval_requests.model is 'Model to evaluate; null: the configured model of the worker that claims the request.';
comment on column ai.eval_requests.most_usd is 'Limit on the cost of the evaluation, summed over all workers that claim the request.';
comment on column ai.eval_requests.requested_at is 'When the person made the request.';
comment on column ai.eval_requests.requested_by is 'Who made the request.';
comment on column ai.eval_requests.takes is 'How many workers have claimed the request. After three workers that ended before they finished, it is given up.';
comment on column ai.eval_requests.claim_id is 'The claim of the worker that runs the evaluation; null: the request waits.';
comment on column ai.eval_requests.lease_expires_at is 'When another worker may claim the request, unless the present worker extends the lease.';
comment on column ai.eval_requests.eval_run is 'The evaluation run of the worker that claimed the request last.';
comment on column ai.eval_requests.cases is 'Number of answers needed.';
comment on column ai.eval_requests.answered is 'Number of answers so far.';
comment on column ai.eval_requests.spent_usd is 'Cost so far; copied answers cost nothing.';
comment on column ai.eval_requests.ended_at is 'When the request ended; null: it waits or runs.';
comment on column ai.eval_requests.ended_by is 'The person who cancelled the request, if any.';
comment on column ai.eval_requests.end_reason is 'finished, cancelled, or why the evaluation stopped early. Its answers stay, and the next evaluation uses them.';
comment on constraint eval_requests_prompt_version_fkey on ai.eval_requests is 'The prompt version must exist.';
comment on constraint eval_requests_eval_run_fkey on ai.eval_requests is 'A request stays when its evaluation run is deleted.';
comment on constraint eval_requests_most_usd_is_an_amount on ai.eval_requests is 'A limit in US dollars must be from 0 to 1000000.';
comment on constraint eval_requests_are_held_with_a_lease on ai.eval_requests is 'A claimed request has a lease, so that no worker holds it for ever.';
comment on constraint eval_requests_end_has_a_reason on ai.eval_requests is 'An ended request has a reason.';
comment on index ai.eval_requests_one_at_a_time is 'Only one evaluation runs at a time: two would share one budget.';
comment on index ai.eval_requests_prompt_version is 'Used to find the requests of a prompt.';
comment on index ai.eval_requests_eval_run is 'Used by the foreign key when an evaluation run is deleted.';

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
  'Calibration of confidence per prompt and model. Workers map the model''s confidence to the share of answers with that confidence that were correct. They apply a change within a second.';
comment on column ai.calibrations.prompt_version is 'Prompt version.';
comment on column ai.calibrations.model is 'Model.';
comment on column ai.calibrations.points is 'Pairs of [confidence, share correct], in rising order. Workers interpolate between two pairs. Below the first pair and above the last, they use the share of that pair.';
comment on column ai.calibrations.cases is 'Number of cases behind the calibration.';
comment on column ai.calibrations.error_before is 'Expected calibration error of the model''s confidence without the mapping.';
comment on column ai.calibrations.error_after is 'Expected calibration error with the mapping, by cross-validation over families.';
comment on column ai.calibrations.eval_run is 'The evaluation run from which the calibration was computed.';
comment on column ai.calibrations.created_at is 'When the row was created.';
comment on column ai.calibrations.created_by is 'Who created the row.';
comment on constraint calibrations_pkey on ai.calibrations is 'A prompt and a model have one calibration.';
comment on constraint calibrations_eval_run_fkey on ai.calibrations is 'A calibration stays when its evaluation run is deleted.';
comment on constraint calibrations_points_are_a_list on ai.calibrations is 'Points must be a JSON array.';

create index calibrations_eval_run on ai.calibrations (eval_run);

comment on index ai.calibrations_eval_run is 'Used by the foreign key when an evaluation run is deleted.';
