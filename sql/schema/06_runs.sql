-- The audit trail: one row per attempt or gate decision, append-only, in weekly partitions.

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
  -- Copied here so that figures do not need the application's table, whose rows may change or be deleted.
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
create index rag_runs_error_class on ai.rag_runs (error_class, rfq_id) where error_class is not null;
create index rag_runs_outages on ai.rag_runs (created_at)
  where error_class in ('timeout', 'connection', 'provider_5xx', 'bad_request');

create index rag_runs_unpriced on ai.rag_runs (model, created_at)
  where cost_usd is null and booked_usd > 0 and cost_source is distinct from 'corrected';

comment on table ai.rag_runs is 'Audit trail and cost ledger: one row per attempt or gate decision. Append-only, in weekly partitions.';
comment on column ai.rag_runs.run_id is 'Number of the run.';
comment on column ai.rag_runs.created_at is 'When the run was recorded, by the database''s clock. Partition key.';
comment on column ai.rag_runs.rfq_id is 'The RFQ. There is no foreign key, since a run outlives its RFQ.';
comment on column ai.rag_runs.claim_id is 'The claim of this run. A claim has at most one run that is not lost.';
comment on column ai.rag_runs.worker is 'Id of the worker.';
comment on column ai.rag_runs.attempt is 'Number of the attempt.';
comment on column ai.rag_runs.confidence is 'Confidence of the answer, from 0 to 1.';
comment on column ai.rag_runs.input_tokens is 'Billed input tokens, including cached tokens.';
comment on column ai.rag_runs.cached_input_tokens is 'Input tokens read from the provider''s cache.';
comment on column ai.rag_runs.output_tokens is 'Billed output tokens, including reasoning tokens.';
comment on column ai.rag_runs.reasoning_tokens is 'Output tokens that the model used for reasoning.';
comment on column ai.rag_runs.queue_ms is 'Milliseconds from the time when the RFQ became due to the claim.';
comment on column ai.rag_runs.latency_ms is 'Milliseconds from the claim to the result, including gates, call and checks.';
comment on column ai.rag_runs.request_id is 'The RFQ''s request_id, for tracing.';
comment on column ai.rag_runs.status is
  'succeeded (accepted answer), failed, skipped (by a gate), deferred, lost (the worker died or lost its lease; the outcome is unknown), or superseded (an answer that came too late or is about an older text).';
comment on column ai.rag_runs.reason is 'Code: which gate skipped the RFQ, or why the run was deferred or superseded.';
comment on column ai.rag_runs.error_class is 'Code of the error.';
comment on column ai.rag_runs.error_detail is
  'Error text of the validator or the provider (keys and contact data masked), or SQLSTATE and constraint of a refused write. It may quote an answer, so the same access rights and erasure apply as for output.';
comment on column ai.rag_runs.provider is 'Provider that was called.';
comment on column ai.rag_runs.model is 'Model that was called.';
comment on column ai.rag_runs.service_tier is 'Service tier that the provider reports; its price applies. Null: the provider reports none.';
comment on column ai.rag_runs.parameters is
  'Optional parameters sent with the last call, including its limit of output tokens. Null: none.';
comment on column ai.rag_runs.prompt_version is 'Prompt version of the call.';
comment on column ai.rag_runs.prompt_sha256 is 'SHA-256 of the prompt with its schema, routes and parameters.';
comment on column ai.rag_runs.content_sha256 is 'SHA-256 of the RFQ''s message at the time of the claim.';
comment on column ai.rag_runs.cost_usd is 'Cost in US dollars; null: unknown, not zero.';
comment on column ai.rag_runs.cost_source is
  'Source of the price: table, genai-prices, free (a price of zero, or nothing billed), assumed (twice the normal tier''s price, or the whole hold), or unknown. corrected: the price was set later, and booked_usd was changed to that price.';
comment on column ai.rag_runs.provider_request_id is 'The provider''s id of the call.';
comment on column ai.rag_runs.email_hash is 'Keyed HMAC of the sender''s address.';
comment on column ai.rag_runs.context_refs is 'Documents in the prompt: ids and scores.';
comment on column ai.rag_runs.output is 'The checked answer.';
comment on column ai.rag_runs.booked_usd is
  'Amount charged to the budgets: the cost, the hold if the cost is unknown, or an assumed cost until a price is set. Null: the run had no hold.';
comment on column ai.rag_runs.admitted_at is 'When the call was admitted. Its cost counts in the budget windows of that time.';
comment on column ai.rag_runs.reused_from is 'The run whose answer was copied to this exact duplicate.';
comment on column ai.rag_runs.signals is 'The signals behind a gate''s decision: names and weights, which may be words of rfqflow''s own lists. It contains no text of a customer.';
comment on column ai.rag_runs.submitted_at is 'created_at of the RFQ. Null for backfilled RFQs, whose age does not measure rfqflow''s speed.';
comment on column ai.rag_runs.submit_ms is 'Milliseconds from the RFQ''s created_at to the time when the trigger enqueued it; only on the RFQ''s first run.';
comment on column ai.rag_runs.end_status is 'Final status of the RFQ, only on the run that finished it first. So each RFQ counts once in figures.';
comment on constraint rag_runs_pkey on ai.rag_runs is 'Keys increase, so an insert touches only the right-hand page of the index.';
comment on constraint rag_runs_status_is_known on ai.rag_runs is 'One of the allowed values.';
comment on constraint rag_runs_reason_is_a_word on ai.rag_runs is 'A code, never a message: it contains no text of a customer or provider.';
comment on constraint rag_runs_error_class_is_a_word on ai.rag_runs is 'A code, never a message.';
comment on constraint rag_runs_error_detail_is_short on ai.rag_runs is 'Limits the length, since a provider''s error text may be long.';
comment on constraint rag_runs_service_tier_is_a_word on ai.rag_runs is 'A code, never a message.';
comment on constraint rag_runs_cost_source_is_known on ai.rag_runs is 'One of the allowed values.';
comment on constraint rag_runs_cost_is_not_negative on ai.rag_runs is 'A cost cannot be negative.';
comment on constraint rag_runs_booking_is_not_negative on ai.rag_runs is 'An amount cannot be negative.';
comment on constraint rag_runs_end_status_is_known on ai.rag_runs is 'One of the allowed values.';
comment on index ai.rag_runs_email_hash is 'Used to find a sender by the hash that logs show. Empty if no pepper (RFQFLOW_PII_PEPPER) is set.';
comment on index ai.rag_runs_rfq_id is 'Used by the timeline of an RFQ, and to refuse a second run of one claim.';
comment on index ai.rag_runs_request_id is 'Used to trace a request by request_id.';
comment on index ai.rag_runs_error_class is 'Used by the console''s list of RFQs by error. It contains only failed runs.';
comment on index ai.rag_runs_unpriced is 'Used by ai.correct_assumed to find runs booked at an assumed price. Empty if all prices are known.';
comment on index ai.rag_runs_outages is
  'Used by the breaker to find recent failures quickly among any number of runs.';

create table ai.rag_runs_default partition of ai.rag_runs default;

comment on table ai.rag_runs_default is 'Stores runs of a week that has no partition, so that a finish never fails for lack of a partition.';
