-- Removes rfqflow from this database: psql -f sql/uninstall.sql, or rfqflow uninstall. It drops only objects that rfqflow created. The
-- application's table stays, with its answers. To drop the answers too, first run: set rfqflow.answers = 'drop'. A first transaction
-- detaches rfqflow, and a second one drops the rest.
\ir detach.sql

\set ON_ERROR_STOP on
begin isolation level read committed read write;
set local search_path = '';
set local standard_conforming_strings = on;
set local quote_all_identifiers = off;
set local statement_timeout = 0;
set local lock_timeout = '1s';

do $$
declare
  v_drops_answers constant boolean := coalesce(current_setting('rfqflow.answers', true), '') = 'drop';
  v_mapping constant jsonb := (select to_jsonb(m) from ai.table_mapping m);
  v_relation constant regclass := to_regclass(v_mapping ->> 'table_name');
  v_schema constant text := (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = v_relation);
  v_objects constant jsonb := (select jsonb_agg(o) from ai.rfqflow_object o);
  v_kept_in text;
  v_statements text[];
  v_one record;
  v_names text;
  v_tries integer := 0;
  v_has_files boolean := true;
begin
  if current_setting('rfqflow.force', true) is distinct from 'on' and exists (
    select from ai.workers w where w.beat_at > clock_timestamp() - interval '15 seconds')
  then
    raise exception '% daemon(s) use this database', (select count(*) from ai.workers w where w.beat_at > clock_timestamp() - interval '15 seconds')
      using errcode = 'RF006', hint = 'Stop the daemons first. To uninstall anyway: set rfqflow.force = ''on''.';
  end if;

  -- Answers in ai.enrichment move to the schema of the RFQs, so that a later installation finds the name free.
  if v_mapping ->> 'ai_columns' = 'enrichment' and not v_drops_answers and v_relation is not null and exists (select from ai.enrichment) then
    select format('%I.%I', v_schema, x.name), x.name into v_kept_in, v_names
    from (select 'rfqflow_answers' || case n when 1 then '' else '_' || n end as name, n from generate_series(1, 100) n) x
    where to_regclass(format('%I.%I', v_schema, x.name)) is null order by x.n limit 1;
  end if;

  -- Drops views first, then objects that depend on tables, then functions, and tables last. If an object of another tool depends on them,
  -- the uninstall stops with an error.
  select string_agg(o ->> 'identity', ', ') into v_names from jsonb_array_elements(v_objects) o
  where case when o ->> 'kind' = 'view' then to_regclass(o ->> 'identity') is not null end;
  if v_names is not null then
    execute 'drop view ' || v_names;
  end if;
  for v_one in
    select t.tgname, t.tgrelid::regclass as relation from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgparentid = 0 and not t.tgisinternal and p.pronamespace = 'ai'::regnamespace
      and exists (select from jsonb_array_elements(v_objects) o where case when o ->> 'kind' = 'function' then to_regprocedure(o ->> 'identity') = p.oid end)
  loop
    execute format('drop trigger %I on %s', v_one.tgname, v_one.relation);
  end loop;
  select string_agg(o ->> 'identity', ', ') into v_names from jsonb_array_elements(v_objects) o
  where case when o ->> 'kind' = 'function' then to_regprocedure(o ->> 'identity') is not null end;
  if v_names is not null then
    execute 'drop function ' || v_names;
  end if;
  if v_kept_in is not null then
    execute format('alter table ai.enrichment rename to %I', split_part(v_kept_in, '.', -1));
    execute format('alter table ai.%s set schema %I', split_part(v_kept_in, '.', -1), v_schema);
    execute format('comment on table %s is %L', v_kept_in, 'Answers of rfqflow, which has been uninstalled, to the RFQs of ' || (v_mapping ->> 'table_name') || '.');
  end if;
  select string_agg(o ->> 'identity', ', ') into v_names from jsonb_array_elements(v_objects) o
  where case when o ->> 'kind' = 'table' then to_regclass(o ->> 'identity') is not null end;
  execute 'drop table ' || v_names;
  for v_one in select o ->> 'identity' as name from jsonb_array_elements(v_objects) o where o ->> 'kind' = 'sequence' loop
    execute 'drop sequence if exists ' || v_one.name;
  end loop;

  if exists (select from jsonb_array_elements(v_objects) o where o ->> 'kind' = 'schema')
    and not exists (select from pg_depend d where d.refclassid = 'pg_namespace'::regclass and d.refobjid = 'ai'::regnamespace)
  then
    drop schema ai;
  else
    for v_one in select r.rolname from pg_roles r where r.rolname in ('rfqflow_worker', 'rfqflow_reader') loop
      execute format('revoke all on schema ai from %I', v_one.rolname);
    end loop;
  end if;

  -- Attachments stay, like the RFQs. If rfqflow created the table of attachments and it is empty, it is dropped.
  if (v_mapping -> 'attachments' ->> 'is_made')::boolean and to_regclass('public.rfq_attachments') is not null then
    execute 'select exists (select from public.rfq_attachments)' into v_has_files;
    if not v_has_files then
      execute 'drop table public.rfq_attachments';
    end if;
  end if;

  -- Changes the application's table last, since its lock lasts until the transaction ends.
  v_statements := array(
    select case when v_drops_answers then format('alter table %s drop column %I', v_relation, a.attname)
      else format('alter table %s alter column %I drop default', v_relation, a.attname) end
    from pg_attribute a
    where a.attrelid = v_relation and v_mapping ->> 'ai_columns' = 'table' and not a.attisdropped
      and a.attname in ('ai_status', 'ai_reason', 'ai_review', 'ai_summary', 'ai_tags', 'ai_route', 'ai_urgency', 'ai_confidence',
        'ai_extracted', 'ai_content_sha256', 'ai_prompt_version', 'ai_model', 'ai_updated_at')
      and (v_drops_answers or a.attname = 'ai_status')
    union all
    select format('drop index %s', i.indexrelid::regclass)
    from pg_index i
    where i.indrelid = v_relation and v_mapping ->> 'key_type' = 'number' and i.indpred is null
      and pg_get_expr(i.indexprs, i.indrelid) = format('(lpad(translate((%I)::text, ''-''::text, ''f''::text), 32, ''0''::text))::uuid', v_mapping -> 'columns' ->> 'id'));
  while cardinality(v_statements) > 0 loop
    begin
      perform set_config('lock_timeout', '50ms', true);
      execute format('lock table %s in access exclusive mode', v_relation);
      for v_one in select s.statement from unnest(v_statements) as s(statement) loop
        execute v_one.statement;
      end loop;
      exit;
    exception when lock_not_available then
      v_tries := v_tries + 1;
      if v_tries >= 600 then
        raise exception 'uninstall could not lock % within 50 ms in % attempts', v_relation, v_tries
          using errcode = 'lock_not_available', hint = 'Another transaction holds a lock on it: see pg_stat_activity, then uninstall again.';
      end if;
      perform pg_sleep(0.05 + 0.15 * random());
    end;
  end loop;
  perform set_config('rfqflow.uninstalled', jsonb_build_object('table', (v_mapping ->> 'table_name'), 'answers', case
    when v_drops_answers then null
    when v_mapping ->> 'ai_columns' = 'table' then (v_mapping ->> 'table_name')
    else v_kept_in end)::text, false);
end
$$;
commit;

-- Roles belong to the cluster: a role stays if it has rights in another database, or other rights.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['rfqflow_worker', 'rfqflow_reader'] loop
    begin
      execute format('drop role if exists %I', v_role);
    exception when dependent_objects_still_exist or insufficient_privilege then
      raise notice 'role % was not dropped: it has rights elsewhere, or only another role may drop it', v_role;
    end;
  end loop;
end
$$;
