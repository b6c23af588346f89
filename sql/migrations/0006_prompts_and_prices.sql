-- Which words go to the model, and what its tokens cost.

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
  'Prompts, never changed once added: whoever changes a word adds a version. The policy active_prompt names the one in force.';
comment on column ai.prompts.version is 'What runs and RFQs name: name@number.';
comment on column ai.prompts.name is 'Name.';
comment on column ai.prompts.number is 'Rises with each version of the name.';
comment on column ai.prompts.sha256 is 'Hash of system, template and parameters: the same words are the same version.';
comment on column ai.prompts.system is 'What the model is told; {{routes}} and {{canary}} are filled in.';
comment on column ai.prompts.template is 'How an RFQ is put to it; {{message}}, {{company}} and {{nonce}} are filled in.';
comment on column ai.prompts.parameters is 'Sampling and limits.';
comment on column ai.prompts.created_at is 'When it was added.';
comment on column ai.prompts.created_by is 'By whom.';
comment on column ai.prompts.note is 'What is new in it.';
comment on constraint prompts_sha256_key on ai.prompts is 'The same words are never two versions.';
comment on constraint prompts_version_is_name_and_number on ai.prompts is 'rfq@7 is number 7 of rfq.';
comment on constraint prompts_name_is_a_slug on ai.prompts is 'Lower case, digits, - and _.';

create table ai.model_prices (
  provider                     text not null,
  model                        text not null,
  valid_from                   timestamptz not null default clock_timestamp(),
  input_usd_per_million        numeric(14, 6) not null,
  cached_input_usd_per_million numeric(14, 6),
  output_usd_per_million       numeric(14, 6) not null,
  note                         text,
  constraint model_prices_pkey primary key (provider, model, valid_from),
  constraint model_prices_are_not_negative check (
    input_usd_per_million >= 0 and output_usd_per_million >= 0 and coalesce(cached_input_usd_per_million, 0) >= 0)
);

comment on table ai.model_prices is
  'What tokens cost, by the operator''s own contract: wins over any price list. A model of your own at no cost is a row of zeros. Workers follow within a second.';
comment on column ai.model_prices.provider is 'As ai.rag_runs.provider.';
comment on column ai.model_prices.model is 'As ai.rag_runs.model.';
comment on column ai.model_prices.valid_from is 'From when on; the latest one that has begun counts.';
comment on column ai.model_prices.input_usd_per_million is 'US dollars per million input tokens.';
comment on column ai.model_prices.cached_input_usd_per_million is 'US dollars per million input tokens read from the cache; null: as other input.';
comment on column ai.model_prices.output_usd_per_million is 'US dollars per million output tokens, reasoning included.';
comment on column ai.model_prices.note is 'Where the price is from.';
comment on constraint model_prices_pkey on ai.model_prices is 'One price at a time.';
comment on constraint model_prices_are_not_negative on ai.model_prices is 'Nobody pays us.';

insert into ai.policy (key, value, default_value, kind, unit, minimum, maximum, choices, description) values
  ('active_prompt', '""', '""', 'string', null, null, null, null,
   'Version in ai.prompts that the next claim is asked with; empty until a worker has registered the shipped one');
