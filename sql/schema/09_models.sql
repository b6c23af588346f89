-- Prices, parameters and capabilities of models, and the limits that all workers share.

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
  'Prices of tokens from your own contract. They take precedence over any price list. For a model on your own server, set 0. Workers apply a change within a second. After a new price, by ai.set_price or by SQL, rfqflow corrects assumed costs, and wakes RFQs deferred as unknown_price.';
comment on column ai.model_prices.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.model_prices.model is 'Same values as ai.rag_runs.model.';
comment on column ai.model_prices.service_tier is
  'Service tier, as in ai.rag_runs.service_tier. A tier without a row uses the price of default; priority, fast and performance use twice that price.';
comment on column ai.model_prices.valid_from is 'When the price starts to apply. Of the prices that have started, the latest applies.';
comment on column ai.model_prices.input_usd_per_million is 'US dollars per million input tokens.';
comment on column ai.model_prices.cached_input_usd_per_million is 'US dollars per million input tokens read from the cache; null: the same as other input.';
comment on column ai.model_prices.output_usd_per_million is 'US dollars per million output tokens, including reasoning tokens.';
comment on column ai.model_prices.note is 'A note about the source of the price.';
comment on column ai.model_prices.set_at is 'When the row was last written.';
comment on column ai.model_prices.set_by is 'Who wrote the row: the setting rfqflow.actor, else the session''s role.';
comment on column ai.model_prices.corrected_at is
  'When ai.follow_prices stopped to search for calls booked at an assumed price. Some calls end after the price is set, so the search takes a while. Null: the search continues.';
comment on constraint model_prices_pkey on ai.model_prices is 'One price per model, tier and start time.';
comment on constraint model_prices_name_a_model on ai.model_prices is 'A price belongs to one model, under the same name as in runs.';
comment on constraint model_prices_service_tier_is_a_word on ai.model_prices is 'A code, as the provider''s responses name it.';
comment on constraint model_prices_are_not_negative on ai.model_prices is 'A price cannot be negative.';

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
  'How to call each model, which workers learn from what its server rejects. All workers use a new row within a second, and for a week. Delete a row to make workers learn it again.';
comment on column ai.model_capabilities.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.model_capabilities.server is 'Start of the SHA-256 of the base URL. The URL itself stays in the environment of the workers.';
comment on column ai.model_capabilities.model is 'Same values as ai.rag_runs.model.';
comment on column ai.model_capabilities.mode is 'The strictest form of structured output that the server accepts.';
comment on column ai.model_capabilities.tokens_field is 'The server''s name of the parameter that limits output tokens.';
comment on column ai.model_capabilities.rejected is 'Optional parameters that the server rejects, such as temperature, in addition to the parameters that the model''s name excludes. Also an API that the server lacks: responses or chat_completions.';
comment on column ai.model_capabilities.learnt_at is 'When a worker learnt the row. A week later, workers try the strictest form again, since servers improve.';
comment on constraint model_capabilities_pkey on ai.model_capabilities is 'One row per model and server.';
comment on constraint model_capabilities_mode_is_known on ai.model_capabilities is 'One of the allowed values.';
comment on constraint model_capabilities_tokens_field_is_known on ai.model_capabilities is 'One of the allowed values.';

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
  'Parameters that the operator sets for calls to a model. Model * covers the whole provider; a column of a model''s own row takes precedence over it. The parameters of the prompt take precedence over both. Null: the default of the model''s family applies. Workers do not send a parameter that the model or its server rejects. They apply a change within a second.';
comment on column ai.model_parameters.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.model_parameters.model is 'Same values as ai.rag_runs.model, or * for the whole provider.';
comment on column ai.model_parameters.reasoning_effort is 'How much a reasoning model reasons, which is billed as output: none, minimal, low, medium, high, xhigh or max.';
comment on column ai.model_parameters.verbosity is 'How much the model writes: low, medium or high.';
comment on column ai.model_parameters.service_tier is
  'Tier that serves and bills the calls: default, flex (half the price, slower), priority (more expensive, faster), or another tier of the server.';
comment on column ai.model_parameters.prompt_cache_key is 'Groups calls whose prompts begin with the same text, so that one cache serves them. For OpenAI, keep below about 15 calls per minute and key.';
comment on column ai.model_parameters.temperature is 'Sampling temperature, from 0 to 2.';
comment on column ai.model_parameters.top_p is 'Nucleus sampling parameter: above 0, and at most 1.';
comment on column ai.model_parameters.seed is 'Seed for repeatable answers, if the server supports a seed.';
comment on column ai.model_parameters.max_output_tokens is 'Most tokens of an answer, including reasoning tokens.';
comment on column ai.model_parameters.max_output_tokens_retry is 'The same limit for a second call, after a truncated answer.';
comment on column ai.model_parameters.deadline_seconds is 'Seconds that one attempt may take.';
comment on column ai.model_parameters.note is 'A note about the reason for the values.';
comment on constraint model_parameters_pkey on ai.model_parameters is 'One row per model.';
comment on constraint model_parameters_name_a_model on ai.model_parameters is 'A row names a provider and a model, such as openai and gpt-5-mini, or openai and *.';
comment on constraint model_parameters_reasoning_effort_is_known on ai.model_parameters is 'none, minimal, low, medium, high, xhigh or max.';
comment on constraint model_parameters_verbosity_is_known on ai.model_parameters is 'low, medium or high.';
comment on constraint model_parameters_service_tier_is_known on ai.model_parameters is
  'auto, default, flex, priority or scale (OpenAI), standard_only (Anthropic), on_demand or performance (Groq). With any other value, a provider rejects every call.';
comment on constraint model_parameters_prompt_cache_key_is_plain on ai.model_parameters is 'At most 64 letters, digits, dots, colons, hyphens and underscores.';
comment on constraint model_parameters_temperature_is_0_to_2 on ai.model_parameters is 'Temperature must be from 0 to 2.';
comment on constraint model_parameters_top_p_is_above_0_to_1 on ai.model_parameters is 'top_p must be above 0, and at most 1.';
comment on constraint model_parameters_tokens_are_1_to_1000000 on ai.model_parameters is 'A limit of tokens must be from 1 to 1000000.';
comment on constraint model_parameters_deadline_is_1_to_3600_seconds on ai.model_parameters is 'A deadline must be from 1 to 3600 seconds: no provider takes longer than an hour for one call.';

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
  'Limits that all workers share for calls to a model; model * covers the whole provider. Change them by SQL; a change applies from the next call.';
comment on column ai.model_limits.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.model_limits.model is 'Same values as ai.rag_runs.model, or * for the whole provider.';
comment on column ai.model_limits.most_in_flight is 'Most calls in flight; null: no limit.';
comment on column ai.model_limits.requests_per_minute is 'Most calls per minute; null: no limit.';
comment on column ai.model_limits.tokens_per_minute is 'Most tokens per minute, input and output together; null: no limit.';
comment on column ai.model_limits.request_burst is 'Most calls at once after a quiet period; null: a tenth of requests_per_minute.';
comment on column ai.model_limits.token_burst is 'Most tokens at once after a quiet period; null: tokens_per_minute.';
comment on column ai.model_limits.note is 'A note about the source of the limit.';
comment on constraint model_limits_pkey on ai.model_limits is 'One row per model.';
comment on constraint model_limits_are_positive on ai.model_limits is 'A limit of zero would stop the model: use ai.open_breaker for that.';
