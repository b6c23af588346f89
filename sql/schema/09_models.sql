-- What a model costs, what its server takes, and what all workers together may ask of it.

create table ai.model_prices (
  provider                     text not null,
  model                        text not null,
  service_tier                 text not null default 'default',
  valid_from                   timestamptz not null default clock_timestamp(),
  input_usd_per_million        numeric(14, 6) not null,
  cached_input_usd_per_million numeric(14, 6),
  output_usd_per_million       numeric(14, 6) not null,
  note                         text,
  set_at                       timestamptz not null default clock_timestamp(),
  set_by                       text not null default session_user,
  corrected_at                 timestamptz,
  constraint model_prices_pkey primary key (provider, model, service_tier, valid_from),
  constraint model_prices_name_a_model check (provider ~ '^[a-z][a-z0-9_-]*$' and model <> '' and model <> '*'),
  constraint model_prices_service_tier_is_a_word check (service_tier ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint model_prices_are_not_negative check (
    input_usd_per_million >= 0 and output_usd_per_million >= 0 and coalesce(cached_input_usd_per_million, 0) >= 0)
);

comment on table ai.model_prices is
  'What tokens cost, by the operator''s own contract: wins over any price list. A model of your own at no cost is a row of zeros. Workers follow within a second; what was booked at an assumed price is corrected, and who waited is woken, be it set by ai.set_price or by plain SQL.';
comment on column ai.model_prices.provider is 'As ai.rag_runs.provider.';
comment on column ai.model_prices.model is 'As ai.rag_runs.model.';
comment on column ai.model_prices.service_tier is
  'As ai.rag_runs.service_tier, of the tier that answered. Where a tier has no row, the one of default counts; for priority, fast and performance twice that.';
comment on column ai.model_prices.valid_from is 'From when on; the latest one that has begun counts.';
comment on column ai.model_prices.input_usd_per_million is 'US dollars per million input tokens.';
comment on column ai.model_prices.cached_input_usd_per_million is 'US dollars per million input tokens read from the cache; null: as other input.';
comment on column ai.model_prices.output_usd_per_million is 'US dollars per million output tokens, reasoning included.';
comment on column ai.model_prices.note is 'Where the price is from.';
comment on column ai.model_prices.set_at is 'When the row was written last.';
comment on column ai.model_prices.set_by is 'By whom: the setting rfqflow.actor, else the session''s role.';
comment on column ai.model_prices.corrected_at is
  'Until then ai.follow_prices looks for calls that were booked at an assumed price: some end after a price is set. Null: it goes on.';
comment on constraint model_prices_pkey on ai.model_prices is 'One price at a time.';
comment on constraint model_prices_name_a_model on ai.model_prices is 'A price is that of one model, under the name that runs have.';
comment on constraint model_prices_service_tier_is_a_word on ai.model_prices is 'A code, as replies say it.';
comment on constraint model_prices_are_not_negative on ai.model_prices is 'Nobody pays us.';

create table ai.model_capabilities (
  provider     text not null,
  server       text not null,
  model        text not null,
  mode         text not null,
  tokens_field text not null,
  rejected     text[] not null,
  learnt_at    timestamptz not null default clock_timestamp(),
  constraint model_capabilities_pkey primary key (provider, server, model),
  constraint model_capabilities_mode_is_known check (mode in ('json_schema_strict', 'json_schema', 'json_object', 'prompted')),
  constraint model_capabilities_tokens_field_is_known check (tokens_field in ('max_tokens', 'max_completion_tokens'))
);

comment on table ai.model_capabilities is
  'How a model has to be asked, learnt from what its server rejected. All daemons follow within a second, for a week; if you delete a row, workers learn it again.';
comment on column ai.model_capabilities.provider is 'As ai.rag_runs.provider.';
comment on column ai.model_capabilities.server is 'Beginning of the SHA-256 of the base URL, which itself stays in the daemon''s environment.';
comment on column ai.model_capabilities.model is 'As ai.rag_runs.model.';
comment on column ai.model_capabilities.mode is 'The firmest way of asking for the answer''s shape that it takes.';
comment on column ai.model_capabilities.tokens_field is 'What it calls the limit of output tokens.';
comment on column ai.model_capabilities.rejected is 'The optional parameters that its server rejects, such as temperature, apart from those that rfqflow knows of by the model''s name; and the API that it has not, responses or chat_completions.';
comment on column ai.model_capabilities.learnt_at is 'When; a week later the best is tried again, since servers get better.';
comment on constraint model_capabilities_pkey on ai.model_capabilities is 'One row per model and server.';
comment on constraint model_capabilities_mode_is_known on ai.model_capabilities is 'A closed set.';
comment on constraint model_capabilities_tokens_field_is_known on ai.model_capabilities is 'A closed set.';

create table ai.model_parameters (
  provider                text not null,
  model                   text not null,
  reasoning_effort        text,
  verbosity               text,
  service_tier            text,
  prompt_cache_key        text,
  temperature             double precision,
  top_p                   double precision,
  seed                    integer,
  max_output_tokens       integer,
  max_output_tokens_retry integer,
  deadline_seconds        double precision,
  note                    text,
  constraint model_parameters_pkey primary key (provider, model),
  constraint model_parameters_name_a_model check (provider ~ '^[a-z][a-z0-9_-]*$' and model <> ''),
  constraint model_parameters_reasoning_effort_is_known check (
    reasoning_effort in ('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
  constraint model_parameters_verbosity_is_known check (verbosity in ('low', 'medium', 'high')),
  constraint model_parameters_service_tier_is_known check (
    service_tier in ('auto', 'default', 'flex', 'priority', 'scale', 'standard_only', 'on_demand', 'performance')),
  constraint model_parameters_prompt_cache_key_is_plain check (prompt_cache_key ~ '^[A-Za-z0-9._:-]{1,64}$'),
  constraint model_parameters_temperature_is_0_to_2 check (temperature between 0 and 2),
  constraint model_parameters_top_p_is_above_0_to_1 check (top_p > 0 and top_p <= 1),
  constraint model_parameters_tokens_are_1_to_1000000 check (
    coalesce(max_output_tokens, 1) between 1 and 1000000 and coalesce(max_output_tokens_retry, 1) between 1 and 1000000),
  constraint model_parameters_deadline_is_1_to_3600_seconds check (deadline_seconds between 1 and 3600)
);

comment on table ai.model_parameters is
  'What the calls to a model are made with, by the operator; model * is the whole provider, and a row of the model itself wins, column by column. What the prompt''s own parameters say wins over both; null: what suits the model''s family. What the model is known to reject, or its server has rejected, is not sent. Workers follow within a second.';
comment on column ai.model_parameters.provider is 'As ai.rag_runs.provider.';
comment on column ai.model_parameters.model is 'As ai.rag_runs.model, or * for all of the provider''s.';
comment on column ai.model_parameters.reasoning_effort is 'How long a reasoning model thinks, which is billed as output: none, minimal, low, medium, high, xhigh or max.';
comment on column ai.model_parameters.verbosity is 'How much it writes: low, medium or high.';
comment on column ai.model_parameters.service_tier is
  'How the provider serves and bills its calls: default, flex (half the price, slower), priority (more expensive, faster), or another that the server has.';
comment on column ai.model_parameters.prompt_cache_key is 'Groups calls that share a beginning, so that one cache serves them; for OpenAI below some 15 calls a minute and key.';
comment on column ai.model_parameters.temperature is '0 to 2.';
comment on column ai.model_parameters.top_p is 'Above 0, to 1.';
comment on column ai.model_parameters.seed is 'For answers that can be repeated, where the server has it.';
comment on column ai.model_parameters.max_output_tokens is 'Most tokens of an answer, reasoning included.';
comment on column ai.model_parameters.max_output_tokens_retry is 'The same for a second call, after an answer that was cut off.';
comment on column ai.model_parameters.deadline_seconds is 'Seconds that one attempt may take.';
comment on column ai.model_parameters.note is 'Why.';
comment on constraint model_parameters_pkey on ai.model_parameters is 'One row per model.';
comment on constraint model_parameters_name_a_model on ai.model_parameters is 'Of whom they are: openai and gpt-5-mini, or openai and *.';
comment on constraint model_parameters_reasoning_effort_is_known on ai.model_parameters is 'none, minimal, low, medium, high, xhigh or max.';
comment on constraint model_parameters_verbosity_is_known on ai.model_parameters is 'low, medium or high.';
comment on constraint model_parameters_service_tier_is_known on ai.model_parameters is
  'auto, default, flex, priority or scale (OpenAI), standard_only (Anthropic), on_demand or performance (Groq): a misspelt one would be rejected with each call.';
comment on constraint model_parameters_prompt_cache_key_is_plain on ai.model_parameters is 'At most 64 letters, digits, dots, colons, hyphens and underscores.';
comment on constraint model_parameters_temperature_is_0_to_2 on ai.model_parameters is 'What some model takes.';
comment on constraint model_parameters_top_p_is_above_0_to_1 on ai.model_parameters is 'What some model takes.';
comment on constraint model_parameters_tokens_are_1_to_1000000 on ai.model_parameters is 'What some model takes.';
comment on constraint model_parameters_deadline_is_1_to_3600_seconds on ai.model_parameters is 'An hour is the most that a provider takes for one call.';

create table ai.model_limits (
  provider            text not null,
  model               text not null,
  most_in_flight      integer,
  requests_per_minute integer,
  tokens_per_minute   integer,
  request_burst       integer,
  token_burst         integer,
  note                text,
  constraint model_limits_pkey primary key (provider, model),
  constraint model_limits_are_positive check (
    coalesce(most_in_flight, 1) > 0 and coalesce(requests_per_minute, 1) > 0 and coalesce(tokens_per_minute, 1) > 0
    and coalesce(request_burst, 1) > 0 and coalesce(token_burst, 1) > 0)
);

comment on table ai.model_limits is
  'What all workers together may ask of a model; model * is the whole provider. Change it by plain SQL, it counts from the next call.';
comment on column ai.model_limits.provider is 'As ai.rag_runs.provider.';
comment on column ai.model_limits.model is 'As ai.rag_runs.model, or * for all of the provider''s.';
comment on column ai.model_limits.most_in_flight is 'Calls at once; null: no limit.';
comment on column ai.model_limits.requests_per_minute is 'Calls a minute; null: no limit.';
comment on column ai.model_limits.tokens_per_minute is 'Tokens a minute, input and output; null: no limit.';
comment on column ai.model_limits.request_burst is 'Calls that may come at once after a rest; null: a tenth of a minute''s.';
comment on column ai.model_limits.token_burst is 'Tokens that may be asked for at once after a rest; null: a minute''s.';
comment on column ai.model_limits.note is 'Where the limit is from.';
comment on constraint model_limits_pkey on ai.model_limits is 'One row per model.';
comment on constraint model_limits_are_positive on ai.model_limits is 'A limit of zero is a pause: see ai.open_breaker.';
