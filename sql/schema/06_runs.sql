-- The audit trail: one row per attempt or gate decision, append-only, partitioned by time from the first day.

create sequence ai.rag_runs_run_id_seq as bigint;

comment on sequence ai.rag_runs_run_id_seq is 'Numbers the runs.';

create table ai.rag_runs (
  run_id               bigint not null default nextval('ai.rag_runs_run_id_seq'),
  created_at           timestamptz not null default clock_timestamp(),
  rfq_id               uuid not null,
  claim_id             bigint,
  worker               integer,
  attempt              smallint not null,
  confidence           real,
  input_tokens         integer,
  cached_input_tokens  integer,
  output_tokens        integer,
  reasoning_tokens     integer,
  queue_ms             real,
  latency_ms           real,
  request_id           text,
  status               text not null,
  reason               text,
  error_class          text,
  error_detail         text,
  provider             text,
  model                text,
  service_tier         text,
  parameters           jsonb,
  prompt_version       text,
  prompt_sha256        bytea,
  content_sha256       bytea,
  cost_usd             numeric(14, 9),
  cost_source          text,
  provider_request_id  text,
  email_hash           text,
  context_refs         jsonb,
  output               jsonb,
  booked_usd           numeric(14, 9),
  admitted_at          timestamptz,
  reused_from          bigint,
  signals              jsonb,
  -- So that figures need no look at the application's table, which may change or go.
  submitted_at         timestamptz,
  submit_ms            real,
  end_status           text,
  constraint rag_runs_pkey primary key (created_at, run_id),
  constraint rag_runs_status_is_known check (status in ('succeeded', 'failed', 'skipped', 'deferred', 'lost', 'superseded')),
  constraint rag_runs_reason_is_a_word check (reason ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint rag_runs_error_class_is_a_word check (error_class ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint rag_runs_error_detail_is_short check (char_length(error_detail) <= 500),
  constraint rag_runs_service_tier_is_a_word check (service_tier ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint rag_runs_cost_source_is_known check (cost_source in ('table', 'genai-prices', 'assumed', 'free', 'unknown', 'corrected')),
  constraint rag_runs_cost_is_not_negative check (cost_usd >= 0),
  constraint rag_runs_booking_is_not_negative check (booked_usd >= 0),
  constraint rag_runs_end_status_is_known check (end_status in ('done', 'skipped', 'failed'))
) partition by range (created_at);
alter sequence ai.rag_runs_run_id_seq owned by ai.rag_runs.run_id;
create index rag_runs_rfq_id on ai.rag_runs (rfq_id);
create index rag_runs_request_id on ai.rag_runs (request_id);
create index rag_runs_email_hash on ai.rag_runs (email_hash) where email_hash is not null;
create index rag_runs_outages on ai.rag_runs (created_at)
  where error_class in ('timeout', 'connection', 'provider_5xx', 'bad_request');

create index rag_runs_unpriced on ai.rag_runs (model, created_at)
  where cost_usd is null and booked_usd > 0 and cost_source is distinct from 'corrected';

comment on table ai.rag_runs is 'One row per attempt or gate decision: the audit trail and the cost ledger. Append-only; weekly partitions.';
comment on column ai.rag_runs.run_id is 'Number of the run.';
comment on column ai.rag_runs.created_at is 'When it was recorded, by the database''s clock; the partition key.';
comment on column ai.rag_runs.rfq_id is 'The RFQ; no foreign key, since a run outlives its RFQ.';
comment on column ai.rag_runs.claim_id is 'The claim under which it ran: at most one run that is not lost per claim.';
comment on column ai.rag_runs.worker is 'Number of the worker.';
comment on column ai.rag_runs.attempt is 'Attempt it was.';
comment on column ai.rag_runs.confidence is 'Of the answer, 0 to 1.';
comment on column ai.rag_runs.input_tokens is 'Billed input, cached ones included.';
comment on column ai.rag_runs.cached_input_tokens is 'Of them read from the provider''s cache.';
comment on column ai.rag_runs.output_tokens is 'Billed output, reasoning included.';
comment on column ai.rag_runs.reasoning_tokens is 'Of the output, what the model thought and did not write.';
comment on column ai.rag_runs.queue_ms is 'From due to claimed, milliseconds.';
comment on column ai.rag_runs.latency_ms is 'From claimed to decided, milliseconds: gates, call, checks.';
comment on column ai.rag_runs.request_id is 'The RFQ''s request_id, for tracing.';
comment on column ai.rag_runs.status is
  'succeeded (accepted), failed, skipped (a gate), deferred, lost (its worker died or lost the lease: the outcome is unknown), superseded (an answer that came too late or for an older text).';
comment on column ai.rag_runs.reason is 'A code: which gate, why deferred, why superseded.';
comment on column ai.rag_runs.error_class is 'A code: what went wrong.';
comment on column ai.rag_runs.error_detail is
  'What failed, in words: the validator''s, the provider''s (keys and contact data masked), or the SQLSTATE and constraint of a write that was refused. May quote an answer: guarded and erased as output is.';
comment on column ai.rag_runs.provider is 'Who answered.';
comment on column ai.rag_runs.model is 'With which model.';
comment on column ai.rag_runs.service_tier is 'Which service tier answered, as the provider says, and by whose price it is billed; null: it does not say.';
comment on column ai.rag_runs.parameters is
  'What the last call was made with: the optional parameters that were sent, and its limit of output tokens; null: none.';
comment on column ai.rag_runs.prompt_version is 'With which prompt.';
comment on column ai.rag_runs.prompt_sha256 is 'Hash of that prompt with its schema, routes and parameters.';
comment on column ai.rag_runs.content_sha256 is 'Hash of the RFQ''s message as it was claimed.';
comment on column ai.rag_runs.cost_usd is 'US dollars; null is unknown, which is not zero.';
comment on column ai.rag_runs.cost_source is
  'Where the price comes from: table, genai-prices, free (zero by the table, or nothing was billed), assumed (twice the normal tier''s, or all that was held), unknown; corrected: it was unknown, and booked_usd is by the price that was set later.';
comment on column ai.rag_runs.provider_request_id is 'The provider''s id for the call.';
comment on column ai.rag_runs.email_hash is 'Keyed HMAC of the sender''s address.';
comment on column ai.rag_runs.context_refs is 'Documents that went into the prompt: ids and scores.';
comment on column ai.rag_runs.output is 'The answer as checked.';
comment on column ai.rag_runs.booked_usd is
  'What the budgets were charged: the cost, the held amount where the bill is unknown, the assumed one where the price is, until the price is set; null: nothing was held.';
comment on column ai.rag_runs.admitted_at is 'When the call was admitted: it counts in the budget windows of that moment.';
comment on column ai.rag_runs.reused_from is 'The run whose answer was copied, for an exact duplicate.';
comment on column ai.rag_runs.signals is 'What a gate decided by: names, words of the shipped lists among them, and weights; no text of anybody''s.';
comment on column ai.rag_runs.submitted_at is 'created_at of the RFQ; null where it is older than the installation (backfilled): its age says nothing of us.';
comment on column ai.rag_runs.submit_ms is 'From the RFQ''s created_at to the trigger''s clock, milliseconds; on the RFQ''s first run only.';
comment on column ai.rag_runs.end_status is 'The RFQ''s status where this run finished it for the first time: each RFQ counts once, whatever is rerun later.';
comment on constraint rag_runs_pkey on ai.rag_runs is 'Rising keys: an insert touches the right-hand page, whatever the table''s size.';
comment on constraint rag_runs_status_is_known on ai.rag_runs is 'A closed set.';
comment on constraint rag_runs_reason_is_a_word on ai.rag_runs is 'A code, never a message: no text of a customer or provider gets in here.';
comment on constraint rag_runs_error_class_is_a_word on ai.rag_runs is 'A code, never a message.';
comment on constraint rag_runs_error_detail_is_short on ai.rag_runs is 'A provider may say whatever it likes: it takes no room.';
comment on constraint rag_runs_service_tier_is_a_word on ai.rag_runs is 'A code, never a message.';
comment on constraint rag_runs_cost_source_is_known on ai.rag_runs is 'A closed set.';
comment on constraint rag_runs_cost_is_not_negative on ai.rag_runs is 'Nobody pays us.';
comment on constraint rag_runs_booking_is_not_negative on ai.rag_runs is 'Nobody pays us.';
comment on constraint rag_runs_end_status_is_known on ai.rag_runs is 'A closed set.';
comment on index ai.rag_runs_email_hash is 'Serves the search for a sender by the hash that logs show; empty without a pepper.';
comment on index ai.rag_runs_rfq_id is 'Serves an RFQ''s timeline and the fence against recording a claim twice.';
comment on index ai.rag_runs_request_id is 'Serves tracing by request_id.';
comment on index ai.rag_runs_unpriced is 'Serves ai.correct_assumed: what was booked at an assumed price. Empty where all prices are known.';
comment on index ai.rag_runs_outages is
  'Serves the breaker: what failed lately, while the fleet waits, however many runs there are.';

create table ai.rag_runs_default partition of ai.rag_runs default;

comment on table ai.rag_runs_default is 'Takes a run whose week has no partition yet, so that a finish never fails for want of one.';
