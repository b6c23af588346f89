-- What people decide against or with the model.

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
