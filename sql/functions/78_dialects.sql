-- How models have to be asked: learnt by one process, known to the next.

create or replace function ai.learn_dialect(
  p_provider text, p_server text, p_model text, p_mode text, p_tokens_field text, p_temperature boolean)
returns void
language sql volatile security definer  -- workers touch tables through functions only
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.model_dialects as d (provider, server, model, mode, tokens_field, temperature)
  values (p_provider, p_server, p_model, p_mode, p_tokens_field, p_temperature)
  on conflict (provider, server, model) do update
  set mode = excluded.mode, tokens_field = excluded.tokens_field, temperature = excluded.temperature,
      learnt_at = excluded.learnt_at;
$$;
comment on function ai.learn_dialect(text, text, text, text, text, boolean) is
  'Keeps how a model has to be asked, in place of what was known before.';

create or replace function ai.known_dialects(p_provider text, p_server text)
returns table (model text, mode text, tokens_field text, temperature boolean)
language sql stable security definer  -- as ai.learn_dialect
set search_path = pg_catalog, pg_temp
as $$
  select d.model, d.mode, d.tokens_field, d.temperature
  from ai.model_dialects d
  where d.provider = p_provider and d.server = p_server and d.learnt_at > now() - interval '7 days';
$$;
comment on function ai.known_dialects(text, text) is 'How the models of one server have to be asked, as far as that was learnt within the last week.';
