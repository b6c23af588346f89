-- Draft replies, which ask a customer for what an RFQ does not state. rfqflow never sends them.

create table ai.drafts (
  rfq_id     uuid primary key,
  language   text not null,
  subject    text not null,
  body       text not null,
  source     text not null,
  asks       text[] not null default '{}',
  why        text,
  model      text,
  revision   bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_by text not null,
  updated_at timestamptz not null default clock_timestamp(),
  asked_by   text,
  asked_at   timestamptz,
  constraint drafts_source_is_known check (source in ('template', 'model', 'person')),
  constraint drafts_language_is_a_code check (language ~ '^[a-z]{2,3}$'),
  constraint drafts_why_is_a_code check (why ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint drafts_fit_a_mail check (length(subject) <= 200 and length(body) between 1 and 8000),
  constraint drafts_are_asked_by_somebody check ((asked_by is null) = (asked_at is null))
);
create index drafts_updated_at on ai.drafts (updated_at);

comment on table ai.drafts is
  'Drafts of replies that ask for missing details, at most one per RFQ. ai.save_draft and ai.finish_draft write the rows. Contains personal data. ai.erase_person deletes a draft, and maintenance deletes it policy draft_days after its last change.';
comment on column ai.drafts.rfq_id is 'The RFQ. There is no foreign key, so that this table never blocks the application.';
comment on column ai.drafts.language is 'Language of the draft.';
comment on column ai.drafts.subject is 'Subject of the e-mail.';
comment on column ai.drafts.body is 'Text of the reply.';
comment on column ai.drafts.source is 'template, model, or person (a person has changed it).';
comment on column ai.drafts.asks is 'Fields that were missing when the draft was made, with the item numbers after a colon.';
comment on column ai.drafts.why is 'Code: why the draft comes from a template or is shorter than requested; null: the draft is as requested.';
comment on column ai.drafts.model is 'Model that wrote the draft; null: no model did.';
comment on column ai.drafts.revision is 'A number that increases with each change.';
comment on column ai.drafts.created_at is 'When the first draft for this RFQ was made.';
comment on column ai.drafts.updated_by is 'Who last made or changed the draft.';
comment on column ai.drafts.updated_at is 'When the last change was made.';
comment on column ai.drafts.asked_by is 'Who recorded that the draft was sent to the customer.';
comment on column ai.drafts.asked_at is 'When a person recorded that the draft was sent; null: not recorded.';
comment on constraint drafts_source_is_known on ai.drafts is 'One of the allowed values.';
comment on constraint drafts_language_is_a_code on ai.drafts is 'An ISO 639 code.';
comment on constraint drafts_why_is_a_code on ai.drafts is 'A code, never a message.';
comment on constraint drafts_fit_a_mail on ai.drafts is 'Limits the length of subject and body.';
comment on constraint drafts_are_asked_by_somebody on ai.drafts is 'asked_by and asked_at are both set, or both null.';
comment on index ai.drafts_updated_at is 'Used by ai.prune_drafts.';

create table ai.draft_requests (
  request          bigint generated always as identity primary key,
  rfq_id           uuid not null,
  language         text,
  draft_revision   bigint not null,
  requested_at     timestamptz not null default clock_timestamp(),
  requested_by     text not null,
  takes            smallint not null default 0,
  claim_id         bigint,
  lease_expires_at timestamptz,
  ended_at         timestamptz,
  outcome          text,
  model            text,
  cost_usd         numeric(14, 9),
  latency_ms       real,
  constraint draft_requests_language_is_a_code check (language ~ '^[a-z]{2,3}$'),
  constraint draft_requests_are_held_with_a_lease check ((claim_id is null) = (lease_expires_at is null)),
  constraint draft_requests_end_has_an_outcome check ((ended_at is null) = (outcome is null)),
  constraint draft_requests_outcome_is_a_code check (outcome ~ '^[a-z][a-z0-9_]{0,39}$')
);
create unique index draft_requests_one_per_rfq on ai.draft_requests (rfq_id) where ended_at is null;
create index draft_requests_waiting on ai.draft_requests (request) where ended_at is null;
create index draft_requests_rfq_id on ai.draft_requests (rfq_id, request);

comment on table ai.draft_requests is
  'Requests by people for drafts from a model. A worker with a model claims a request, within the budget of scope draft. Contains no text.';
comment on column ai.draft_requests.request is 'Number of the request.';
comment on column ai.draft_requests.rfq_id is 'The RFQ. There is no foreign key, as in ai.drafts.';
comment on column ai.draft_requests.language is 'Requested language; null: the language of the customer.';
comment on column ai.draft_requests.draft_revision is 'Revision of ai.drafts at the time of the request; 0: there was no draft. If a person has changed the draft meanwhile, the new draft does not replace it.';
comment on column ai.draft_requests.requested_at is 'When the person made the request.';
comment on column ai.draft_requests.requested_by is 'Who made the request.';
comment on column ai.draft_requests.takes is 'How many workers have claimed the request. After three workers that ended before they finished, it is given up.';
comment on column ai.draft_requests.claim_id is 'The claim of the worker that writes the draft; null: the request waits.';
comment on column ai.draft_requests.lease_expires_at is 'When another worker may claim the request.';
comment on column ai.draft_requests.ended_at is 'When the request ended; null: it waits or runs.';
comment on column ai.draft_requests.outcome is 'written, or a code for why the model wrote no draft.';
comment on column ai.draft_requests.model is 'Model that was asked; null: no model was asked.';
comment on column ai.draft_requests.cost_usd is 'Cost of the call; null: unknown, or no call. ai.eval_calls has the booked amount.';
comment on column ai.draft_requests.latency_ms is 'Duration of the call.';
comment on constraint draft_requests_language_is_a_code on ai.draft_requests is 'An ISO 639 code.';
comment on constraint draft_requests_are_held_with_a_lease on ai.draft_requests is 'A claimed request has a lease, so that no worker holds it for ever.';
comment on constraint draft_requests_end_has_an_outcome on ai.draft_requests is 'An ended request has an outcome.';
comment on constraint draft_requests_outcome_is_a_code on ai.draft_requests is 'A code, never a message.';
comment on index ai.draft_requests_one_per_rfq is 'An RFQ has at most one request at a time, even after two clicks.';
comment on index ai.draft_requests_waiting is 'Used by each worker''s heartbeat and claim.';
comment on index ai.draft_requests_rfq_id is 'Used to find an RFQ''s latest request.';
