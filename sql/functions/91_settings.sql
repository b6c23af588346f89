-- Settings kept in tables: ai.setting_history records each change that people make.

create or replace function ai.log_setting()
returns trigger
language plpgsql volatile security definer  -- operators who change a setting have no rights on its history
set search_path = pg_catalog, pg_temp
as $$
declare
  -- The arguments of the trigger are the kind of setting, then the columns that make up its name. The history does not copy texts of
  -- documents, since a text must stay erasable.
  v_unsaid constant text[] := array['updated_at', 'runs_to', 'created_at', 'created_by', 'title', 'body', 'search', 'sha256', 'keys'];
  v_was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  v_is constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  v_old jsonb;
  v_new jsonb;
begin
  select jsonb_object_agg(e.key, e.value) into v_old
  from jsonb_each(v_was) e
  where e.value <> 'null' and e.key <> all (v_unsaid) and e.value is distinct from v_is -> e.key;
  select jsonb_object_agg(e.key, e.value) into v_new
  from jsonb_each(v_is) e
  where e.value <> 'null' and e.key <> all (v_unsaid) and e.value is distinct from v_was -> e.key;
  if num_nonnulls(v_old, v_new) > 0 then
    insert into ai.setting_history (setting, object, old, new, actor, reason)
    select tg_argv[0], string_agg(coalesce(v_is, v_was) ->> c.name, ' ' order by c.place), v_old, v_new,
      coalesce(nullif(current_setting('rfqflow.actor', true), ''), session_user::text),
      nullif(current_setting('rfqflow.reason', true), '')
    from unnest(tg_argv[1:]) with ordinality c (name, place);
  end if;
  return null;
end
$$;
comment on function ai.log_setting() is 'Trigger: records in ai.setting_history which row changed, how and by whom.';

create or replace trigger rfqflow_log_route after insert or update or delete on ai.routes
  for each row execute function ai.log_setting('route', 'slug');
comment on trigger rfqflow_log_route on ai.routes is 'Records each change.';
create or replace trigger rfqflow_log_limits after insert or update or delete on ai.model_limits
  for each row execute function ai.log_setting('limit', 'provider', 'model');
comment on trigger rfqflow_log_limits on ai.model_limits is 'Records each change.';
create or replace trigger rfqflow_log_parameters after insert or update or delete on ai.model_parameters
  for each row execute function ai.log_setting('parameter', 'provider', 'model');
comment on trigger rfqflow_log_parameters on ai.model_parameters is 'Records each change.';
create or replace trigger rfqflow_log_webhook after insert or update of name, kinds, format, is_active or delete on ai.webhooks
  for each row execute function ai.log_setting('webhook', 'name');
comment on trigger rfqflow_log_webhook on ai.webhooks is 'Records each change.';
create or replace trigger rfqflow_log_document after insert or update of is_active, kind, language, route or delete on ai.documents
  for each row execute function ai.log_setting('document', 'id');
comment on trigger rfqflow_log_document on ai.documents is 'Records each change except to its keys. The text of a document never changes.';

create or replace function ai.test_webhook(p_name text, p_actor text default null)
returns bigint
language plpgsql volatile security definer  -- operators have no rights on the queued messages
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id bigint;
begin
  insert into ai.webhook_outbox (webhook, event_key, kind)
  select w.name, 'test:' || gen_random_uuid(), 'test' from ai.webhooks w where w.name = p_name and w.is_active
  returning id into v_id;
  if not found then
    raise exception 'no active webhook %', p_name using errcode = 'RF004', hint = 'List them: select name, is_active from ai.webhooks';
  end if;
  perform ai.record_action(left(coalesce(nullif(p_actor, ''), session_user), 80), 'test_webhook', null,
    jsonb_build_object('webhook', p_name, 'message', v_id));
  return v_id;
end
$$;
comment on function ai.test_webhook(text, text) is
  'Queues a test message for a webhook, which workers send like any other message; ai.webhook_status shows the result. Returns the number of the message. Raises RF004 if there is no active webhook of that name.';
