-- Which words go to the model.

create table ai.prompts (
  version    text primary key,
  name       text not null,
  number     integer not null,
  sha256     bytea not null unique,
  system     text not null,
  template   text not null,
  parameters jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  note       text,
  constraint prompts_version_is_name_and_number check (version = name || '@' || number and number > 0),
  constraint prompts_name_is_a_slug check (name ~ '^[a-z][a-z0-9_-]{0,39}$')
);

comment on table ai.prompts is
  'Prompts, never changed once added: to change a word, add a version. The policy active_prompt names the active one.';
comment on column ai.prompts.version is 'What runs and RFQs name: name@number.';
comment on column ai.prompts.name is 'Name.';
comment on column ai.prompts.number is 'Rises with each version of the name.';
comment on column ai.prompts.sha256 is 'Hash of system, template and parameters: the same words are the same version.';
comment on column ai.prompts.system is 'What the model reads; {{routes}} and {{canary}} are filled in.';
comment on column ai.prompts.template is 'How an RFQ is put to it; {{message}}, {{company}} and {{nonce}} are filled in.';
comment on column ai.prompts.parameters is 'Sampling and limits.';
comment on column ai.prompts.created_at is 'When it was added.';
comment on column ai.prompts.created_by is 'By whom.';
comment on column ai.prompts.note is 'Changes against the version before.';
comment on constraint prompts_sha256_key on ai.prompts is 'The same words are never two versions.';
comment on constraint prompts_version_is_name_and_number on ai.prompts is 'rfq@7 is number 7 of rfq.';
comment on constraint prompts_name_is_a_slug on ai.prompts is 'Lower case, digits, - and _.';
