-- Capabilities of models. One worker learns them, and all workers read them.

create or replace function ai.learn_model_capabilities(
  p_provider text, p_server text, p_model text, p_mode text, p_tokens_field text, p_rejected text[])
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.model_capabilities as m (provider, server, model, mode, tokens_field, rejected)
  values (p_provider, p_server, p_model, p_mode, p_tokens_field, p_rejected)
  on conflict (provider, server, model) do update
  set mode = excluded.mode, tokens_field = excluded.tokens_field, rejected = excluded.rejected, learnt_at = excluded.learnt_at;
$$;
comment on function ai.learn_model_capabilities(text, text, text, text, text, text[]) is
  'Stores how to call a model, and replaces what was stored before.';

create or replace function ai.known_model_capabilities(p_provider text, p_server text)
returns table (model text, mode text, tokens_field text, rejected text[])
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select m.model, m.mode, m.tokens_field, m.rejected
  from ai.model_capabilities m
  where m.provider = p_provider and m.server = p_server and m.learnt_at > now() - interval '7 days';
$$;
comment on function ai.known_model_capabilities(text, text) is 'How to call the models of one server, as learnt within the last week.';
