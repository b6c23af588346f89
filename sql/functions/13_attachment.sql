-- Checks that rfqflow is still attached to the application's table, which other roles may rename, replace or change.

create or replace function ai.attachment()
returns table (state text, table_name text, detail text)
language plpgsql stable security definer  -- workers have no rights on the table's schema
set search_path = pg_catalog, pg_temp
as $$
declare
  v_mapping constant ai.table_mapping := (select m from ai.table_mapping m where m.one);
  v_relation regclass;
  v_seen regclass;
  v_wanted constant text[] := array['rfqflow_enqueue', 'rfqflow_enqueue_edited'] || case v_mapping.ai_columns
    when 'table' then array['rfqflow_guard_insert', 'rfqflow_guard_update'] else array['rfqflow_forget'] end
    || case when v_mapping.id_is_unique then '{}' else array['rfqflow_register'] end;
begin
  table_name := v_mapping.table_name;
  if v_mapping.state = 'detached' then
    state := 'detached';
    return next;
    return;
  end if;
  v_relation := to_regclass(v_mapping.table_name);
  -- The view follows the table itself, even after a rename.
  select d.refobjid::regclass into v_seen
  from pg_rewrite w
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
  join pg_class c on c.oid = d.refobjid
  where w.ev_class = to_regclass('ai.rfqs') and c.relkind in ('r', 'p') and c.relnamespace <> 'ai'::regnamespace
  order by d.refobjid = v_relation desc limit 1;
  if v_relation is null then
    state := 'no_table';
    detail := v_seen::text;
  elsif v_seen is distinct from v_relation then
    state := 'other_table';
    detail := v_seen::text;
  else
    select case when count(*) < cardinality(v_wanted) then 'triggers_missing'
        when bool_or(t.tgenabled in ('D', 'R')) then 'triggers_disabled' else 'attached' end,
      case when count(*) < cardinality(v_wanted) then array_to_string(array(
          select w from unnest(v_wanted) w where w <> all (array_agg(t.tgname::text)) order by 1), ', ')
        else string_agg(t.tgname, ', ' order by t.tgname) filter (where t.tgenabled in ('D', 'R')) end
    into state, detail
    from pg_trigger t
    where t.tgrelid = v_relation and t.tgname = any (v_wanted);
  end if;
  return next;
end
$$;
comment on function ai.attachment() is
  'State of rfqflow on the application''s table: attached, detached, no_table, other_table, triggers_missing or triggers_disabled. other_table: another table has the name now, and detail names the table with rfqflow''s triggers. For triggers_missing and triggers_disabled, detail names the triggers. rfqflow migrate corrects every state except triggers_disabled.';

create or replace function ai.note_attachment()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_found record;
begin
  select a.state, a.table_name into v_found from ai.attachment() a;
  update ai.table_mapping m set state = v_found.state, state_since = clock_timestamp()
  where m.one and m.state <> v_found.state and m.state <> 'detached';
  if not found then
    return 0;
  end if;
  insert into ai.events (kind, scope, reason)
  values (case v_found.state when 'attached' then 'table_attached' else 'table_lost' end, v_found.table_name, v_found.state);
  return 1;
end
$$;
comment on function ai.note_attachment() is
  'Checks whether rfqflow is still attached, and records a change in ai.table_mapping and ai.events. A maintenance step calls this function. Returns 1 if the state changed, else 0.';

create or replace function ai.file_triggers()
returns table (state text, table_name text, detail text)
language plpgsql stable security definer  -- workers have no rights on the table's schema
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation regclass;
  v_wanted constant text[] := array['rfqflow_file_came', 'rfqflow_file_changed'];
begin
  select m.attachments ->> 'table' into table_name from ai.table_mapping m where m.one and m.state <> 'detached';
  if table_name is null then
    return;
  end if;
  v_relation := to_regclass(table_name);
  select case when v_relation is null then 'no_table' when count(*) < cardinality(v_wanted) then 'triggers_missing'
      when bool_or(t.tgenabled in ('D', 'R')) then 'triggers_disabled' else 'attached' end,
    case when count(*) < cardinality(v_wanted) then array_to_string(array(
        select w from unnest(v_wanted) w where w <> all (coalesce(array_agg(t.tgname::text), '{}')) order by 1), ', ')
      else string_agg(t.tgname, ', ' order by t.tgname) filter (where t.tgenabled in ('D', 'R')) end
  into state, detail
  from pg_trigger t
  where t.tgrelid = v_relation and t.tgname = any (v_wanted);
  return next;
end
$$;
comment on function ai.file_triggers() is
  'State of rfqflow''s triggers on the table of attachments: attached, no_table, triggers_missing or triggers_disabled (detail names the triggers). No row if the mapping names no such table, or if rfqflow is detached.';
