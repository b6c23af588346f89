-- Draft replies: what asks a customer for what an RFQ does not say. Nothing is ever sent from here.

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
  'The draft of a reply to an RFQ, one at most, that asks for what is missing. Written by ai.save_draft and ai.finish_draft. Holds personal data, goes with ai.erase_person, and policy draft_days after its last change.';
comment on column ai.drafts.rfq_id is 'The RFQ; no foreign key, so that nothing here can hinder the application.';
comment on column ai.drafts.language is 'What it is written in.';
comment on column ai.drafts.subject is 'Subject of the e-mail.';
comment on column ai.drafts.body is 'Its text.';
comment on column ai.drafts.source is 'template, model, or person: a person has changed it.';
comment on column ai.drafts.asks is 'What it asked for when it was made: fields, with the items'' numbers behind a colon.';
comment on column ai.drafts.why is 'Why it is not what was asked for, as a code; null: it is.';
comment on column ai.drafts.model is 'Which model wrote it, where one did.';
comment on column ai.drafts.revision is 'Rises with each change.';
comment on column ai.drafts.created_at is 'When the first one was made.';
comment on column ai.drafts.updated_by is 'Who made or changed it last.';
comment on column ai.drafts.updated_at is 'When.';
comment on column ai.drafts.asked_by is 'Who says that the customer was asked.';
comment on column ai.drafts.asked_at is 'When; null: not yet.';
comment on constraint drafts_source_is_known on ai.drafts is 'A closed set.';
comment on constraint drafts_language_is_a_code on ai.drafts is 'As ISO 639 has it.';
comment on constraint drafts_why_is_a_code on ai.drafts is 'A code, never a message.';
comment on constraint drafts_fit_a_mail on ai.drafts is 'Nobody writes longer ones.';
comment on constraint drafts_are_asked_by_somebody on ai.drafts is 'A name and a time, or neither.';
comment on index ai.drafts_updated_at is 'Serves ai.prune_drafts.';

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
  'Drafts that a person asked a model for; a worker with a model takes them up, in the budget of scope draft. Holds no text.';
comment on column ai.draft_requests.request is 'Number.';
comment on column ai.draft_requests.rfq_id is 'The RFQ; no foreign key, as in ai.drafts.';
comment on column ai.draft_requests.language is 'Which language it is to be in; null: the customer''s.';
comment on column ai.draft_requests.draft_revision is 'Revision of ai.drafts that was there; 0: none. What a person has changed since is not replaced.';
comment on column ai.draft_requests.requested_at is 'When.';
comment on column ai.draft_requests.requested_by is 'By whom.';
comment on column ai.draft_requests.takes is 'How many workers have taken it up: one that ends three is given up.';
comment on column ai.draft_requests.claim_id is 'Fence of the worker that is at it; null: it waits.';
comment on column ai.draft_requests.lease_expires_at is 'When another may take it over.';
comment on column ai.draft_requests.ended_at is 'When it ended; null: it waits or runs.';
comment on column ai.draft_requests.outcome is 'written, or why the model''s draft is not there, as a code.';
comment on column ai.draft_requests.model is 'Which model was asked; null: none.';
comment on column ai.draft_requests.cost_usd is 'What that cost; null is unknown, or none was asked. ai.eval_calls has what was booked.';
comment on column ai.draft_requests.latency_ms is 'How long it took.';
comment on constraint draft_requests_language_is_a_code on ai.draft_requests is 'As ISO 639 has it.';
comment on constraint draft_requests_are_held_with_a_lease on ai.draft_requests is 'Nobody holds it for ever.';
comment on constraint draft_requests_end_has_an_outcome on ai.draft_requests is 'Nothing ends without one.';
comment on constraint draft_requests_outcome_is_a_code on ai.draft_requests is 'A code, never a message.';
comment on index ai.draft_requests_one_per_rfq is 'Two clicks ask once.';
comment on index ai.draft_requests_waiting is 'Serves each worker''s beat and claim.';
comment on index ai.draft_requests_rfq_id is 'Serves an RFQ''s latest request.';
