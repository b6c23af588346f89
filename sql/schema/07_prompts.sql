-- The prompts that workers send to models.

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
  'Prompt versions. A version never changes: add a new version instead. Policy active_prompt names the active version.';
comment on column ai.prompts.version is 'Name of the version, as in runs and RFQs: name@number.';
comment on column ai.prompts.name is 'Name of the prompt, without the number.';
comment on column ai.prompts.number is 'Number of the version under its name.';
comment on column ai.prompts.sha256 is 'SHA-256 of system, template and parameters. The same text is the same version.';
comment on column ai.prompts.system is 'System message; workers replace {{routes}} and {{canary}}.';
comment on column ai.prompts.template is 'User message; workers replace {{message}}, {{company}} and {{nonce}}.';
comment on column ai.prompts.parameters is 'Parameters of the call: sampling and limits.';
comment on column ai.prompts.created_at is 'When the version was added.';
comment on column ai.prompts.created_by is 'Who added the version.';
comment on column ai.prompts.note is 'What changed since the previous version.';
comment on constraint prompts_sha256_key on ai.prompts is 'Two versions never have the same text.';
comment on constraint prompts_version_is_name_and_number on ai.prompts is 'Version 7 of prompt rfq is named rfq@7.';
comment on constraint prompts_name_is_a_slug on ai.prompts is 'Lower case letters, digits, - and _.';
