-- Routes that people set by hand.

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
  'Routes that people set by hand, kept for ever. The row whose withdrawn_at is null applies in ai.rfq_status.route. ai.override_rfq and ai.withdraw_override write the rows.';
comment on column ai.overrides.override_id is 'Number of the override, in order.';
comment on column ai.overrides.rfq_id is 'The RFQ. There is no foreign key, since an override outlives its RFQ.';
comment on column ai.overrides.route is 'The route set by hand: a slug of ai.routes at that time.';
comment on column ai.overrides.actor is 'The person who decided.';
comment on column ai.overrides.reason is 'The reason that the person gave, if any.';
comment on column ai.overrides.created_at is 'When the person set the override.';
comment on column ai.overrides.ai_route is 'The model''s route at that time; null: the RFQ had no answer yet.';
comment on column ai.overrides.ai_confidence is 'The model''s confidence at that time.';
comment on column ai.overrides.ai_prompt_version is 'Prompt version of the model''s answer.';
comment on column ai.overrides.ai_model is 'Model that gave that answer.';
comment on column ai.overrides.content_sha256 is 'SHA-256 of the message that the person read.';
comment on column ai.overrides.withdrawn_at is 'When a person withdrew or replaced the override; null: the override applies.';
comment on column ai.overrides.withdrawn_by is 'Who withdrew the override.';
comment on column ai.overrides.withdrawn_reason is 'The reason that the person gave, if any.';
comment on constraint overrides_actor_is_named on ai.overrides is 'An override needs the name of a person.';
comment on constraint overrides_withdrawn_by_somebody on ai.overrides is 'A withdrawn override has a time and a name; a current override has neither.';
comment on index ai.overrides_one_stands_per_rfq is 'Used by ai.rfq_status. Of two overrides set at once, only one can apply.';
comment on index ai.overrides_rfq_id is 'Used by an RFQ''s timeline.';
